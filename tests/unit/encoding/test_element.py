import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.api import Action, ActionInteraction, Event, IngestRecord, Item, User
from gateway.encoding.body import (
    action_interactions_body,
    actions_body,
    events_body,
    items_body,
    users_body,
)
from gateway.encoding.element import RecordMessage, encode, unwrap
from gateway.records import Kind, Record

Boto3Body = Callable[..., bytes]
Tokens = Callable[[bytes | str], Any]

ARN = "arn:aws:personalize:eu-west-1:123456789012:dataset/shop/ITEMS"
NASTY = 'é \U0001d4b3😀 \u2028\u2029 "\\/ \x01\x1f\x7f\t\r\n </script>'
FLOATS = [12.99, 0.1, -0.0, 0.0, 31.0, 5e-324, 3.4e38, -1e16, 123456789012345680.0, 1e300, 1e-7]

# The same shop item for both sides: as a dict for a caller of boto3, as a Struct for ours.
COLUMNS: dict[str, Any] = {
    NASTY: NASTY,
    "price": 129.99,
    "ratings": 31,
    "change": -5,
    "tiny": 5e-324,
    "promoted": True,
    "large": "9007199254740993",
}


def cut_off(seconds: int, nanos: int = 999_999_999) -> dict[str, int]:
    """Make a time with a fraction, which we do not send: a timestamp of Personalize is a long."""
    return {"seconds": seconds, "nanos": nanos}


def own_json(body: bytes, list_name: str, tokens: Tokens) -> Any:
    """Parse a body and the JSON within it, numbers kept as they are written."""
    parsed = tokens(body)
    for element in parsed[list_name]:
        if "properties" in element:
            element["properties"] = tokens(element["properties"])
    return parsed


@pytest.mark.parametrize("value", FLOATS)
def test_an_event_with_all_members_is_what_boto3_sends(
    value: float, boto3_body: Boto3Body, tokens: Tokens
) -> None:
    """The body of PutEvents is boto3's, token for token."""
    event = Event(
        session_id=NASTY,
        user_id=f"u{NASTY}",
        event_type=f"View{NASTY}",
        event_time=cut_off(1787462253),
        item_id=f"i{NASTY}",
        event_value=value,
        recommendation_id="RID-1",
        impression=["a", NASTY],
        event_attribution_source="newsletter",
        properties=COLUMNS,
    )
    record = encode(Kind.EVENTS, event, "event-1")
    ours = events_body(f"t{NASTY}", record.session_id, record.user_id, [record.element] * 2)
    theirs = {
        "eventId": "event-1",
        "eventType": f"View{NASTY}",
        "eventValue": value,
        "itemId": f"i{NASTY}",
        "properties": json.dumps(COLUMNS),
        "sentAt": datetime(2026, 8, 23, 5, 17, 33, tzinfo=UTC),
        "recommendationId": "RID-1",
        "impression": ["a", NASTY],
        "metricAttribution": {"eventAttributionSource": "newsletter"},
    }
    wire = boto3_body(
        "put_events",
        trackingId=f"t{NASTY}",
        sessionId=NASTY,
        userId=f"u{NASTY}",
        eventList=[theirs, theirs],
    )
    assert own_json(ours, "eventList", tokens) == own_json(wire, "eventList", tokens)


def test_an_event_with_nothing_optional_is_what_boto3_sends(
    boto3_body: Boto3Body, tokens: Tokens
) -> None:
    """Members that are unset are left out, as is an empty object of properties."""
    event = Event(session_id="s", event_type="View", event_time=cut_off(1), properties={})
    record = encode(Kind.EVENTS, event, "event-1")
    ours = events_body("t", record.session_id, record.user_id, [record.element])
    theirs = {"eventId": "event-1", "eventType": "View", "sentAt": 1}
    wire = boto3_body("put_events", trackingId="t", sessionId="s", eventList=[theirs])
    assert tokens(ours) == tokens(wire)
    assert record == Record(
        "event-1", b'{"eventId":"event-1","eventType":"View","sentAt":1}', "s", None
    )


def test_an_action_interaction_is_what_boto3_sends(boto3_body: Boto3Body, tokens: Tokens) -> None:
    """The body of PutActionInteractions is boto3's, with all members and with few."""
    full = ActionInteraction(
        session_id=NASTY,
        user_id="u",
        event_type="Taken",
        event_time=cut_off(1787462253),
        action_id="a",
        recommendation_id="RID-1",
        impression=["a", "b"],
        properties=COLUMNS,
    )
    bare = ActionInteraction(
        session_id="s", event_type="Viewed", event_time=cut_off(1), action_id="a"
    )
    elements = [encode(Kind.ACTION_INTERACTIONS, m, "id-1").element for m in (full, bare)]
    wire = boto3_body(
        "put_action_interactions",
        trackingId="t",
        actionInteractions=[
            {
                "actionId": "a",
                "userId": "u",
                "sessionId": NASTY,
                "timestamp": 1787462253,
                "eventType": "Taken",
                "eventId": "id-1",
                "recommendationId": "RID-1",
                "impression": ["a", "b"],
                "properties": json.dumps(COLUMNS),
            },
            {
                "actionId": "a",
                "sessionId": "s",
                "timestamp": 1,
                "eventType": "Viewed",
                "eventId": "id-1",
            },
        ],
    )
    ours = action_interactions_body("t", elements)
    name = "actionInteractions"
    assert own_json(ours, name, tokens) == own_json(wire, name, tokens)


