"""What the configuration states of a dataset group by hand, and what AWS tells: put together."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from gateway.dataset_group import DatasetGroupFacts
from gateway.records import Kind

_KEYS: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.EVENTS: "tracking_id",
        Kind.ACTION_INTERACTIONS: "action_interactions_tracking_id",
        Kind.ITEMS: "datasets.items",
        Kind.USERS: "datasets.users",
        Kind.ACTIONS: "datasets.actions",
    }
)
"""The key below a dataset group that states the target of a kind by hand."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Something that is configured by hand, and that AWS tells otherwise.

    Attributes:
        key: the key of the configuration (`datasets.items`), below the dataset group.
        configured: what it states, and what counts.
        discovered: what AWS tells; empty where it tells of none.
    """

    key: str
    configured: str
    discovered: str


def merged(
    configured: DatasetGroupFacts, discovered: DatasetGroupFacts | None
) -> tuple[DatasetGroupFacts, tuple[Disagreement, ...]]:
    """Put together what the configuration states by hand and what AWS tells; the former wins.

    Where both name the same, AWS's word on it (name, status, schema) is kept.

    Args:
        configured: what the configuration states.
        discovered: what AWS tells; None where that is not known.

    Returns:
        The facts that count, and where the two disagree.
    """
    if discovered is None:
        return configured, ()
    overruled = [
        kind for kind in Kind if configured.target(kind) not in (None, discovered.target(kind))
    ]
    datasets = dict(discovered.datasets)
    datasets |= {kind: configured.datasets[kind] for kind in overruled if kind is not Kind.EVENTS}
    facts = replace(
        discovered,
        name=configured.name,
        tracker=configured.tracker if Kind.EVENTS in overruled else discovered.tracker,
        datasets=MappingProxyType(datasets),
    )
    # What AWS withholds is no word against the configuration.
    told = [kind for kind in overruled if discovered.takes(kind) is not None]
    return facts, tuple(_disagreement(kind, configured, discovered) for kind in told)


def _disagreement(
    kind: Kind, configured: DatasetGroupFacts, discovered: DatasetGroupFacts
) -> Disagreement:
    return Disagreement(_KEYS[kind], configured.target(kind) or "", discovered.target(kind) or "")
