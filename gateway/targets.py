"""What is known of where records go: whether anything takes them, and what their columns are."""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.dataset_group import ACTIVE, UNKNOWN, DatasetGroupFacts
from gateway.dataset_schema import DatasetSchema
from gateway.records import Kind
from gateway.routing.errors import RoutingError
from gateway.validation.expected_columns import ExpectedColumns
from gateway.validation.fast_pass import FastPass


class KindNotAvailable(RoutingError):
    """Expected error: a dataset group has no dataset, or no tracking ID, for a kind.

    Attributes:
        dataset_group: which.
        kind: what was to be sent.
    """

    def __init__(self, dataset_group: str, kind: Kind) -> None:
        what = "event tracker" if kind is Kind.EVENTS else f"dataset for {kind}"
        super().__init__(
            f"dataset group {dataset_group!r} has no {what} in Personalize: create it, or send"
            " elsewhere"
        )
        self.dataset_group = dataset_group
        self.kind = kind


class EventsNotTaken(RoutingError):
    """Expected error: the event tracker is not ACTIVE, and the route takes no events until it is.

    Attributes:
        dataset_group: whose tracker.
    """

    def __init__(self, dataset_group: str) -> None:
        super().__init__(
            f"the event tracker of dataset group {dataset_group!r} is not ACTIVE, and the route"
            " refuses events until it is: send them later"
        )
        self.dataset_group = dataset_group


@dataclass(frozen=True, slots=True)
class Target:
    """What is known of what takes the records of a kind in a dataset group.

    Attributes:
        exists: whether there is anything that takes them; true while that is not known.
        is_active: whether it takes them now: false for a tracker that is not ACTIVE.
        expected: the columns of the dataset; None where they are not known.
    """

    exists: bool = True
    is_active: bool = True
    expected: ExpectedColumns | None = None

    @property
    def schema(self) -> DatasetSchema | None:
        """The schema of the dataset; of equal schemas the same object."""
        return None if self.expected is None else self.expected.schema


_UNKNOWN = Target()


class Targets:
    """The targets of all dataset groups, compiled once from what is known of them.

    Args:
        facts: by the short name of the dataset group; of one that is not here nothing is known.
    """

    def __init__(self, facts: Mapping[str, DatasetGroupFacts]) -> None:
        schemas: dict[DatasetSchema, DatasetSchema] = {}
        self._targets = {
            (group, kind): _target(known, kind, schemas)
            for group, known in facts.items()
            for kind in Kind
        }
        self._fast_passes = {
            key: FastPass(key[1], target.expected)
            for key, target in self._targets.items()
            if target.expected is not None
        }
        self._fast_passes_of_unknown = {kind: FastPass(kind) for kind in Kind}

    def target(self, dataset_group: str, kind: Kind) -> Target:
        """Return what is known of what takes a kind."""
        return self._targets.get((dataset_group, kind), _UNKNOWN)

    def fast_pass(self, dataset_group: str, kind: Kind) -> FastPass:
        """Return what encodes ordinary records of a kind for a dataset group."""
        found = self._fast_passes.get((dataset_group, kind))
        return self._fast_passes_of_unknown[kind] if found is None else found


def _target(
    known: DatasetGroupFacts, kind: Kind, schemas: dict[DatasetSchema, DatasetSchema]
) -> Target:
    schema = known.schema(kind)
    return Target(
        exists=known.takes(kind) is not False,
        is_active=kind is not Kind.EVENTS or known.status(kind) in {ACTIVE, UNKNOWN},
        expected=ExpectedColumns(kind, schemas.setdefault(schema, schema)) if schema else None,
    )
