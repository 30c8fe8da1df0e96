"""What is known of a dataset group: its event tracker, its datasets and their schemas.

Facts come from two sides: what the configuration states by hand, and what AWS tells. Nothing here
asks anybody.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Self

from gateway.dataset_schema import DatasetSchema, SchemaUnreadable
from gateway.records import Kind

ACTIVE = "ACTIVE"
"""AWS's word for what may be used."""

UNKNOWN = ""
"""The status of what is configured by hand and was not discovered."""

_PASSING = frozenset(
    {"CREATE PENDING", "CREATE IN_PROGRESS", "DELETE PENDING", "DELETE IN_PROGRESS"}
)


@dataclass(frozen=True, slots=True)
class TrackerFacts:
    """An event tracker.

    Attributes:
        name: as its creator chose; empty where only the tracking ID is known, by configuration.
        arn: likewise.
        tracking_id: what PutEvents names.
        status: AWS's own word (`CREATE PENDING`), or `UNKNOWN`.
    """

    name: str
    arn: str
    tracking_id: str
    status: str


@dataclass(frozen=True, slots=True)
class DatasetFacts:
    """A dataset.

    Attributes:
        arn: empty where only the tracking ID is known, by configuration.
        status: AWS's own word, or `UNKNOWN`.
        schema_arn: empty where it is not known.
        schema: what its records look like; None where that is not known, or cannot be read.
        schema_json: the same as AWS has it, in Avro; empty where it is not known.
        tracking_id: of a dataset of action interactions, what PutActionInteractions names; of the
            others empty.
    """

    arn: str = ""
    status: str = UNKNOWN
    schema_arn: str = ""
    schema: DatasetSchema | None = field(default=None, compare=False)
    schema_json: str = field(default="", repr=False)
    tracking_id: str = ""


@dataclass(frozen=True, slots=True)
class DatasetGroupFacts:
    """A dataset group.

    Attributes:
        name: the short name by which configuration and callers know it.
        tracker: its event tracker; None where it has none, or none is known.
        datasets: by the kind of record that they take; the Interactions dataset is under events.
        refreshed_at_s: when AWS told so last, in seconds since the epoch; None for what is known
            by configuration alone. Facts that differ in it alone are equal.
        tracker_withheld: whether AWS does not let the gateway ask for trackers: then there may be
            one, though none is known.
        datasets_withheld: likewise of all datasets.
    """

    name: str
    arn: str
    tracker: TrackerFacts | None = None
    datasets: Mapping[Kind, DatasetFacts] = field(default_factory=lambda: MappingProxyType({}))
    refreshed_at_s: float | None = field(default=None, compare=False)
    tracker_withheld: bool = False
    datasets_withheld: bool = False

    def target(self, kind: Kind) -> str | None:
        """Return what a put of a kind names, a tracking ID or a dataset's ARN; None without one."""
        taker = self._taker(kind)
        if isinstance(taker, DatasetFacts) and kind is not Kind.ACTION_INTERACTIONS:
            return taker.arn or None
        return (taker.tracking_id or None) if taker else None

    def status(self, kind: Kind) -> str:
        """Return the status of what a put of a kind names: of the tracker, or of the dataset."""
        taker = self._taker(kind)
        return taker.status if taker else UNKNOWN

    def _taker(self, kind: Kind) -> TrackerFacts | DatasetFacts | None:
        return self.tracker if kind is Kind.EVENTS else self.datasets.get(kind)

    def takes(self, kind: Kind) -> bool | None:
        """Tell whether there is anything that takes a kind; None where that is not known yet."""
        if self.target(kind) is not None:
            return True
        withheld = self.tracker_withheld if kind is Kind.EVENTS else self.datasets_withheld
        return None if withheld or self.refreshed_at_s is None else False

    def schema(self, kind: Kind) -> DatasetSchema | None:
        """Return what records of a kind look like; None where that is not known."""
        dataset = self.datasets.get(kind)
        return dataset.schema if dataset else None

    def completed_by(self, earlier: Self) -> Self:
        """Return the facts with what AWS told earlier in place of what it withholds."""
        return replace(
            self,
            tracker=earlier.tracker if self.tracker_withheld else self.tracker,
            datasets=earlier.datasets if self.datasets_withheld else self.datasets,
        )

    @property
    def is_passing(self) -> bool:
        """Whether the tracker or a dataset is in a state that ends by itself."""
        statuses = [dataset.status for dataset in self.datasets.values()]
        if self.tracker:
            statuses.append(self.tracker.status)
        return any(status in _PASSING for status in statuses)

    def document(self) -> dict[str, Any]:
        """Return the facts as JSON-compatible values; `restore` reverses it."""
        tracker = self.tracker
        return {
            "name": self.name,
            "arn": self.arn,
            "tracker": tracker and {name: getattr(tracker, name) for name in _TRACKER_TEXTS},
            "datasets": {
                kind.value: {name: getattr(dataset, name) for name in _DATASET_TEXTS}
                for kind, dataset in self.datasets.items()
            },
            "refreshed_at_s": self.refreshed_at_s,
            "tracker_withheld": self.tracker_withheld,
            "datasets_withheld": self.datasets_withheld,
        }

    @classmethod
    def restore(cls, document: object) -> Self:
        """Return the facts that `document` was made from.

        Raises:
            ValueError: it was made from none.
        """
        members = _members(document)
        tracker, refreshed_at_s = members.get("tracker"), members.get("refreshed_at_s")
        if not (refreshed_at_s is None or isinstance(refreshed_at_s, int | float)):
            raise ValueError("refreshed_at_s is no number")
        return cls(
            name=_text(members, "name"),
            arn=_text(members, "arn"),
            tracker=None if tracker is None else _tracker(tracker),
            datasets=MappingProxyType(
                {
                    Kind(kind): _dataset(dataset)
                    for kind, dataset in _members(members.get("datasets")).items()
                }
            ),
            refreshed_at_s=refreshed_at_s,
            tracker_withheld=members.get("tracker_withheld") is True,
            datasets_withheld=members.get("datasets_withheld") is True,
        )


_TRACKER_TEXTS = ("name", "arn", "tracking_id", "status")
_DATASET_TEXTS = ("arn", "status", "schema_arn", "schema_json", "tracking_id")


def with_schema(dataset: DatasetFacts) -> DatasetFacts:
    """Return a dataset with its schema read, or with none where it cannot be."""
    try:
        schema = DatasetSchema.parse(dataset.schema_json) if dataset.schema_json else None
    except SchemaUnreadable:
        schema = None
    return replace(dataset, schema=schema)


def _members(document: object) -> dict[str, Any]:
    if not isinstance(document, dict):
        raise ValueError("expected an object")  # noqa: TRY004 - a document's fault, not the code's
    return document


def _text(members: Mapping[str, Any], name: str) -> str:
    value = members.get(name)
    if not isinstance(value, str):
        raise ValueError(f"{name} is no text")  # noqa: TRY004 - as above
    return value


def _tracker(document: object) -> TrackerFacts:
    members = _members(document)
    return TrackerFacts(**{name: _text(members, name) for name in _TRACKER_TEXTS})


def _dataset(document: object) -> DatasetFacts:
    members = _members(document)
    texts: dict[str, Any] = {name: _text(members, name) for name in _DATASET_TEXTS}
    return with_schema(DatasetFacts(**texts))
