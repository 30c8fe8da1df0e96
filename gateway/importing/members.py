"""The columns that a record has fields for, kind by kind.

Source: the schema requirements of the developer guide. EVENT_ID is ours: Personalize's bulk import
has no such column, its events do.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.importing.cells import Unfit, read_integer, read_number
from gateway.records import Kind

RECORD_FIELDS: Mapping[Kind, str] = {
    Kind.EVENTS: "event",
    Kind.ACTION_INTERACTIONS: "action_interaction",
    Kind.ITEMS: "item",
    Kind.USERS: "user",
    Kind.ACTIONS: "action",
}
"""The field of an `IngestRecord` that holds a record of a kind."""

HAS_SESSIONS = frozenset({Kind.EVENTS, Kind.ACTION_INTERACTIONS})
"""The kinds whose records belong to a session."""


@dataclass(frozen=True, slots=True)
class Member:
    """A column that a record has a field for.

    Attributes:
        set: puts a cell that is not empty into the field of a message; raises `Unfit`.
        required: whether the header must have the column, and each row a value in it.
    """

    set: Callable[[Any, str], None]
    required: bool = False


def _text(field: str) -> Callable[[Any, str], None]:
    return lambda message, cell: setattr(message, field, cell)


def _set_time(message: Any, cell: str) -> None:  # noqa: ANN401 - Event or ActionInteraction
    try:
        message.event_time.seconds = read_integer(cell, 64)
    except Unfit:
        text = "is no whole number of seconds since 1970-01-01T00:00:00Z"
        raise Unfit("TIMESTAMP", text) from None


def _set_value(message: Any, cell: str) -> None:  # noqa: ANN401 - as the others
    message.event_value = read_number(cell)


def _set_impression(message: Any, cell: str) -> None:  # noqa: ANN401 - Event or ActionInteraction
    message.impression.extend(cell.split("|"))


_INTERACTION: Mapping[str, Member] = {
    "USER_ID": Member(_text("user_id")),
    "SESSION_ID": Member(_text("session_id")),
    "EVENT_ID": Member(_text("event_id")),
    "EVENT_TYPE": Member(_text("event_type"), required=True),
    "TIMESTAMP": Member(_set_time, required=True),
    "IMPRESSION": Member(_set_impression),
    "RECOMMENDATION_ID": Member(_text("recommendation_id")),
}

MEMBERS: Mapping[Kind, Mapping[str, Member]] = {
    Kind.EVENTS: {
        **_INTERACTION,
        "ITEM_ID": Member(_text("item_id"), required=True),
        "EVENT_VALUE": Member(_set_value),
        "EVENT_ATTRIBUTION_SOURCE": Member(_text("event_attribution_source")),
    },
    Kind.ACTION_INTERACTIONS: {
        **_INTERACTION,
        "ACTION_ID": Member(_text("action_id"), required=True),
    },
    Kind.ITEMS: {"ITEM_ID": Member(_text("item_id"), required=True)},
    Kind.USERS: {"USER_ID": Member(_text("user_id"), required=True)},
    Kind.ACTIONS: {"ACTION_ID": Member(_text("action_id"), required=True)},
}
"""The columns of each kind by their names in a schema."""
