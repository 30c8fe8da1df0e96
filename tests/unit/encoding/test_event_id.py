import random
from collections.abc import Callable
from hashlib import blake2b
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.api import ActionInteraction, Event
from gateway.encoding.event_id import derived_event_id

CALLER = "spiffe://example.org/ns/shop/sa/web"

FULL = Event(
    session_id="session-1",
    user_id="ü😀\u2028",
    event_type="View",
    event_time={"seconds": 1787462253, "nanos": 250_000_000},
    item_id="item-1",
    event_value=12.99,
    recommendation_id="RID-1",
    impression=["a", "b"],
    event_attribution_source="newsletter",
    properties={"price": 129.99, "ratings": 31, "ok": True, "c": ["x", "y"], "t": '"\\\n\x7f'},
)
BARE = Event(session_id="s", event_type="View", event_time={"seconds": 1})
BARE_INTERACTION = ActionInteraction(session_id="s", event_type="View", event_time={"seconds": 1})
INTERACTION = ActionInteraction(
    session_id="session-1",
    user_id="u",
    event_type="Taken",
    event_time={"seconds": 1787462253, "nanos": 1},
    action_id="action-1",
    recommendation_id="RID-1",
    impression=["a"],
    properties={"a": "b"},
)


@pytest.mark.parametrize(
    ("message", "event_id"),
    [
        (FULL, "79c49c6d0a4db56af8b8e90f8c09c3d5"),
        (BARE, "2a3dd54ed311a205f42235bd00289e1b"),
        (INTERACTION, "3961e28aad678a55162aaca5bd369664"),
        (BARE_INTERACTION, "bb4013cf4051f4c7a5e8651c12461372"),
    ],
)
def test_ids_are_those_of_every_release(message: Event | ActionInteraction, event_id: str) -> None:
    """These IDs must never change: a retry may reach the next release."""
    assert derived_event_id(CALLER, "shop", message) == event_id


def test_an_id_is_the_hash_of_a_text_that_is_written_down() -> None:
    """The hash is BLAKE2b of 16 bytes over a JSON array."""
    text = (
        '["spiffe://example.org/ns/shop/sa/web","shop","event","session-1","ü😀\u2028","View",'
        '1787462253,250000000,"item-1",12.99,"RID-1",["a","b"],"newsletter",'
        r'"{\"c\":\"x|y\",\"ok\":true,\"price\":129.99,\"ratings\":31,'
        r"\"t\":\"\\\"\\\\\\n" + "\x7f" + r'\"}"]'
    )
    digest = blake2b(text.encode(), digest_size=16, person=b"event-id/1").hexdigest()
    assert derived_event_id(CALLER, "shop", FULL) == digest


def wire_in_any_order(message: Event, seed: int) -> bytes:
    """Serialize an event with its fields, and those of `properties`, in some order."""
    parts = []
    for field, value in message.ListFields():
        if field.name == "properties":
            for key, column in value.fields.items():
                part = Event()
                part.properties.fields[key].CopyFrom(column)
                parts.append(part.SerializeToString())
        elif field.name != "impression":
            part = Event()
            part.CopyFrom(message)
            for other, _ in message.ListFields():
                if other != field:
                    part.ClearField(other.name)
            parts.append(part.SerializeToString())
    parts.append(Event(impression=message.impression).SerializeToString())
    random.Random(seed).shuffle(parts)
    return b"".join(parts)


TEXT = st.text(max_size=20)
COLUMNS = st.dictionaries(TEXT, TEXT | st.floats(-1e15, 1e15) | st.booleans(), max_size=5)
EVENTS = st.builds(
    Event,
    session_id=TEXT,
    user_id=st.none() | TEXT,
    event_type=TEXT,
    event_time=st.fixed_dictionaries(
        {"seconds": st.integers(0, 253402300799), "nanos": st.integers(0, 999_999_999)}
    ),
    item_id=st.none() | TEXT,
    event_value=st.none() | st.floats(allow_nan=False, allow_infinity=False),
    recommendation_id=st.none() | TEXT,
    impression=st.lists(TEXT, max_size=3),
    event_attribution_source=st.none() | TEXT,
    properties=COLUMNS,
)


@settings(deadline=None)
@given(EVENTS, st.integers(0, 1000))
def test_the_order_on_the_wire_does_not_count(event: Event, seed: int) -> None:
    """An event has the same ID however it was serialized, and 32 digits."""
    event_id = derived_event_id(CALLER, "shop", event)
    received = Event.FromString(wire_in_any_order(event, seed))
    assert derived_event_id(CALLER, "shop", received) == event_id
    assert len(event_id) == 32
    assert int(event_id, 16) >= 0


