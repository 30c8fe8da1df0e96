"""The five puts of the service `personalize-events`."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.personalize.emulator.avro import AvroSchema, parse_schema
from gateway.personalize.emulator.config import Clock, EmulatorConfig, UnusableTracker
from gateway.personalize.emulator.errors import AwsError, in_use, invalid_input, not_found
from gateway.personalize.emulator.properties import problem_of
from gateway.personalize.emulator.quotas import Quotas
from gateway.personalize.emulator.resources import (
    Dataset,
    DatasetType,
    EventTracker,
    GroupMember,
    Resources,
    Schema,
)
from gateway.personalize.emulator.store import Record, Store


@dataclass(frozen=True, slots=True)
class _Put:
    """What tells one put operation from another."""

    operation: str
    kind: str
    dataset_type: DatasetType


_PUTS: Mapping[str, _Put] = {
    put.operation: put
    for put in (
        _Put("PutEvents", "events", DatasetType.INTERACTIONS),
        _Put("PutActionInteractions", "action_interactions", DatasetType.ACTION_INTERACTIONS),
        _Put("PutItems", "items", DatasetType.ITEMS),
        _Put("PutUsers", "users", DatasetType.USERS),
        _Put("PutActions", "actions", DatasetType.ACTIONS),
    )
}

# The kinds that are addressed by a tracking ID and belong to a session.
_TRACKED = frozenset({"events", "action_interactions"})

KINDS: Sequence[str] = tuple(put.kind for put in _PUTS.values())
"""The kinds of record, by which they are asked for."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of an accepted call: how many records were kept, and how many dropped."""

    records: int
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class Batch:
    """The records of one call.

    Attributes:
        parameters: the input, checked against its shape.
        elements: the records in it.
        texts: each record's JSON, as received.
        request_id: of the call.
    """

    parameters: dict[str, Any]
    elements: Sequence[dict[str, Any]]
    texts: Sequence[str]
    request_id: str


class DataPlane:
    """Performs puts whose input has been checked against its shape."""

    def __init__(
        self, config: EmulatorConfig, clock: Clock, resources: Resources, store: Store
    ) -> None:
        self._config = config
        self._clock = clock
        self._resources = resources
        self._store = store
        self._quotas = Quotas(config.quotas, clock)

    def put(self, operation: str, batch: Batch) -> Taken:
        """Perform a put: all records are kept, or none.

        That one bad record refuses the whole call has not been verified against a live account.

        Raises:
            AwsError: the call is refused or throttled.
        """
        put = _PUTS[operation]
        target = self._target(put, batch.parameters)
        if target is None:
            return Taken(records=0, dropped=len(batch.texts))
        if not self._quotas.take(operation, target.dataset_group_arn):
            raise AwsError(
                "ThrottlingException", "Rate exceeded", status=self._config.throttling_status
            )
        self._check(put, target, batch)
        records = self._records(put, target, batch)
        self._store.append(records)
        return Taken(records=len(records), dropped=len(batch.texts) - len(records))

    def _target(self, put: _Put, parameters: Mapping[str, Any]) -> GroupMember | None:
        if put.kind not in _TRACKED:
            return self._dataset(put, parameters["datasetArn"])
        cls: type[GroupMember] = EventTracker if put.kind == "events" else Dataset
        target = self._resources.by_tracking_id(cls, parameters["trackingId"])
        if target is not None and self._resources.is_active(target):
            return target
        if put.kind == "events" and self._config.unusable_tracker is UnusableTracker.DROP:
            return None
        raise _unusable(put, target)

    def _dataset(self, put: _Put, arn: str) -> Dataset:
        dataset = self._resources.find(Dataset, arn)
        if dataset is None:
            raise not_found("The dataset does not exist")
        if dataset.dataset_type != put.dataset_type:
            raise invalid_input(f"The dataset is not of type {put.dataset_type}")
        if not self._resources.is_active(dataset):
            raise in_use("The dataset is not ACTIVE")
        return dataset

    def _check(self, put: _Put, target: GroupMember, batch: Batch) -> None:
        schema = self._schema(target, put.dataset_type)
        for index, element in enumerate(batch.elements):
            problem = problem_of(element, put.dataset_type, schema)
            if put.kind == "events" and problem is None:
                problem = self._oversize(element, batch.texts[index])
            if problem is not None:
                raise invalid_input(f"Record {index + 1}: {problem}")

    def _schema(self, target: GroupMember, dataset_type: DatasetType) -> AvroSchema | None:
        # Events may go to a group that has no Interactions dataset.
        dataset = self._resources.dataset(target.dataset_group_arn, dataset_type)
        schema = dataset and self._resources.find(Schema, dataset.schema_arn)
        return parse_schema(schema.text) if schema else None

    def _oversize(self, element: Mapping[str, Any], text: str) -> str | None:
        limit = self._config.event_size_bytes
        # How AWS measures is not documented: here as compact UTF-8, so that neither the caller's
        # spaces nor its escapes count. A character has four bytes at most.
        if len(text) * 4 <= limit:
            return None
        compact = json.dumps(element, ensure_ascii=False, separators=(",", ":")).encode()
        return f"The event is larger than {limit} bytes" if len(compact) > limit else None

    def _records(self, put: _Put, target: GroupMember, batch: Batch) -> Sequence[Record]:
        now = self._clock()
        group = target.dataset_group_arn.rpartition("/")[2]
        records = []
        for element, text in zip(batch.elements, batch.texts, strict=True):
            session, user = _owner(put, batch.parameters, element)
            # Reported by users: it is answered 200 and the event is gone (aws-sdk-js#3371).
            if session != "null":
                records.append(Record(put.kind, group, now, batch.request_id, session, user, text))
        return records


def _unusable(put: _Put, target: GroupMember | None) -> AwsError:
    # PutEvents models no error but InvalidInputException. Unverified: see UnusableTracker.
    if put.kind == "events":
        return invalid_input("The tracking ID is not that of an ACTIVE event tracker")
    if target is None:
        return not_found("No dataset has this tracking ID")
    return in_use("The dataset is not ACTIVE")


def _owner(
    put: _Put, parameters: Mapping[str, Any], element: Mapping[str, Any]
) -> tuple[str | None, str | None]:
    """Return the session and the user of a record; catalogue records have neither."""
    if put.kind == "events":
        return parameters["sessionId"], parameters.get("userId")
    if put.kind == "action_interactions":
        return element["sessionId"], element.get("userId")
    return None, None
