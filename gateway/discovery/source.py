"""The dataset groups of the configuration, as discovery needs to know them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.dataset_group import DatasetGroupFacts
from gateway.personalize.call import Endpoint

if TYPE_CHECKING:
    from gateway.config import DatasetGroup


@dataclass(frozen=True, slots=True)
class Source:
    """A dataset group, and where AWS is asked of it.

    Attributes:
        configured: what the configuration states by hand.
        endpoint: of the control plane, and as whom.
        discover: whether AWS is asked at all.
    """

    configured: DatasetGroupFacts
    endpoint: Endpoint
    discover: bool = True

    @property
    def name(self) -> str:
        """Its name in the configuration."""
        return self.configured.name

    @property
    def arn(self) -> str:
        """The ARN of the dataset group."""
        return self.configured.arn

    def asks_as(self, other: "Source") -> bool:
        """Tell whether what was answered to another is an answer to this one, too."""
        return (self.name, self.arn, self.endpoint) == (other.name, other.arn, other.endpoint)


def sources(groups: Mapping[str, "DatasetGroup"]) -> Sequence[Source]:
    """Return the dataset groups of a configuration."""
    return [
        Source(
            group.facts(name),
            Endpoint(group.region, group.control_url, group.role_arn),
            group.discover,
        )
        for name, group in groups.items()
    ]
