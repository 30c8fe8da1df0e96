"""From a stored record back to its message, for dead letters: shown, patched, replayed.

Encoding the message again, with the schema that it was encoded with, gives the same record. The
message may differ from the one that was sent in what Personalize is not sent: the fraction of a
second of `event_time` is gone, several categories are one string joined by `|`, an empty
`properties` is none, keys and types are those of the schema, and the event ID that the gateway
derived stands in the message as if its caller had given it.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from gateway.api import Action, ActionInteraction, Event, IngestRecord, Item, User
from gateway.encoding.properties import INTEGERS_BELOW
from gateway.errors import GatewayError
from gateway.records import Kind, Record

_Members = dict[str, Any]


class ElementUnreadable(GatewayError):
    """Unexpected error: an element is none that this release writes for its kind."""

    def __init__(self, kind: Kind) -> None:
        super().__init__(f"a stored record is not in the form in which {kind} are stored")
        self.kind = kind


def decode(kind: Kind, record: Record) -> IngestRecord:
    """Return the message of a record that `gateway.encoding.element.encode` made.

    Raises:
        ElementUnreadable: it did not make it, or a release that writes other members did.
    """
    try:
        members = json.loads(record.element)
        message = _MESSAGES[kind](members, record)
    except (ValueError, TypeError, LookupError, AttributeError):
        # Without the cause, whose text may quote the record.
        raise ElementUnreadable(kind) from None
    if members:
        raise ElementUnreadable(kind)
    return message


def _event(members: _Members, record: Record) -> IngestRecord:
    attribution = members.pop("metricAttribution", {})
    return IngestRecord(
        event=Event(
            session_id=record.session_id,
            user_id=record.user_id,
            event_id=members.pop("eventId"),
            event_type=members.pop("eventType"),
            event_time={"seconds": members.pop("sentAt")},
            item_id=members.pop("itemId", None),
            event_value=members.pop("eventValue", None),
            recommendation_id=members.pop("recommendationId", None),
            impression=members.pop("impression", ()),
            event_attribution_source=attribution.get("eventAttributionSource"),
            properties=_properties(members),
        )
    )


def _action_interaction(members: _Members, _: Record) -> IngestRecord:
    return IngestRecord(
        action_interaction=ActionInteraction(
            session_id=members.pop("sessionId"),
            user_id=members.pop("userId", None),
            event_id=members.pop("eventId"),
            event_type=members.pop("eventType"),
            event_time={"seconds": members.pop("timestamp")},
            action_id=members.pop("actionId"),
            recommendation_id=members.pop("recommendationId", None),
            impression=members.pop("impression", ()),
            properties=_properties(members),
        )
    )


def _item(members: _Members, _: Record) -> IngestRecord:
    return IngestRecord(item=Item(item_id=members.pop("itemId"), properties=_properties(members)))


def _user(members: _Members, _: Record) -> IngestRecord:
    return IngestRecord(user=User(user_id=members.pop("userId"), properties=_properties(members)))


def _action(members: _Members, _: Record) -> IngestRecord:
    action = Action(action_id=members.pop("actionId"), properties=_properties(members))
    return IngestRecord(action=action)


def _properties(members: _Members) -> dict[str, Any] | None:
    if "properties" not in members:
        return None
    text = members.pop("properties")
    columns: dict[str, Any] = json.loads(text, parse_int=_whole_number)
    return columns


def _whole_number(digits: str) -> int | str:
    """Return a number as a Struct can hold it, whose numbers are doubles; else its digits."""
    number = int(digits)
    return number if -INTEGERS_BELOW < number < INTEGERS_BELOW else digits


_MESSAGES: Mapping[Kind, Callable[[_Members, Record], IngestRecord]] = {
    Kind.EVENTS: _event,
    Kind.ACTION_INTERACTIONS: _action_interaction,
    Kind.ITEMS: _item,
    Kind.USERS: _user,
    Kind.ACTIONS: _action,
}
