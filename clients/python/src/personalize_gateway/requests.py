"""Requests, made of records; every event in them has an ID before the first attempt."""

from collections.abc import Iterable

from personalize_gateway.records import Record, identified, wrapped
from personalize_gateway.v1.acknowledgement_pb2 import AckLevel
from personalize_gateway.v1.action_interaction_pb2 import ActionInteraction
from personalize_gateway.v1.action_pb2 import Action
from personalize_gateway.v1.catalog_service_pb2 import (
    PutActionsRequest,
    PutItemsRequest,
    PutUsersRequest,
)
from personalize_gateway.v1.event_pb2 import Event
from personalize_gateway.v1.event_service_pb2 import (
    PutActionInteractionsRequest,
    PutEventsRequest,
)
from personalize_gateway.v1.ingest_service_pb2 import IngestBatchRequest, IngestRecord
from personalize_gateway.v1.item_pb2 import Item
from personalize_gateway.v1.user_pb2 import User


def put_events(
    events: Iterable[Event], dataset_group: str, ack_level: AckLevel
) -> PutEventsRequest:
    """Return a request for PutEvents."""
    records = [identified(event) for event in events]
    return PutEventsRequest(dataset_group=dataset_group, events=records, ack_level=ack_level)


def put_action_interactions(
    interactions: Iterable[ActionInteraction], dataset_group: str, ack_level: AckLevel
) -> PutActionInteractionsRequest:
    """Return a request for PutActionInteractions."""
    records = [identified(interaction) for interaction in interactions]
    return PutActionInteractionsRequest(
        dataset_group=dataset_group, action_interactions=records, ack_level=ack_level
    )


def put_items(items: Iterable[Item], dataset_group: str, ack_level: AckLevel) -> PutItemsRequest:
    """Return a request for PutItems."""
    return PutItemsRequest(dataset_group=dataset_group, items=items, ack_level=ack_level)


def put_users(users: Iterable[User], dataset_group: str, ack_level: AckLevel) -> PutUsersRequest:
    """Return a request for PutUsers."""
    return PutUsersRequest(dataset_group=dataset_group, users=users, ack_level=ack_level)


def put_actions(
    actions: Iterable[Action], dataset_group: str, ack_level: AckLevel
) -> PutActionsRequest:
    """Return a request for PutActions."""
    return PutActionsRequest(dataset_group=dataset_group, actions=actions, ack_level=ack_level)


def ingest_batch(
    records: Iterable[Record | IngestRecord], dataset_group: str, ack_level: AckLevel
) -> IngestBatchRequest:
    """Return a request for IngestBatch."""
    wrapped_ = [ingest_record(record) for record in records]
    return IngestBatchRequest(dataset_group=dataset_group, records=wrapped_, ack_level=ack_level)


def ingest_record(record: Record | IngestRecord) -> IngestRecord:
    """Return a record as one of any kind; an event in it has an ID."""
    if not isinstance(record, IngestRecord):
        return wrapped(record)
    member = record.WhichOneof("kind")
    if member is not None:
        identified(getattr(record, member))
    return record
