"""JSON over HTTP, which Envoy hands on to JsonService."""

import json
from io import BytesIO
from typing import Any

import aiohttp
import pytest

from tests.envoy.stand import Stand
from tests.support.received import received

EVENT = {
    "sessionId": "s1",
    "eventType": "View",
    "eventTime": "2026-09-21T13:46:40Z",
    "itemId": "i1",
    "properties": {"quantity": 3},
}

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def post(
    stand: Stand, path: str, body: object, *, token: str | None = None
) -> tuple[int, Any]:
    """Send a body; return status and answer."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"content-type": "application/json"}
    headers["authorization"] = f"Bearer {stand.token if token is None else token}"
    url = stand.sidecars["web"].url + path
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, data=data, headers=headers) as response,
    ):
        return response.status, await response.json(content_type=None)


def detail(answer: Any, name: str) -> Any:
    """Return the detail of this type that a refusal has, without its type."""
    (found,) = [one for one in answer["details"] if one.pop("@type").endswith(f"google.rpc.{name}")]
    return found


async def test_what_is_posted_arrives(stand: Stand) -> None:
    """Up to Personalize, with an event ID that the answer tells."""
    body = {"events": [{**EVENT, "eventId": "json-1"}], "ackLevel": "ACK_LEVEL_DELIVERED"}
    status, answer = await post(stand, "/v1/records/events", body)
    assert (status, answer) == (
        200,
        {
            "ackLevel": "ACK_LEVEL_DELIVERED",
            "eventIds": ["json-1"],
            "outcomes": [{"state": "OUTCOME_STATE_DELIVERED"}],
        },
    )
    (arrived,) = [
        record.parsed()
        for record in await received(stand.emulator, "events", 1)
        if record.parsed()["eventId"] == "json-1"
    ]
    assert json.loads(arrived["properties"]) == {"quantity": 3}


async def test_an_unknown_field_is_a_400_with_its_path(stand: Stand) -> None:
    """It reaches the gateway, which refuses it, as the transcoder's own parser would not."""
    body = {"events": [EVENT, {**EVENT, "userID": "u1"}]}
    status, answer = await post(stand, "/v1/records/events", body)
    assert (status, answer["code"]) == (400, 3)
    assert detail(answer, "BadRequest") == {
        "fieldViolations": [
            {
                "field": "events[1].userID",
                "description": "there is no such field; did you mean `userId`?",
                "reason": "UNKNOWN_FIELD",
            }
        ]
    }


@pytest.mark.parametrize(
    ("path", "body", "status", "reason"),
    [
        ("/v1/records/events", b"{", 400, "INVALID_FIELDS"),
        ("/v1/records/event", {}, 400, "INVALID_FIELDS"),
        ("/v1/records/items", {"items": [{"itemId": "i1"}]}, 403, "ROUTE_MISSING"),
    ],
)
async def test_a_refusal_says_why(
    stand: Stand, path: str, body: object, status: int, reason: str
) -> None:
    """Its status is HTTP's, and its body a google.rpc.Status with the details."""
    got, answer = await post(stand, path, body)
    assert (got, detail(answer, "ErrorInfo")["reason"]) == (status, reason)


async def test_a_caller_without_a_token_is_refused(stand: Stand) -> None:
    """As 401."""
    status, answer = await post(stand, "/v1/records/events", {"events": [EVENT]}, token="guessed")
    assert (status, detail(answer, "ErrorInfo")["reason"]) == (401, "CALLER_UNKNOWN")


async def test_four_mebibytes_reach_the_gateway_and_no_more(stand: Stand) -> None:
    """What is larger is refused by Envoy."""
    for size_bytes, expected in ((4 << 20) - 1024, 400), ((4 << 20) + 1, 413):
        url = stand.sidecars["web"].url + "/v1/records/events"
        headers = {"authorization": f"Bearer {stand.token}"}
        async with (
            aiohttp.ClientSession(headers=headers) as session,
            session.post(url, data=BytesIO(b" " * size_bytes)) as response,
        ):
            assert response.status == expected


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/", 404),
        ("POST", "/v1/records/events/e1", 404),
        ("POST", "/v1/records/events?dry_run=1", 400),
        ("GET", "/v1/records/events", 404),
        ("GET", "/stats", 404),
    ],
)
async def test_what_the_api_has_not_is_not_passed_on(
    stand: Stand, method: str, path: str, status: int
) -> None:
    """Envoy itself refuses it."""
    url = stand.sidecars["web"].url + path
    async with aiohttp.ClientSession() as session, session.request(method, url) as response:
        assert response.status == status
