"""The JSON element of a record: what Personalize gets of it.

Member names are those of botocore's model `personalize-events/2018-03-22`. A member that is unset
is left out: the model allows no empty string and no empty list. Text is UTF-8, with characters
beyond ASCII as they are.
"""

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf.struct_pb2 import Struct

from gateway.api import Action, ActionInteraction, Event, IngestRecord, Item, User
from gateway.dataset_schema import DatasetSchema
from gateway.encoding.json_text import json_text
from gateway.encoding.properties import properties_json, typed_properties_json
from gateway.records import Kind, Record

RecordMessage = Event | ActionInteraction | Item | User | Action

MESSAGE_TYPES: Mapping[Kind, type[RecordMessage]] = {
    Kind.EVENTS: Event,
    Kind.ACTION_INTERACTIONS: ActionInteraction,
    Kind.ITEMS: Item,
    Kind.USERS: User,
    Kind.ACTIONS: Action,
}

_Members = dict[str, Any]

KINDS: Mapping[str, Kind] = {
    "event": Kind.EVENTS,
    "action_interaction": Kind.ACTION_INTERACTIONS,
    "item": Kind.ITEMS,
    "user": Kind.USERS,
    "action": Kind.ACTIONS,
}
"""By the member of `IngestRecord`."""


def unwrap(record: IngestRecord) -> tuple[Kind, RecordMessage] | None:
    """Return the kind of an ingested record and its message; None where it has no kind."""
    member = record.WhichOneof("kind")
    return None if member is None else (KINDS[member], getattr(record, member))


def encode(
    kind: Kind, message: RecordMessage, event_id: str = "", schema: DatasetSchema | None = None
) -> Record:
    """Encode a valid record of a kind.

    Args:
        kind: says which of the messages it is.
        message: the record.
        event_id: the ID that an event or action interaction goes by: the caller's, or the derived
            one. Not used for the other kinds, which go by the ID of their message.
        schema: of the dataset that it goes to; None where that is not known.

    Raises:
        ValueError: the record breaks a rule of validation so that no JSON can say it.
    """
    return _RECORDS[kind](message, event_id, schema)


def encode_event(event: Event, event_id: str, schema: DatasetSchema | None = None) -> bytes:
    """Return an event as an entry of `eventList`.

    `session_id` and `user_id` are not in it: PutEvents names them once for a whole call.
    """
    members: _Members = {
        "eventId": event_id,
        "eventType": event.event_type,
        "sentAt": event.event_time.seconds,
    }
    if event.HasField("item_id"):
        members["itemId"] = event.item_id
    if event.HasField("event_value"):
        members["eventValue"] = event.event_value
    _add_recommendation(members, event)
    if event.HasField("event_attribution_source"):
        source = event.event_attribution_source
        members["metricAttribution"] = {"eventAttributionSource": source}
    return _element(members, event.properties, schema)


def encode_action_interaction(
    interaction: ActionInteraction, event_id: str, schema: DatasetSchema | None = None
) -> bytes:
    """Return an action interaction as an entry of `actionInteractions`."""
    members: _Members = {
        "actionId": interaction.action_id,
        "sessionId": interaction.session_id,
        "timestamp": interaction.event_time.seconds,
        "eventType": interaction.event_type,
        "eventId": event_id,
    }
    if interaction.HasField("user_id"):
        members["userId"] = interaction.user_id
    _add_recommendation(members, interaction)
    return _element(members, interaction.properties, schema)


def encode_item(item: Item, schema: DatasetSchema | None = None) -> bytes:
    """Return an item as an entry of `items`."""
    return _element({"itemId": item.item_id}, item.properties, schema)


def encode_user(user: User, schema: DatasetSchema | None = None) -> bytes:
    """Return a user as an entry of `users`."""
    return _element({"userId": user.user_id}, user.properties, schema)


def encode_action(action: Action, schema: DatasetSchema | None = None) -> bytes:
    """Return an action as an entry of `actions`."""
    return _element({"actionId": action.action_id}, action.properties, schema)


def _add_recommendation(members: _Members, message: Event | ActionInteraction) -> None:
    if message.HasField("recommendation_id"):
        members["recommendationId"] = message.recommendation_id
    if message.impression:
        members["impression"] = list(message.impression)


def _element(members: _Members, properties: Struct, schema: DatasetSchema | None) -> bytes:
    text = typed_properties_json(properties, schema) if schema else properties_json(properties)
    if text:
        members["properties"] = text
    return json_text(members).encode()


def _event(event: Event, event_id: str, schema: DatasetSchema | None) -> Record:
    user_id = event.user_id if event.HasField("user_id") else None
    return Record(event_id, encode_event(event, event_id, schema), event.session_id, user_id)


_RECORDS: Mapping[Kind, Callable[[Any, str, DatasetSchema | None], Record]] = {
    Kind.EVENTS: _event,
    Kind.ACTION_INTERACTIONS: lambda m, event_id, schema: Record(
        event_id, encode_action_interaction(m, event_id, schema)
    ),
    Kind.ITEMS: lambda m, _, schema: Record(m.item_id, encode_item(m, schema)),
    Kind.USERS: lambda m, _, schema: Record(m.user_id, encode_user(m, schema)),
    Kind.ACTIONS: lambda m, _, schema: Record(m.action_id, encode_action(m, schema)),
}