def content(event: Event) -> Any:
    """Return all that makes an event, with text for numbers so that -0.0 is not 0.0."""
    fields = {field.name: str(value) for field, value in event.ListFields()}
    columns = {
        key: (value.WhichOneof("kind"), value.string_value, value.number_value, value.bool_value)
        for key, value in event.properties.fields.items()
    }
    return {**fields, "impression": list(event.impression), "properties": columns}


@settings(deadline=None)
@given(EVENTS, EVENTS)
def test_two_events_share_an_id_only_if_they_are_the_same(one: Event, other: Event) -> None:
    """Content and ID are equal together."""
    same = content(one) == content(other)
    ids = [derived_event_id(CALLER, "shop", event) for event in (one, other)]
    assert (ids[0] == ids[1]) == same


CHANGES: list[Callable[[Event], Any]] = [
    lambda e: e.MergeFrom(Event(session_id="session-2")),
    lambda e: e.MergeFrom(Event(user_id="v")),
    lambda e: e.ClearField("user_id"),
    lambda e: e.MergeFrom(Event(user_id="")),
    lambda e: e.MergeFrom(Event(event_type="Buy")),
    lambda e: e.MergeFrom(Event(event_time={"seconds": 2})),
    lambda e: e.MergeFrom(Event(event_time={"nanos": 1})),
    lambda e: e.MergeFrom(Event(item_id="item-2")),
    lambda e: e.ClearField("item_id"),
    lambda e: e.MergeFrom(Event(event_value=12.990000000000002)),
    lambda e: e.MergeFrom(Event(event_value=0.0)),
    lambda e: e.MergeFrom(Event(event_value=-0.0)),
    lambda e: e.ClearField("event_value"),
    lambda e: e.MergeFrom(Event(recommendation_id="RID-2")),
    lambda e: e.ClearField("recommendation_id"),
    lambda e: e.impression.append("c"),
    lambda e: e.impression.reverse(),
    lambda e: e.ClearField("impression"),
    lambda e: e.MergeFrom(Event(event_attribution_source="mail")),
    lambda e: e.ClearField("event_attribution_source"),
    lambda e: e.properties.update({"ratings": 32}),
    lambda e: e.properties.update({"ratings": "31"}),
    lambda e: e.properties.update({"more": 1}),
    lambda e: e.properties.update({"ok": False}),
    lambda e: e.ClearField("properties"),
]


def test_every_change_makes_another_id() -> None:
    """No member, and no fraction of a second, is without effect."""
    events = [FULL]
    for change in CHANGES:
        changed = Event()
        changed.CopyFrom(FULL)
        change(changed)
        events.append(changed)
    ids = {derived_event_id(CALLER, "shop", event) for event in events}
    assert len(ids) == len(events)


def test_every_change_of_an_action_interaction_makes_another_id() -> None:
    """The same of action interactions."""
    changes: list[dict[str, Any]] = [
        {},
        {"session_id": "x"},
        {"user_id": "x"},
        {"event_type": "x"},
        {"event_time": {"seconds": 2}},
        {"event_time": {"nanos": 2}},
        {"action_id": "x"},
        {"recommendation_id": "x"},
        {"impression": ["x"]},
        {"properties": {"x": 1}},
    ]
    ids = set()
    for change in changes:
        changed = ActionInteraction()
        changed.CopyFrom(INTERACTION)
        changed.MergeFrom(ActionInteraction(**change))
        ids.add(derived_event_id(CALLER, "shop", changed))
    assert len(ids) == len(changes)


def test_caller_dataset_group_and_kind_keep_ids_apart() -> None:
    """What one caller sends, to one dataset group, as one kind, is never another's."""
    fields: dict[str, Any] = {"session_id": "s", "event_type": "t", "event_time": {"seconds": 1}}
    ids = {
        derived_event_id("a", "b", Event(**fields)),
        derived_event_id("ab", "", Event(**fields)),
        derived_event_id("", "ab", Event(**fields)),
        derived_event_id('a","b', "", Event(**fields)),
        derived_event_id("b", "a", Event(**fields)),
        derived_event_id("a", "b", ActionInteraction(**fields)),
    }
    assert len(ids) == 6


def test_what_is_the_same_to_personalize_has_the_same_id() -> None:
    """The event ID itself, an empty object and categories that are joined make no difference."""
    base = Event(session_id="s", event_type="t", properties={"c": ["x", "y"]})
    joined = Event(session_id="s", event_type="t", event_id="e", properties={"c": "x|y"})
    none, empty = Event(session_id="s"), Event(session_id="s", properties={})
    assert derived_event_id("a", "b", base) == derived_event_id("a", "b", joined)
    assert derived_event_id("a", "b", none) == derived_event_id("a", "b", empty)
