"""gRPC calls through Envoy: streams, workers, limits."""

from pathlib import Path

import grpc
import pytest
from personalize_gateway.v1.event_service_pb2 import PutEventsRequest
from personalize_gateway.v1.event_service_pb2_grpc import EventServiceStub
from personalize_gateway.v1.ingest_service_pb2 import (
    IngestRecord,
    IngestRequest,
    IngestResponse,
)
from personalize_gateway.v1.ingest_service_pb2_grpc import IngestServiceStub
from personalize_gateway.v1.route_service_pb2 import ListRoutesRequest
from personalize_gateway.v1.route_service_pb2_grpc import RouteServiceStub

from tests.envoy.sidecar import laid_out, sidecar
from tests.envoy.stand import Stand
from tests.support.certificates import uri
from tests.support.messages import event

pytestmark = pytest.mark.asyncio(loop_scope="session")


def channel(stand: Stand, name: str) -> grpc.aio.Channel:
    """Return a connection to a sidecar, with a certificate where it asks for one."""
    if name != "mtls":
        return stand.sidecars[name].channel()
    certificate = stand.clients.issue(uri("spiffe://example.org/shop"))
    return stand.sidecars[name].channel(stand.trusting(certificate))


@pytest.mark.parametrize("name", ["mtls", "plain", "web"])
async def test_a_stream_is_acknowledged_while_it_is_open(stand: Stand, name: str) -> None:
    """Envoy passes each message on as it comes, in both directions."""
    async with channel(stand, name) as opened:
        stream = IngestServiceStub(opened).Ingest(metadata=stand.authorization)
        for sequence in (1, 2):
            record = IngestRecord(event=event(event_id=f"{name}-{sequence}"))
            await stream.write(IngestRequest(sequence=sequence, records=[record]))
            response = await stream.read()
            assert isinstance(response, IngestResponse)
            assert response.acknowledged_sequence == sequence
        await stream.done_writing()
        assert await stream.code() == grpc.StatusCode.OK


async def test_one_connection_uses_all_workers(stand: Stand) -> None:
    """As each has an address of its own."""
    before = await stand.sidecars["plain"].calls()
    async with channel(stand, "plain") as opened:
        stub = EventServiceStub(opened)
        for number in range(10):
            request = PutEventsRequest(events=[event(event_id=f"worker-{number}")])
            await stub.PutEvents(request, metadata=stand.authorization)
    after = await stand.sidecars["plain"].calls()
    assert {after[worker] - before[worker] for worker in stand.workers} == {5}


async def test_a_connection_that_floods_is_refused_and_others_are_not(
    stand: Stand, tmp_path: Path
) -> None:
    """By a status that nobody takes for a gateway that is away."""
    etc = laid_out(tmp_path / "envoy")
    async with sidecar("plain", etc, *stand.workers, calls_per_connection=2) as envoy:
        codes = []
        for calls in (3, 1):
            async with envoy.channel() as opened:
                for _ in range(calls):
                    call = RouteServiceStub(opened).ListRoutes(
                        ListRoutesRequest(), metadata=stand.authorization
                    )
                    codes.append(await call.code())
    allowed = grpc.StatusCode.OK
    assert codes == [allowed, allowed, grpc.StatusCode.RESOURCE_EXHAUSTED, allowed]
