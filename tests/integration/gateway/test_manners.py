"""How the server treats connections: what it grants, and what it asks for."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import grpc
import pytest
from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthStub
from personalize_gateway.v1.acknowledgement_pb2 import ACK_LEVEL_DELIVERED
from personalize_gateway.v1.event_service_pb2 import PutEventsRequest
from personalize_gateway.v1.event_service_pb2_grpc import EventServiceStub
from personalize_gateway.v1.ingest_service_pb2 import IngestRecord, IngestRequest, IngestResponse
from personalize_gateway.v1.ingest_service_pb2_grpc import IngestServiceStub

from gateway import embedded
from gateway.config import Config
from gateway.personalize.emulator import Answer, Emulator, Fault
from tests.support.messages import event
from tests.support.running import Running, patient
from tests.support.served import until

NOT_SERVING, SERVING = HealthCheckResponse.NOT_SERVING, HealthCheckResponse.SERVING

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SETTINGS, PING, GOAWAY = 4, 6, 7
ENHANCE_YOUR_CALM = 11


@pytest.fixture
def config(emulator: Emulator) -> Config:
    """A gateway that serves two RPCs at once."""
    return limited(emulator)


def limited(emulator: Emulator, **limits: float) -> Config:
    """Return the configuration of a gateway that serves two RPCs at once, and has these limits."""
    config = patient(embedded.configuration(emulator, "127.0.0.1:0"))
    limits = {"max_concurrent_rpcs": 2, "shutdown_notice_s": 0.0, **limits}
    return config.model_copy(update={"server": config.server.model_copy(update=limits)})


async def put(channel: grpc.aio.Channel, event_id: str, **options: Any) -> None:
    """Send an event."""
    request = PutEventsRequest(events=[event(event_id=event_id)])
    await EventServiceStub(channel).PutEvents(request, **options)


def health(running: Running) -> Any:
    """Return a stub, of which the type checker knows nothing."""
    return HealthStub(running.channel)


def told(error: grpc.aio.AioRpcError) -> tuple[str, Sequence[str]]:
    """Return the reason of an error, and which details come with it."""
    metadata = error.trailing_metadata()
    assert metadata is not None
    status = Status.FromString(dict(metadata)["grpc-status-details-bin"])
    info = ErrorInfo()
    status.details[0].Unpack(info)
    return info.reason, [one.TypeName() for one in status.details[1:]]


class TestAge:
    """A gateway that has connections made anew each second."""

    @pytest.fixture
    def config(self, emulator: Emulator) -> Config:
        """So long lasts a stream, too."""
        return limited(emulator, max_connection_age_s=1.0)

    async def test_a_stream_is_ended_when_it_has_lasted_long_enough(self, running: Running) -> None:
        """What was read is acknowledged first; another stream takes the rest."""
        acknowledged: list[IngestResponse] = []
        async with asyncio.timeout(60):
            while not acknowledged:  # On a busy machine a second may pass before anything is read.
                acknowledged, error = await _to_its_end(running.channel)
                assert error.code() is grpc.StatusCode.UNAVAILABLE
                assert told(error) == ("DRAINING", [])
                assert "lasted" in (error.details() or "")
        assert acknowledged == [IngestResponse(acknowledged_sequence=1)]
        await put(running.channel, "e2")

    async def test_a_connection_is_told_to_go_when_it_is_old(self, running: Running) -> None:
        """By GOAWAY with NO_ERROR, in its time."""
        kinds = await _frames(running.address, b"")
        assert kinds[-1] == (GOAWAY, 0)


async def _to_its_end(
    channel: grpc.aio.Channel,
) -> tuple[list[IngestResponse], grpc.aio.AioRpcError]:
    """Send one request on a stream that stays open; return what comes, and what it ends with."""
    over = asyncio.Event()

    async def requests() -> AsyncIterator[IngestRequest]:
        record = IngestRecord(event=event(event_id="e1"))
        yield IngestRequest(sequence=1, records=[record])
        await over.wait()

    responses: list[IngestResponse] = []

    async def read() -> None:
        async for response in IngestServiceStub(channel).Ingest(requests()):
            responses.append(response)  # noqa: PERF401 - to have what came before the error

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await read()
    over.set()
    return responses, caught.value


async def test_who_pings_for_nothing_is_told_to_calm_down(running: Running) -> None:
    """By GOAWAY with ENHANCE_YOUR_CALM."""
    ping = _frame(PING, bytes(8))
    kinds = await _frames(running.address, ping * 10)
    assert kinds[-1] == (GOAWAY, ENHANCE_YOUR_CALM)


def _frame(kind: int, payload: bytes) -> bytes:
    return len(payload).to_bytes(3, "big") + bytes([kind, 0, 0, 0, 0, 0]) + payload


async def _frames(address: str, sent: bytes) -> list[tuple[int, int]]:
    """Return what kinds of frames come until the first GOAWAY, which has an error code."""
    host, _, port = address.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(PREFACE + _frame(SETTINGS, b"") + sent)
    kinds: list[tuple[int, int]] = []
    async with asyncio.timeout(60):
        while not kinds or kinds[-1][0] != GOAWAY:
            head = await reader.readexactly(9)
            payload = await reader.readexactly(int.from_bytes(head[:3], "big"))
            code = int.from_bytes(payload[4:8], "big") if head[3] == GOAWAY else 0
            kinds.append((head[3], code))
    writer.close()
    return kinds


async def test_what_is_too_much_at_once_is_refused_and_may_come_again(running: Running) -> None:
    """With how long to wait; health checks are answered all the same."""
    running.emulator.faults.add(Fault(operation="PutEvents", answer=Answer.UNAVAILABLE))
    level = ACK_LEVEL_DELIVERED
    stub = EventServiceStub(running.channel)
    waiting = [
        stub.PutEvents(PutEventsRequest(events=[event(event_id=f"e{n}")], ack_level=level))
        for n in range(2)
    ]
    await until(lambda: running.gateway._ingest.rpcs_under_way == 2)
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await put(running.channel, "one more")
    assert error.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert told(error.value) == ("OVERLOADED", [RetryInfo.DESCRIPTOR.full_name])
    checked = await health(running).Check(HealthCheckRequest())
    assert checked.status == SERVING
    running.emulator.faults.clear()
    await asyncio.gather(*waiting)
    await put(running.channel, "one more")


async def test_compressed_requests_are_taken(running: Running) -> None:
    """By gzip, as all of gRPC's clients have it."""
    await put(running.channel, "e1", compression=grpc.Compression.Gzip)


@pytest.mark.parametrize(
    "service",
    ["", *(f"personalize_gateway.v1.{name}Service" for name in ("Event", "Catalog", "Ingest"))],
)
async def test_health_of_each_service_is_told_while_it_changes(
    running: Running, service: str
) -> None:
    """A watcher learns that the gateway stops before it is cut off."""
    watching = health(running).Watch(HealthCheckRequest(service=service))
    assert (await watching.read()).status == SERVING
    draining = asyncio.create_task(running.gateway._ingest.drain())
    assert (await watching.read()).status == NOT_SERVING
    await draining
    watching.cancel()
