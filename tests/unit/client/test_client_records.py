"""Records that are made so that nothing is lost on the way into a message."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict
from hypothesis import given
from hypothesis import strategies as st
from personalize_gateway import NotSendable, action, action_interaction, event, item, user
from personalize_gateway.records import identified, struct, wrapped
from personalize_gateway.requests import ingest_record
from personalize_gateway.v1.event_pb2 import Event
from personalize_gateway.v1.ingest_service_pb2 import IngestRecord

_AT = datetime(2026, 9, 20, 14, tzinfo=timezone(timedelta(hours=2)))


def test_an_event_has_what_it_was_given() -> None:
    """And nothing else is set."""
    made = event(
        "s1", "View", item_id="i1", event_id="e1", event_time=_AT, event_value=0.0,
        impression=["i1", "i2"], properties={"a": ["x", "y"], "b": True, "c": 3},
    )  # fmt: skip
    assert MessageToDict(made) == {
        "sessionId": "s1",
        "eventType": "View",
        "itemId": "i1",
        "eventId": "e1",
        "eventTime": "2026-09-20T12:00:00Z",
        "eventValue": 0.0,
        "impression": ["i1", "i2"],
        "properties": {"a": ["x", "y"], "b": True, "c": 3.0},
    }
    assert not made.HasField("user_id")


def test_an_event_gets_an_id_and_a_time() -> None:
    """Each another ID; the time is now."""
    one, other = event("s1", "View"), event("s1", "View")
    assert one.event_id != other.event_id
    age = datetime.now(UTC) - one.event_time.ToDatetime(UTC)
    assert timedelta(0) <= age < timedelta(minutes=10)
    assert action_interaction("s1", "Taken", "a1").event_id


def test_catalogue_records() -> None:
    """Without properties they have none."""
    assert [MessageToDict(one) for one in (item("i"), user("u", {"age": 3}), action("a", {}))] == [
        {"itemId": "i"},
        {"userId": "u", "properties": {"age": 3.0}},
        {"actionId": "a", "properties": {}},
    ]


@pytest.mark.parametrize(
    "value",
    [
        None, 2**53, -(2**53), float("nan"), float("inf"), {"a": 1}, [1], [None], ["a", ["b"]],
        Decimal(1), datetime.now(UTC), b"x", object(),
    ],
)  # fmt: skip
def test_values_that_would_become_others_are_refused(value: Any) -> None:
    """By the name of their key; the value is not shown."""
    with pytest.raises(NotSendable, match="property 'the key'") as caught:
        struct({"ok": 1, "the key": value})
    assert str(value) not in str(caught.value) or value is None


def test_a_time_has_to_say_its_zone() -> None:
    """It would be taken for UTC."""
    with pytest.raises(NotSendable, match="no zone"):
        event("s1", "View", event_time=datetime(2026, 9, 20))  # noqa: DTZ001


@given(
    st.dictionaries(
        st.text(),
        st.text()
        | st.booleans()
        | st.integers(-(2**53) + 1, 2**53 - 1)
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.lists(st.text()),
    )
)
def test_what_is_taken_comes_out_as_it_went_in(properties: dict[str, Any]) -> None:
    """A Struct holds exactly what it was given."""
    try:
        made = struct(properties)
    except UnicodeEncodeError:  # half of a surrogate pair is no text
        return
    assert MessageToDict(made) == properties


def test_an_event_keeps_its_id() -> None:
    """The caller's own message gets one, so that sending it again is the same event."""
    given_one, bare = Event(event_id="mine"), Event()
    assert identified(given_one).event_id == "mine"
    first = wrapped(bare).event.event_id
    assert first
    assert [wrapped(bare).event.event_id, bare.event_id] == [first, first]
    empty = Event(event_id="")
    assert identified(empty).event_id == ""


def test_records_of_every_kind_are_wrapped() -> None:
    """What is wrapped already stays as it is, but for an event's ID."""
    acting = action_interaction("s", "Taken", "a")
    records = (event("s", "View"), acting, item("i"), user("u"), action("a"))
    assert [wrapped(record).WhichOneof("kind") for record in records] == [
        "event", "action_interaction", "item", "user", "action",
    ]  # fmt: skip
    ready = IngestRecord(event=Event())
    assert ingest_record(ready) is ready
    assert ready.event.event_id
    assert ingest_record(IngestRecord()) == IngestRecord()
