"""JSON through JsonService, as a sidecar hands it on."""

import json
from collections.abc import Awaitable
from typing import Any

import grpc
import pytest
from personalize_gateway.v1.acknowledgement_pb2 import ACK_LEVEL_DELIVERED, OUTCOME_STATE_DELIVERED

from gateway.api import PutJsonRequest, PutJsonResponse
from tests.support.refused import refused
from tests.support.running import Running

EVENT = {
    "sessionId": "s1",
    "userId": "u1",
    "eventId": "e1",
    "eventType": "View",
    "eventTime": "2026-09-21T13:46:40Z",
    "itemId": "i1",
    "properties": {"quantity": 3},
}


def put(
    running: Running, kind: str, body: bytes | object, content_type: str = ""
) -> Awaitable[Any]:
    """Call PutJson with a body."""
    call: Any = running.channel.unary_unary(
        "/personalize_gateway.v1.JsonService/PutJson",
        request_serializer=lambda request: request.SerializeToString(),
        response_deserializer=PutJsonResponse.FromString,
    )
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = PutJsonRequest(kind=kind, body={"content_type": content_type, "data": data})
    answer: Awaitable[Any] = call(request)
    return answer


async def test_what_the_body_says_arrives(running: Running) -> None:
    """As if it had come by the kind's own RPC."""
    body = {"events": [EVENT], "ackLevel": "ACK_LEVEL_DELIVERED"}
    answer = await put(running, "events", body, "application/json; charset=utf-8")
    assert (answer.ack_level, list(answer.event_ids)) == (ACK_LEVEL_DELIVERED, ["e1"])
    assert [outcome.state for outcome in answer.outcomes] == [OUTCOME_STATE_DELIVERED]
    (record,) = running.emulator.records("events")
    assert (record.session_id, record.user_id) == ("s1", "u1")
    assert json.loads(record.element) == {
        "eventId": "e1",
        "eventType": "View",
        "itemId": "i1",
        "sentAt": 1_789_998_400,
        "properties": '{"quantity":3}',
    }


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("action_interactions", {"action_interactions": []}),
        ("items", {"items": []}),
        ("users", {"users": []}),
        ("actions", {"actions": []}),
    ],
)
async def test_every_kind_has_its_own_form(running: Running, kind: str, body: object) -> None:
    """The list of its records is known, and refused only for being empty."""
    error = await refused(put(running, kind, body))
    assert error.violations == [(kind, "MIN_ITEMS")]


@pytest.mark.parametrize(
    ("kind", "body", "content_type", "violation"),
    [
        (
            "events",
            {"events": [{**EVENT, "userID": "u"}]},
            "",
            ("events[0].userID", "UNKNOWN_FIELD"),
        ),
        ("events", {"events": [{**EVENT, "userId": None}]}, "", ("events[0].user_id", "JSON")),
        ("events", {"events": [{**EVENT, "userId": ""}]}, "", ("events[0].user_id", "MIN_LENGTH")),
        ("events", b"{", "", ("body", "JSON")),
        ("events", {"events": [EVENT]}, "text/plain", ("body.content_type", "JSON")),
        ("event", {"events": [EVENT]}, "", ("kind", "JSON")),
    ],
)
async def test_nothing_is_dropped_in_silence(
    running: Running, kind: str, body: object, content_type: str, violation: tuple[str, str]
) -> None:
    """A fault is refused with its path, and nothing of the request is stored."""
    error = await refused(put(running, kind, body, content_type))
    assert (error.code, error.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELDS")
    assert error.violations == [violation]
    assert running.emulator.records("events") == []
