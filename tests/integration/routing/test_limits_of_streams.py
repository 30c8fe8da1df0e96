"""Limits on streams, over the wire: the server stops reading, and nothing is refused."""

import asyncio
from typing import Any

import grpc
from personalize_gateway.v1.event_service_pb2 import PutEventsRequest
from personalize_gateway.v1.event_service_pb2_grpc import EventServiceStub
from personalize_gateway.v1.ingest_service_pb2 import IngestRecord, IngestRequest
from personalize_gateway.v1.ingest_service_pb2_grpc import IngestServiceStub

from gateway.records import Kind, Lane
from tests.integration.routing.conftest import Served
from tests.support.messages import event
from tests.support.refused import refused

WEB = (("x-caller", "spiffe://example.org/ns/shop/sa/web"),)


def request(sequence: int, records: int) -> IngestRequest:
    """Return a request of so many events."""
    events = [IngestRecord(event=event(event_id=f"{sequence}-{n}")) for n in range(records)]
    return IngestRequest(sequence=sequence, records=events)


async def stored(served: Served) -> int:
    """Return how many events are in the outbox."""
    lane = Lane("shop", Kind.EVENTS)
    found = await served.outbox.read(lane, after=None, max_records=100, max_bytes=1 << 20)
    return sum(len(one.chunk.records) for one in found)


async def test_a_stream_waits_until_the_limit_has_room(served: Served) -> None:
    """Meanwhile a put of the same caller is refused; then the stream goes on."""
    stream: Any = IngestServiceStub(served.channel).Ingest(metadata=WEB)
    await stream.write(request(1, 5))
    assert (await stream.read()).acknowledged_sequence == 1
    await stream.write(request(2, 3))
    put = EventServiceStub(served.channel).PutEvents(
        PutEventsRequest(events=[event()]), metadata=WEB
    )
    assert (await refused(put)).reason == "CALLER_LIMIT_REACHED"
    assert await stored(served) == 5
    served.clock.now_s += 3000
    async with asyncio.timeout(30):
        response = await stream.read()
    assert (response.acknowledged_sequence, len(response.refusals)) == (2, 0)
    assert await stored(served) == 8
    await stream.done_writing()
    assert await stream.read() is grpc.aio.EOF
