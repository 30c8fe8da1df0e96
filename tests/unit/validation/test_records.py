from collections.abc import Callable
from typing import Any

import pytest
from google.protobuf.message import Message
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.api import Action, ActionInteraction, Event, Item, User
from gateway.encoding.element import encode_event
from gateway.records import Kind
from gateway.validation import records
from gateway.validation.limits import EVENT_MAX_BYTES
from gateway.validation.records import CHECKS

Faults = Callable[..., list[tuple[str, str]]]

IDS_OF = {
    Kind.EVENTS: ["session_id", "user_id", "event_id", "item_id", "recommendation_id"],
    Kind.ACTION_INTERACTIONS: [
        *("session_id", "user_id", "event_id", "action_id", "recommendation_id")
    ],
    Kind.ITEMS: ["item_id"],
    Kind.USERS: ["user_id"],
    Kind.ACTIONS: ["action_id"],
}
MESSAGE_OF: dict[Kind, type[Message]] = {
    Kind.EVENTS: Event,
    Kind.ACTION_INTERACTIONS: ActionInteraction,
    Kind.ITEMS: Item,
    Kind.USERS: User,
    Kind.ACTIONS: Action,
}
ANY_TEXT = st.text(max_size=60)
NASTY = st.text(st.sampled_from('"\\\x01\x1f\x7f/é\u2028😀'), max_size=60)
TEXT = ANY_TEXT | NASTY


@pytest.mark.parametrize(
    ("kind", "field"), [(k, f) for k, fields in IDS_OF.items() for f in fields]
)
@pytest.mark.parametrize(
    ("value", "rule"), [("undefined", "PLACEHOLDER_ID"), ("a\0", "CONTROL_CHARACTER")]
)
def test_every_id_of_every_kind_is_checked(
    kind: Kind, field: str, value: str, rule: str, faults_of: Faults
) -> None:
    """No ID is left out of the checks of IDs."""
    assert faults_of(CHECKS[kind], MESSAGE_OF[kind](**{field: value})) == [(field, rule)]


@pytest.mark.parametrize("kind", Kind)
def test_no_id_is_forgotten(kind: Kind) -> None:
    """The fields whose names end in `_id` are those that are checked."""
    fields = MESSAGE_OF[kind].DESCRIPTOR.fields
    assert {f.name for f in fields if f.name.endswith("_id")} == set(IDS_OF[kind])


@pytest.mark.parametrize("kind", Kind)
def test_properties_of_every_kind_are_checked(kind: Kind, faults_of: Faults) -> None:
    """Each kind has its properties judged."""
    message = MESSAGE_OF[kind](properties={"a": None})
    assert faults_of(CHECKS[kind], message) == [('properties["a"]', "NULL_PROPERTY")]


@pytest.mark.parametrize("kind", [Kind.EVENTS, Kind.ACTION_INTERACTIONS])
def test_interactions_have_more_to_check(kind: Kind, faults_of: Faults) -> None:
    """Event type, time and impression are checked; an event type may be a word for nothing."""
    message = MESSAGE_OF[kind](
        event_type="a\x1f",
        event_time={"seconds": 1, "nanos": -1},
        impression=["a", "null"],
        properties={"timestamp": 1},
    )
    ignored = [("impression", "IGNORED_IMPRESSION")] if kind is Kind.ACTION_INTERACTIONS else []
    assert faults_of(CHECKS[kind], message) == [
        ("event_type", "CONTROL_CHARACTER"),
        ("event_time", "TIMESTAMP"),
        *ignored,
        ("impression[1]", "PLACEHOLDER_ID"),
        ('properties["timestamp"]', "RESERVED_PROPERTY"),
    ]
    assert faults_of(CHECKS[kind], MESSAGE_OF[kind](event_type="null")) == []


def event_of_size(size_bytes: int, event_id: str, **fields: Any) -> Event:
    """Make an event whose element has so many bytes, in Unicode and in ASCII."""
    impression = ["😀" * 256] * 9
    event = Event(event_type="View", event_id=event_id, impression=impression, **fields)
    event.event_time.seconds = 1787462253
    missing = size_bytes - len(encode_event(event, event_id)) - len(',""')
    event.impression.append("x" * missing)
    return event


def test_an_event_may_have_as_many_bytes_as_the_quota_says(faults_of: Faults) -> None:
    """An event at the limit passes, with one byte more the record itself is at fault."""
    at_limit = event_of_size(EVENT_MAX_BYTES, "event-1", properties={"a": "b"})
    beyond = event_of_size(EVENT_MAX_BYTES + 1, "event-1", properties={"a": "b"})
    assert len(encode_event(at_limit, "event-1")) == EVENT_MAX_BYTES
    assert faults_of(CHECKS[Kind.EVENTS], at_limit) == []
    assert faults_of(CHECKS[Kind.EVENTS], beyond) == [("", "RECORD_SIZE")]


def test_a_derived_event_id_counts(faults_of: Faults) -> None:
    """An event without an ID is judged with the ID that it is going to have."""
    event = event_of_size(EVENT_MAX_BYTES + 1, "0" * 32)
    event.ClearField("event_id")
    assert faults_of(CHECKS[Kind.EVENTS], event) == [("", "RECORD_SIZE")]


def test_an_event_without_json_has_no_size(faults_of: Faults) -> None:
    """A value that is not finite is the annotations' fault to report, and no failure here."""
    event = event_of_size(EVENT_MAX_BYTES + 1, "0" * 32, event_value=1.0)
    event.event_value = float("nan")
    assert faults_of(CHECKS[Kind.EVENTS], event) == []


@settings(deadline=None)
@given(
    st.builds(
        Event,
        event_type=TEXT,
        item_id=st.none() | TEXT,
        event_value=st.none() | st.floats(allow_nan=False, allow_infinity=False),
        recommendation_id=st.none() | TEXT,
        impression=st.lists(TEXT, max_size=25),
        event_attribution_source=st.none() | TEXT,
        event_time=st.fixed_dictionaries({"seconds": st.integers(1, 253402300799)}),
        properties=st.dictionaries(TEXT, TEXT | st.floats(-1e15, 1e15) | st.booleans()),
    )
)
@example(Event(properties={"\x01" * 256: "\x01" * 200}))
@example(
    Event(
        item_id="",
        event_value=-2.2250738585072014e-308,
        event_time={"seconds": 253402300799},
        recommendation_id="",
        impression=[""],
        event_attribution_source="",
        properties={"": ""},
    )
)
def test_the_estimate_of_the_size_is_never_exceeded(event: Event) -> None:
    """No element is larger than what saves it from being measured."""
    element = encode_event(event, "0" * 32)
    most = records._MAX_ELEMENT_BYTES_PER_BYTE * event.ByteSize() + records._MAX_FIXED_ELEMENT_BYTES
    assert len(element) <= most
