"""What is sent again, by gRPC and by the clients, and who is told to call."""

import asyncio

import grpc
import pytest
import trustme
from grpc import StatusCode
from personalize_gateway import (
    Credentials,
    GatewayClient,
    GatewayError,
    Options,
    aio,
    event,
    insecure,
    tls,
)
from personalize_gateway.v1.event_pb2 import Event
from personalize_gateway.v1.event_service_pb2 import PutEventsResponse

from tests.integration.client.scripted import End, Script, scripted

_OPTIONS = Options(timeout_s=30, initial_backoff_s=0.01, max_backoff_s=0.02)


async def _put(
    variant: str, target: str, credentials: Credentials, *events: Event
) -> PutEventsResponse:
    """Put events with one of the two clients."""
    if variant == "asyncio":
        async with aio.GatewayClient(target, credentials, _OPTIONS) as client:
            return await client.put_events(events)

    def put() -> PutEventsResponse:
        with GatewayClient(target, credentials, _OPTIONS) as client:
            return client.put_events(events)

    return await asyncio.to_thread(put)


variants = pytest.mark.parametrize("variant", ["threads", "asyncio"])


@variants
async def test_what_may_be_tried_again_is(variant: str) -> None:
    """UNAVAILABLE by gRPC, RESOURCE_EXHAUSTED with a delay by the client: the same event."""
    busy = End(StatusCode.RESOURCE_EXHAUSTED, "OVERLOADED", retry_after_s=0.01)
    script = Script([End(StatusCode.UNAVAILABLE), busy, End(StatusCode.UNAVAILABLE)])
    async with scripted(script) as target:
        response = await _put(variant, target, insecure(), Event(session_id="s"))
    assert script.events == [list(response.event_ids)] * 4
    assert response.event_ids[0]


@variants
@pytest.mark.parametrize(
    "code",
    [StatusCode.RESOURCE_EXHAUSTED, StatusCode.INTERNAL, StatusCode.INVALID_ARGUMENT],
)
async def test_what_may_not_is_not(variant: str, code: StatusCode) -> None:
    """One attempt, and the error of it."""
    script = Script([End(code, "SOMETHING")])
    async with scripted(script) as target:
        with pytest.raises(GatewayError) as caught:
            await _put(variant, target, insecure(), event("s", "View"))
    assert (caught.value.code, caught.value.reason) == (code, "SOMETHING")
    assert len(script.metadata) == 1


@variants
async def test_attempts_end(variant: str) -> None:
    """With the last error."""
    script = Script([End(StatusCode.UNAVAILABLE, "OUTBOX_UNAVAILABLE")] * 9)
    async with scripted(script) as target:
        with pytest.raises(GatewayError) as caught:
            await _put(variant, target, insecure(), event("s", "View"))
    assert caught.value.reason == "OUTBOX_UNAVAILABLE"
    assert len(script.metadata) == _OPTIONS.max_attempts


@variants
async def test_the_caller_proves_itself_over_mutual_tls(variant: str) -> None:
    """With its certificate, and a token with each call."""
    authority = trustme.CA()
    own, callers = authority.issue_cert("localhost"), authority.issue_cert("web.example.org")
    ca = authority.cert_pem.bytes()
    server = grpc.ssl_server_credentials(
        [(own.private_key_pem.bytes(), own.cert_chain_pems[0].bytes())],
        root_certificates=ca,
        require_client_auth=True,
    )
    credentials = tls(
        ca,
        callers.cert_chain_pems[0].bytes(),
        callers.private_key_pem.bytes(),
        token=lambda: "token",
    )
    script = Script()
    async with scripted(script, server) as target:
        await _put(variant, target, credentials, event("s", "View"))
        with pytest.raises(GatewayError) as caught:
            await _put(variant, target, tls(ca), event("s", "View"))
    assert caught.value.code is StatusCode.UNAVAILABLE
    assert [one["authorization"] for one in script.metadata] == ["Bearer token"]