@pytest.mark.parametrize(
    ("kind", "messages", "body", "member"),
    [
        (
            Kind.ITEMS,
            [Item(item_id=NASTY, properties=COLUMNS), Item(item_id="1")],
            items_body,
            "itemId",
        ),
        (
            Kind.USERS,
            [User(user_id=NASTY, properties=COLUMNS), User(user_id="1")],
            users_body,
            "userId",
        ),
        (
            Kind.ACTIONS,
            [Action(action_id=NASTY, properties=COLUMNS), Action(action_id="1")],
            actions_body,
            "actionId",
        ),
    ],
)
def test_items_users_and_actions_are_what_boto3_sends(
    kind: Kind,
    messages: list[RecordMessage],
    body: Callable[..., bytes],
    member: str,
    boto3_body: Boto3Body,
    tokens: Tokens,
) -> None:
    """The bodies of PutItems, PutUsers and PutActions are boto3's, with and without properties."""
    records = [encode(kind, message) for message in messages]
    assert [record.record_id for record in records] == [NASTY, "1"]
    theirs = [{member: NASTY, "properties": json.dumps(COLUMNS)}, {member: "1"}]
    wire = boto3_body(f"put_{kind}", datasetArn=ARN, **{kind.value: theirs})
    ours = body(ARN, [record.element for record in records])
    assert own_json(ours, kind.value, tokens) == own_json(wire, kind.value, tokens)


TEXT = st.text(min_size=1, max_size=30)
COLUMN = st.text() | st.floats(-1e15, 1e15) | st.booleans()


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
)
@given(
    st.fixed_dictionaries(
        {"eventType": TEXT, "sentAt": st.integers(1, 253402300799)},
        optional={
            "itemId": TEXT,
            "eventValue": st.floats(allow_nan=False, allow_infinity=False),
            "recommendationId": TEXT,
            "impression": st.lists(TEXT, min_size=1, max_size=25),
            "eventAttributionSource": TEXT,
            "properties": st.dictionaries(TEXT, COLUMN, min_size=1),
        },
    ),
    st.integers(0, 999_999_999),
    TEXT,
    st.none() | TEXT,
)
def test_any_event_is_what_boto3_sends(
    boto3_body: Boto3Body, members: dict[str, Any], nanos: int, session: str, user: str | None
) -> None:
    """Whatever an event holds, our body and boto3's mean the same."""
    event = Event(
        session_id=session,
        user_id=user,
        event_type=members["eventType"],
        event_time=cut_off(members["sentAt"], nanos),
        item_id=members.get("itemId"),
        event_value=members.get("eventValue"),
        recommendation_id=members.get("recommendationId"),
        impression=members.get("impression"),
        event_attribution_source=members.get("eventAttributionSource"),
        properties=members.get("properties"),
    )
    record = encode(Kind.EVENTS, event, "e")
    theirs: dict[str, Any] = {"eventId": "e", **members}
    if "eventAttributionSource" in theirs:
        source = theirs.pop("eventAttributionSource")
        theirs["metricAttribution"] = {"eventAttributionSource": source}
    if "properties" in theirs:
        theirs["properties"] = json.dumps(theirs["properties"])
    named = {"userId": user} if user is not None else {}
    wire = boto3_body("put_events", trackingId="t", sessionId=session, eventList=[theirs], **named)
    ours = events_body("t", record.session_id, record.user_id, [record.element])
    assert own_json(ours, "eventList", json.loads) == own_json(wire, "eventList", json.loads)


def test_an_element_is_written_without_waste() -> None:
    """No spaces, and UTF-8 instead of escapes."""
    item = Item(item_id="é😀", properties={"a": "é\n", "b": 2})
    expected = '{"itemId":"é😀","properties":"{\\"a\\":\\"é\\\\n\\",\\"b\\":2}"}'
    assert encode(Kind.ITEMS, item) == Record("é😀", expected.encode())


@pytest.mark.parametrize(
    ("record", "kind"),
    [
        (IngestRecord(event=Event(session_id="s")), Kind.EVENTS),
        (
            IngestRecord(action_interaction=ActionInteraction(session_id="s")),
            Kind.ACTION_INTERACTIONS,
        ),
        (IngestRecord(item=Item()), Kind.ITEMS),
        (IngestRecord(user=User()), Kind.USERS),
        (IngestRecord(action=Action()), Kind.ACTIONS),
    ],
)
def test_an_ingested_record_is_unwrapped(record: IngestRecord, kind: Kind) -> None:
    """Each member of the oneof is a kind, also where its message is empty."""
    member = record.WhichOneof("kind")
    assert member is not None
    assert unwrap(record) == (kind, getattr(record, member))


def test_an_ingested_record_may_have_no_kind() -> None:
    """There is nothing to unwrap then; validation says so."""
    assert unwrap(IngestRecord()) is None


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_no_element_has_a_number_that_json_lacks(value: float) -> None:
    """What validation refuses is never sent as `NaN`."""
    with pytest.raises(ValueError, match="JSON"):
        encode(Kind.EVENTS, Event(event_value=value), "e")
