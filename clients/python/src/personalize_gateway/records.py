"""Records, made so that nothing is lost on the way into a message.

A `Struct` takes None for null, and a whole number of any size for the nearest double. What a
gateway would refuse later, or could not even see, is refused here by the name of the key.
"""

import math
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import TypeVar

from google.protobuf.struct_pb2 import Struct
from google.protobuf.timestamp_pb2 import Timestamp

from personalize_gateway.v1.action_interaction_pb2 import ActionInteraction
from personalize_gateway.v1.action_pb2 import Action
from personalize_gateway.v1.event_pb2 import Event
from personalize_gateway.v1.ingest_service_pb2 import IngestRecord
from personalize_gateway.v1.item_pb2 import Item
from personalize_gateway.v1.user_pb2 import User

Record = Event | ActionInteraction | Item | User | Action
"""A record of any kind."""

AnyRecord = TypeVar("AnyRecord", bound=Record)

Property = str | int | float | bool | list[str] | tuple[str, ...]
"""What a column can hold; a list is several categories."""

_INTEGERS_BELOW = 2**53


class NotSendable(ValueError):
    """Expected error: a value would become another one on its way; nothing was sent."""


def event(  # noqa: PLR0913 - the members of the message
    session_id: str,
    event_type: str,
    *,
    item_id: str | None = None,
    user_id: str | None = None,
    event_id: str | None = None,
    event_time: datetime | None = None,
    event_value: float | None = None,
    recommendation_id: str | None = None,
    impression: Iterable[str] = (),
    event_attribution_source: str | None = None,
    properties: Mapping[str, Property] | None = None,
) -> Event:
    """Return an event. None is unset.

    Without an `event_id` it gets a new one, which names it: sent twice, it counts once. Without an
    `event_time` it has just happened; a time has to say its zone.

    Raises:
        NotSendable: a property or the time cannot be sent as it is.
    """
    return Event(
        session_id=session_id,
        event_type=event_type,
        item_id=item_id,
        user_id=user_id,
        event_id=new_event_id() if event_id is None else event_id,
        event_time=timestamp(event_time),
        event_value=event_value,
        recommendation_id=recommendation_id,
        impression=impression,
        event_attribution_source=event_attribution_source,
        properties=None if properties is None else struct(properties),
    )


def action_interaction(
    session_id: str,
    event_type: str,
    action_id: str,
    *,
    user_id: str | None = None,
    event_id: str | None = None,
    event_time: datetime | None = None,
    recommendation_id: str | None = None,
    properties: Mapping[str, Property] | None = None,
) -> ActionInteraction:
    """Return an action interaction, `Taken`, `Not Taken` or `Viewed`; see `event`."""
    return ActionInteraction(
        session_id=session_id,
        event_type=event_type,
        action_id=action_id,
        user_id=user_id,
        event_id=new_event_id() if event_id is None else event_id,
        event_time=timestamp(event_time),
        recommendation_id=recommendation_id,
        properties=None if properties is None else struct(properties),
    )


def item(item_id: str, properties: Mapping[str, Property] | None = None) -> Item:
    """Return an item; see `event`."""
    return Item(item_id=item_id, properties=None if properties is None else struct(properties))


def user(user_id: str, properties: Mapping[str, Property] | None = None) -> User:
    """Return a user; see `event`."""
    return User(user_id=user_id, properties=None if properties is None else struct(properties))


def action(action_id: str, properties: Mapping[str, Property] | None = None) -> Action:
    """Return an action; see `event`."""
    return Action(
        action_id=action_id, properties=None if properties is None else struct(properties)
    )


def struct(properties: Mapping[str, Property]) -> Struct:
    """Return properties as a message.

    Raises:
        NotSendable: a value is none that a column can hold, or a number that a double does not.
    """
    made = Struct()
    for key, value in properties.items():
        _set(made, key, value)
    return made


def timestamp(time: datetime | None) -> Timestamp:
    """Return a time as a message; None for now.

    Raises:
        NotSendable: it does not say its zone.
    """
    if time is None:
        time = datetime.now(UTC)
    elif time.tzinfo is None:
        raise NotSendable("event_time has no zone: use datetime.now(UTC), or replace(tzinfo=…)")
    made = Timestamp()
    made.FromDatetime(time)
    return made


def new_event_id() -> str:
    """Return an event ID that nothing else has."""
    return str(uuid.uuid4())


def identified(record: AnyRecord) -> AnyRecord:
    """Give an event or action interaction an ID, if it has none, and return it.

    It is the caller's own message that gets it: if that is sent again, it is the same event.
    """
    if isinstance(record, Event | ActionInteraction) and not record.HasField("event_id"):
        record.event_id = new_event_id()
    return record


def wrapped(record: Record) -> IngestRecord:
    """Return a record as a record of any kind; an event gets an ID, see `identified`."""
    match identified(record):
        case Event() as one:
            return IngestRecord(event=one)
        case ActionInteraction() as one:
            return IngestRecord(action_interaction=one)
        case Item() as one:
            return IngestRecord(item=one)
        case User() as one:
            return IngestRecord(user=one)
        case one:
            return IngestRecord(action=one)


def _set(made: Struct, key: str, value: object) -> None:
    match value:
        case bool() | str():
            made[key] = value
        case int() if abs(value) >= _INTEGERS_BELOW:
            raise NotSendable(f"property {key!r}: from 2**53 on send a whole number as a string")
        case float() if not math.isfinite(value):
            raise NotSendable(f"property {key!r} is not finite: leave it out")
        case int() | float():
            made[key] = value
        case list() | tuple() if all(isinstance(one, str) for one in value):
            made.get_or_create_list(key).extend(value)
        case None:
            raise NotSendable(f"property {key!r} is None: leave it out")
        case _:
            kind = type(value).__name__
            raise NotSendable(f"property {key!r} is of the type {kind}, which no column can hold")
