"""Where delivery sends the records of each dataset group of a configuration."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from gateway.delivery.destination import Destination
from gateway.personalize.call import Endpoint

if TYPE_CHECKING:
    from gateway.config import DatasetGroup
    from gateway.dataset_group import DatasetGroupFacts


def destinations(
    groups: Mapping[str, "DatasetGroup"],
    facts: Mapping[str, "DatasetGroupFacts"] = MappingProxyType({}),
) -> dict[str, Destination]:
    """Return where the records of each dataset group go.

    Args:
        groups: the dataset groups of the configuration, by name.
        facts: what is known of each, merged; one that is left out is known by configuration alone.
    """
    return {
        name: Destination(
            Endpoint(group.region, group.endpoint_url, group.role_arn),
            facts.get(name) or group.facts(name),
            group.quota_share,
        )
        for name, group in groups.items()
    }
