"""The resources of the emulated account and the states that they are in."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any, Self, TypeVar

from gateway.personalize.emulator.config import Clock, Delays
from gateway.personalize.emulator.lifecycle import Lifetime, Status, status_at
from gateway.personalize.emulator.store import Store


class DatasetType(StrEnum):
    """The types of dataset; the value is the last part of a dataset's ARN."""

    INTERACTIONS = "INTERACTIONS"
    ITEMS = "ITEMS"
    USERS = "USERS"
    ACTIONS = "ACTIONS"
    ACTION_INTERACTIONS = "ACTION_INTERACTIONS"


@dataclass(frozen=True, kw_only=True)
class Resource:
    """What all resources have in common.

    Attributes:
        arn: identifies it.
        name: as its creator chose.
        lifetime: decides its state.
        updated_at: last change, in seconds since the epoch.
    """

    arn: str
    name: str
    lifetime: Lifetime
    updated_at: float

    def document(self) -> dict[str, Any]:
        """Return the resource as JSON-compatible values; `restore` reverses it."""
        return {"type": type(self).__name__, **asdict(self)}

    @classmethod
    def restore(cls, document: dict[str, Any]) -> Self:
        """Return the resource that `document` was made from."""
        values = {field.name: document[field.name] for field in fields(cls)}
        lifetime = values["lifetime"]
        forced = lifetime["forced"] and Status(lifetime["forced"])
        return cls(**values | {"lifetime": Lifetime(**lifetime | {"forced": forced})})


@dataclass(frozen=True, kw_only=True)
class DatasetGroup(Resource):
    """A dataset group."""

    domain: str | None = None
    role_arn: str | None = None
    kms_key_arn: str | None = None
    failure_reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class Schema(Resource):
    """A schema; `text` is its Avro JSON. It is there at once and is deleted at once."""

    text: str
    domain: str | None = None


@dataclass(frozen=True, kw_only=True)
class GroupMember(Resource):
    """What a dataset group holds, and what a put is addressed to.

    Attributes:
        dataset_group_arn: the group.
        tracking_id: of an event tracker or of a dataset of action interactions.
    """

    dataset_group_arn: str
    tracking_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class Dataset(GroupMember):
    """A dataset."""

    dataset_type: str
    schema_arn: str


@dataclass(frozen=True, kw_only=True)
class EventTracker(GroupMember):
    """An event tracker."""


_TYPES: dict[str, type[Resource]] = {
    cls.__name__: cls for cls in (DatasetGroup, Schema, Dataset, EventTracker)
}

R = TypeVar("R", bound=Resource)


class Resources:
    """The resources that exist now; one whose deletion is over is gone when it is next looked for.

    A resource is never changed: `put` replaces it.
    """

    def __init__(self, store: Store, clock: Clock, delays: Delays) -> None:
        self._store = store
        self._clock = clock
        self._delays = delays
        self._by_arn: dict[str, Resource] = {}
        self._by_tracking_id: dict[str, str] = {}
        for document in store.resources():
            self._index(_TYPES[document["type"]].restore(document))

    def put(self, resource: Resource) -> None:
        """Keep a resource; replaces the one of the same ARN."""
        self._store.save(resource.arn, resource.document())
        self._index(resource)

    def remove(self, arn: str) -> None:
        """Forget a resource at once."""
        resource = self._by_arn.pop(arn)
        if isinstance(resource, GroupMember) and resource.tracking_id:
            del self._by_tracking_id[resource.tracking_id]
        self._store.delete(arn)

    def status(self, resource: Resource) -> Status:
        """Return the state of a resource that exists."""
        status = self._status(resource)
        assert status is not None
        return status

    def is_active(self, resource: Resource) -> bool:
        """Tell whether a resource may be used."""
        return self._status(resource) is Status.ACTIVE

    def find(self, cls: type[R], arn: str) -> R | None:
        """Return the resource of that type and ARN."""
        resource = self._by_arn.get(arn)
        if not isinstance(resource, cls):
            return None
        if self._status(resource) is None:
            self.remove(arn)
            return None
        return resource

    def by_tracking_id(self, cls: type[R], tracking_id: str) -> R | None:
        """Return the tracker, or the dataset, that has the tracking ID."""
        return self.find(cls, self._by_tracking_id.get(tracking_id, ""))

    def all(self, cls: type[R]) -> list[R]:
        """Return the resources of a type, oldest first."""
        found = [r for r in (self.find(cls, arn) for arn in tuple(self._by_arn)) if r is not None]
        return sorted(found, key=lambda r: (r.lifetime.created_at, r.arn))

    def of_group(self, dataset_group_arn: str) -> Sequence[GroupMember]:
        """Return what a dataset group holds, oldest first."""
        return [m for m in self.all(GroupMember) if m.dataset_group_arn == dataset_group_arn]

    def group_arn_of(self, parameters: Mapping[str, object]) -> str | None:
        """Return the dataset group that an input, sound or not, is about; None if it is unknown."""
        named = {name: value for name, value in parameters.items() if isinstance(value, str)}
        member = (
            self.by_tracking_id(GroupMember, named.get("trackingId", ""))
            or self.find(GroupMember, named.get("datasetArn", ""))
            or self.find(GroupMember, named.get("eventTrackerArn", ""))
        )
        if member is not None:
            return member.dataset_group_arn
        group = self.find(DatasetGroup, named.get("datasetGroupArn", ""))
        return group.arn if group else None

    def dataset(self, dataset_group_arn: str, dataset_type: DatasetType) -> Dataset | None:
        """Return the dataset of a type in a group."""
        # arn:…:dataset-group/shop → arn:…:dataset/shop/ITEMS
        group = dataset_group_arn.replace(":dataset-group/", ":dataset/", 1)
        return self.find(Dataset, f"{group}/{dataset_type}")

    def _status(self, resource: Resource) -> Status | None:
        return status_at(self._clock(), resource.lifetime, self._delays)

    def _index(self, resource: Resource) -> None:
        self._by_arn[resource.arn] = resource
        if isinstance(resource, GroupMember) and resource.tracking_id:
            self._by_tracking_id[resource.tracking_id] = resource.arn
