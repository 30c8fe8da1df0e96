"""The parts of a configuration that are well-formed, each by itself."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from gateway.config.dataset_group import DatasetGroup
from gateway.config.delivery import Delivery
from gateway.config.identity import Identity
from gateway.config.model import Config
from gateway.config.problems import Path
from gateway.config.route import Route
from gateway.config.server import Server

Place = Callable[[Path], str]
"""Names another place of the file in a message."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a configuration that are well-formed, each by itself.

    Attributes:
        server: None where it is malformed; likewise `delivery`.
        identity: likewise.
        dataset_groups: None for one that is malformed.
        routes: by their index in the file.
    """

    server: Server | None
    identity: Identity | None
    delivery: Delivery | None
    dataset_groups: Mapping[str, DatasetGroup | None]
    routes: Mapping[int, Route]


def parts_of(config: Config) -> Parts:
    """Return the parts of a configuration that is well-formed throughout."""
    return Parts(
        config.server,
        config.identity,
        config.delivery,
        config.dataset_groups,
        dict(enumerate(config.routes)),
    )


def well_formed(
    groups: Mapping[str, DatasetGroup | None],
) -> Iterator[tuple[str, DatasetGroup]]:
    """Yield those that are well-formed, by name."""
    return ((name, group) for name, group in groups.items() if group is not None)
