"""gRPC-Web, as browsers speak it."""

import base64
import struct
from urllib.parse import unquote

import aiohttp
import pytest
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import BadRequest
from google.rpc.status_pb2 import Status
from personalize_gateway.v1.event_service_pb2 import PutEventsRequest, PutEventsResponse

from tests.envoy.stand import Stand
from tests.support.messages import event

PUT_EVENTS = "/personalize_gateway.v1.EventService/PutEvents"
SHOP = "https://shop.example.org"
TRAILERS = 0x80

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def call(stand: Stand, request: Message) -> tuple[list[bytes], dict[str, str]]:
    """Call PutEvents; return the messages and the trailers of its answer."""
    message = request.SerializeToString()
    headers = {
        "content-type": "application/grpc-web+proto",
        "x-grpc-web": "1",
        "origin": SHOP,
        "authorization": f"Bearer {stand.token}",
    }
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(
            stand.sidecars["web"].url + PUT_EVENTS,
            data=struct.pack(">BI", 0, len(message)) + message,
        ) as response,
    ):
        assert response.status == 200
        assert response.headers["access-control-allow-origin"] == SHOP
        messages, trailers = _frames(await response.read())
        return messages, trailers or {key.lower(): text for key, text in response.headers.items()}


def _frames(body: bytes) -> tuple[list[bytes], dict[str, str]]:
    messages, trailers = [], {}
    while body:
        kind, size = struct.unpack_from(">BI", body)
        frame, body = body[5 : 5 + size], body[5 + size :]
        if kind == TRAILERS:
            lines = frame.decode().splitlines()
            trailers = dict(line.split(":", 1) for line in lines)
        else:
            messages.append(frame)
    return messages, trailers


async def test_a_call_is_answered_with_message_and_trailers(stand: Stand) -> None:
    """In one HTTP body."""
    messages, trailers = await call(stand, PutEventsRequest(events=[event(event_id="web-1")]))
    assert [list(PutEventsResponse.FromString(one).event_ids) for one in messages] == [["web-1"]]
    assert trailers["grpc-status"] == "0"


async def test_a_refusal_has_its_details(stand: Stand) -> None:
    """Where the browser's library looks for them."""
    messages, trailers = await call(stand, PutEventsRequest(events=[event(user_id="")]))
    assert (messages, trailers["grpc-status"]) == ([], "3")
    assert unquote(trailers["grpc-message"]).startswith("events[0].user_id: ")
    details = trailers["grpc-status-details-bin"]
    status = Status.FromString(base64.b64decode(details + "=" * (-len(details) % 4)))
    refused = BadRequest()
    assert any(detail.Unpack(refused) for detail in status.details)
    assert [(one.field, one.reason) for one in refused.field_violations] == [
        ("events[0].user_id", "MIN_LENGTH")
    ]


@pytest.mark.parametrize("path", [PUT_EVENTS, "/v1/records/events"])
@pytest.mark.parametrize(("origin", "allowed"), [(SHOP, SHOP), ("https://elsewhere.example", None)])
async def test_a_browser_may_call_from_the_shop_alone(
    stand: Stand, path: str, origin: str, allowed: str | None
) -> None:
    """It asks before it sends."""
    headers = {
        "origin": origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type,x-grpc-web",
    }
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.options(stand.sidecars["web"].url + path) as response,
    ):
        assert response.headers.get("access-control-allow-origin") == allowed
