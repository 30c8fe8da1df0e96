"""What Envoy sends again, and what it leaves to the caller."""

from pathlib import Path

import aiohttp
import grpc
import pytest
from personalize_gateway.v1.event_service_pb2 import PutEventsRequest
from personalize_gateway.v1.event_service_pb2_grpc import EventServiceStub

from tests.envoy.scripted import Script, scripted
from tests.envoy.sidecar import laid_out, sidecar

UNAVAILABLE = grpc.StatusCode.UNAVAILABLE


async def answer(folder: Path, script: Script, *, gateways: int) -> grpc.StatusCode:
    """Call through Envoy; return what the caller sees."""
    etc = laid_out(folder / "envoy")
    async with (
        scripted(script, gateways) as addresses,
        sidecar("plain", etc, *addresses) as envoy,
        envoy.channel() as channel,
    ):
        await envoy.sends_to(set(addresses))
        call = EventServiceStub(channel).PutEvents(PutEventsRequest())
        code: grpc.StatusCode = await call.code()
        if code is not grpc.StatusCode.OK and script.answers == []:
            trailers = dict(await call.trailing_metadata())
            assert trailers["grpc-status-details-bin"] == b"details"
        return code


async def test_what_was_not_stored_is_sent_to_another(tmp_path: Path) -> None:
    """UNAVAILABLE; each attempt goes where none was before."""
    script = Script([UNAVAILABLE] * 2)
    assert await answer(tmp_path, script, gateways=3) == grpc.StatusCode.OK
    assert sorted(script.asked) == [0, 1, 2]


async def test_a_gateway_alone_is_asked_again(tmp_path: Path) -> None:
    """It may have an outbox again, or be another process by then."""
    script = Script([UNAVAILABLE])
    assert await answer(tmp_path, script, gateways=1) == grpc.StatusCode.OK
    assert script.asked == [0, 0]


async def test_after_three_retries_the_caller_is_told(tmp_path: Path) -> None:
    """With the details, which say when to come again."""
    script = Script([UNAVAILABLE] * 4)
    assert await answer(tmp_path, script, gateways=2) == UNAVAILABLE
    assert len(script.asked) == 4


async def test_json_is_sent_again_too(tmp_path: Path) -> None:
    """Whole, though Envoy has made another request of it."""
    script = Script([UNAVAILABLE])
    async with (
        scripted(script, 2) as addresses,
        sidecar("web", laid_out(tmp_path / "envoy"), *addresses) as envoy,
        aiohttp.ClientSession() as session,
    ):
        await envoy.sends_to(set(addresses))
        async with session.post(f"{envoy.url}/v1/records/events", json={}) as response:
            assert (response.status, await response.json()) == (200, {})
    assert sorted(script.asked) == [0, 1]


async def test_where_none_is_healthy_all_are_called(tmp_path: Path) -> None:
    """The gateway knows better than Envoy why it does not serve, and may serve all the same."""
    script = Script([])
    async with (
        scripted(script, 2, serving=False) as addresses,
        sidecar("plain", laid_out(tmp_path / "envoy"), *addresses) as envoy,
        envoy.channel() as channel,
    ):
        await envoy.sends_to(set())
        await EventServiceStub(channel).PutEvents(PutEventsRequest())
    assert len(script.asked) == 1


@pytest.mark.parametrize(
    "code",
    [
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        grpc.StatusCode.INVALID_ARGUMENT,
        grpc.StatusCode.INTERNAL,
        grpc.StatusCode.DEADLINE_EXCEEDED,
    ],
)
async def test_nothing_else_is_sent_again(tmp_path: Path, code: grpc.StatusCode) -> None:
    """Not RESOURCE_EXHAUSTED either: when to come again is in its RetryInfo."""
    script = Script([code])
    assert await answer(tmp_path, script, gateways=2) == code
    assert len(script.asked) == 1
