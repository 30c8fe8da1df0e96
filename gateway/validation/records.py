"""Checks of one record that the annotations cannot state: its own fields, then its properties."""

from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any

from gateway.api import Action, ActionInteraction, Event, Item, Rule, User
from gateway.encoding.element import encode_event
from gateway.records import Kind
from gateway.validation.expected_columns import ExpectedColumns
from gateway.validation.identifiers import check_id, check_ids, check_name
from gateway.validation.limits import EVENT_MAX_BYTES
from gateway.validation.properties import check_properties
from gateway.validation.times import check_time
from gateway.validation.violation import Fault

# A byte on the wire is at most seven bytes of the element (`\\u0001` in `properties`); the names of
# its members and a derived event ID come to less than the rest. So few events need encoding twice.
_MAX_ELEMENT_BYTES_PER_BYTE = 7
_MAX_FIXED_ELEMENT_BYTES = 400
_NEEDS_NO_MEASURE_BYTES = (
    EVENT_MAX_BYTES - _MAX_FIXED_ELEMENT_BYTES
) // _MAX_ELEMENT_BYTES_PER_BYTE

_ANY_DERIVED_EVENT_ID = "0" * 32

_IGNORED = (
    "is ignored by Personalize: send an action interaction of the event type `Viewed` for each"
    " action that was shown"
)


def check_event(event: Event, faults: list[Fault], expected: ExpectedColumns | None = None) -> None:
    """Add the faults of an event."""
    check_id("session_id", event.session_id, faults)
    check_id("user_id", event.user_id, faults)
    check_id("event_id", event.event_id, faults)
    check_name("event_type", event.event_type, faults)
    check_time("event_time", event.event_time, faults)
    check_id("item_id", event.item_id, faults)
    check_id("recommendation_id", event.recommendation_id, faults)
    check_ids("impression", event.impression, faults)
    check_properties(event.properties, Kind.EVENTS, faults, expected)
    if expected is not None:
        expected.check_members(event, event.properties.fields, faults)
    is_large = event.ByteSize() > _NEEDS_NO_MEASURE_BYTES
    if is_large and not any(fault.refuses for fault in faults):
        _check_size(event, faults, expected)


def check_action_interaction(
    interaction: ActionInteraction, faults: list[Fault], expected: ExpectedColumns | None = None
) -> None:
    """Add the faults of an action interaction. The guide limits the size of events only."""
    check_id("session_id", interaction.session_id, faults)
    check_id("user_id", interaction.user_id, faults)
    check_id("event_id", interaction.event_id, faults)
    check_name("event_type", interaction.event_type, faults)
    check_time("event_time", interaction.event_time, faults)
    check_id("action_id", interaction.action_id, faults)
    check_id("recommendation_id", interaction.recommendation_id, faults)
    if interaction.impression:
        faults.append(Fault("impression", Rule.RULE_IGNORED_IMPRESSION, _IGNORED))
    check_ids("impression", interaction.impression, faults)
    check_properties(interaction.properties, Kind.ACTION_INTERACTIONS, faults, expected)
    if expected is not None:
        expected.check_members(interaction, interaction.properties.fields, faults)


def check_item(item: Item, faults: list[Fault], expected: ExpectedColumns | None = None) -> None:
    """Add the faults of an item."""
    check_id("item_id", item.item_id, faults)
    check_properties(item.properties, Kind.ITEMS, faults, expected)


def check_user(user: User, faults: list[Fault], expected: ExpectedColumns | None = None) -> None:
    """Add the faults of a user."""
    check_id("user_id", user.user_id, faults)
    check_properties(user.properties, Kind.USERS, faults, expected)


def check_action(
    action: Action, faults: list[Fault], expected: ExpectedColumns | None = None
) -> None:
    """Add the faults of an action."""
    check_id("action_id", action.action_id, faults)
    check_properties(action.properties, Kind.ACTIONS, faults, expected)


CHECKS: Mapping[Kind, Callable[[Any, list[Fault], ExpectedColumns | None], None]] = {
    Kind.EVENTS: check_event,
    Kind.ACTION_INTERACTIONS: check_action_interaction,
    Kind.ITEMS: check_item,
    Kind.USERS: check_user,
    Kind.ACTIONS: check_action,
}


def _check_size(event: Event, faults: list[Fault], expected: ExpectedColumns | None) -> None:
    if not isfinite(event.event_value):
        return  # the annotations have it, and JSON does not
    schema = None if expected is None else expected.schema
    size_bytes = len(encode_event(event, event.event_id or _ANY_DERIVED_EVENT_ID, schema))
    if size_bytes > EVENT_MAX_BYTES:
        text = (
            f"has {size_bytes:,} bytes as JSON, session and user not counted, of which Personalize"
            f" takes {EVENT_MAX_BYTES:,}: send less"
        )
        faults.append(Fault("", Rule.RULE_RECORD_SIZE, text))
