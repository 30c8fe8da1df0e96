"""A JSON body is taken for what it says, or refused with the paths of what is wrong."""

import json
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict
from hypothesis import given
from hypothesis import strategies as st

from gateway.acceptance import InvalidRequest
from gateway.api import PutEventsRequest, PutItemsRequest, Rule
from gateway.rpc.json_body import parsed

EVENT = {
    "sessionId": "s",
    "user_id": "u",
    "eventType": "View",
    "eventTime": "2026-11-21T08:30:00Z",
    "eventValue": 1,
    "impression": ["a", "b"],
    "properties": {"quantity": 2, "gift": True, "colours": ["red"], "note": "é"},
}


def refused(body: bytes | dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return what is wrong with the body of PutEvents: field, rule, description."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    with pytest.raises(InvalidRequest) as raised:
        parsed(PutEventsRequest, data)
    return [
        (one.field, Rule.Name(one.rule).removeprefix("RULE_"), one.description)
        for one in raised.value.violations
    ]


def event(**changed: object) -> dict[str, Any]:
    """Return a request of one event with some members changed."""
    return {"events": [{**EVENT, **changed}]}


def test_both_names_of_a_field_are_taken() -> None:
    """What the message holds is what the body says."""
    body = {"dataset_group": "shop", "ackLevel": "ACK_LEVEL_DELIVERED", **event()}
    request = parsed(PutEventsRequest, json.dumps(body).encode())
    expected = {**EVENT, "userId": EVENT["user_id"]}
    del expected["user_id"]
    assert MessageToDict(request) == {
        "datasetGroup": "shop",
        "ackLevel": "ACK_LEVEL_DELIVERED",
        "events": [expected],
    }


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (event(userID="u"), ("events[0].userID", "UNKNOWN_FIELD")),
        ({"event": []}, ("event", "UNKNOWN_FIELD")),
        ({"a b": 1}, ('["a b"]', "UNKNOWN_FIELD")),
        (event(userId="x"), ("events[0].user_id", "JSON")),
        (event(sessionId=None), ("events[0].session_id", "JSON")),
        (event(sessionId=5), ("events[0].session_id", "JSON")),
        (event(eventValue="much"), ("events[0].event_value", "JSON")),
        (event(eventTime=1763713800), ("events[0].event_time", "JSON")),
        (event(eventTime="yesterday"), ("events[0].event_time", "JSON")),
        (event(impression="a"), ("events[0].impression", "JSON")),
        (event(impression=["a", None]), ("events[0].impression[1]", "JSON")),
        (event(properties=[]), ("events[0].properties", "JSON")),
        (event(properties={"n": 2**63 + 1}), ('events[0].properties["n"]', "PRECISION")),
        (event(sessionId="\ud800"), ("events[0].session_id", "LONE_SURROGATE")),
        (event(properties={"c": ["\udfff"]}), ('events[0].properties["c"]', "LONE_SURROGATE")),
        ({"ackLevel": "SOON"}, ("ack_level", "JSON")),
        ({"ackLevel": True}, ("ack_level", "JSON")),
        ({"events": {}}, ("events", "JSON")),
        ({"events": [[]]}, ("events[0]", "JSON")),
        (b"[]", ("body", "JSON")),
        (b"", ("body", "JSON")),
        (b'{"events": [}', ("body", "JSON")),
        (b'{"events": [], "events": []}', ("body", "JSON")),
        (b'{"events": [{"eventValue": NaN}]}', ("body", "JSON")),
        (b'{"events": [{"eventValue": 1e999}]}', ("body", "JSON")),
        (b'{"events": [{"eventValue": ' + b"1" * 5000 + b"}]}", ("body", "JSON")),
        (b'{"events": "\xff"}', ("body", "JSON")),
        (b"[" * 100_000, ("body", "JSON")),
    ],
)
def test_a_fault_is_named_with_its_path(
    body: bytes | dict[str, Any], expected: tuple[str, str]
) -> None:
    """One fault, one violation."""
    assert [(field, rule) for field, rule, _ in refused(body)] == [expected]


def test_every_fault_is_named() -> None:
    """Not only the first, as protobuf's parser does."""
    body = {"events": [{"sessionID": "s"}, {"eventValue": {}}], "more": 1}
    assert refused(body) == [
        (
            "events[0].sessionID",
            "UNKNOWN_FIELD",
            "there is no such field; did you mean `sessionId`?",
        ),
        ("events[1].event_value", "JSON", "must be a finite number"),
        ("more", "UNKNOWN_FIELD", "there is no such field"),
    ]


def test_columns_are_left_to_validation() -> None:
    """Null and nesting are rules of their own there."""
    properties = {"n": None, "o": {"deep": [1]}}
    request = parsed(PutEventsRequest, json.dumps(event(properties=properties)).encode())
    assert MessageToDict(request)["events"][0]["properties"] == properties


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
MEMBERS = st.sampled_from(["itemId", "item_id", "properties", "other"])


@given(st.dictionaries(st.sampled_from(["items", "ackLevel", "x"]), JSON), st.data())
def test_it_is_taken_as_it_is_or_refused(body: dict[str, Any], data: st.DataObject) -> None:
    """Nothing that was sent is dropped, and nothing else is raised."""
    items = st.lists(st.dictionaries(MEMBERS, st.text() | JSON, max_size=2), max_size=2)
    body["items"] = data.draw(items)
    try:
        request = parsed(PutItemsRequest, json.dumps(body).encode())
    except InvalidRequest:
        return
    members = sum(len(item) for item in body["items"])
    assert sum(len(item.ListFields()) for item in request.items) <= members
    assert len(request.items) == len(body["items"])
    for sent, taken in zip(body["items"], request.items, strict=True):
        assert taken.item_id == sent.get("itemId", sent.get("item_id", ""))
        assert set(taken.properties.fields) == set(sent.get("properties", ()))
