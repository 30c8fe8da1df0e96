"""The metrics of the way in, each moved by what its documentation says."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import grpc
import pytest
from personalize_gateway.v1.acknowledgement_pb2 import ACK_LEVEL_DELIVERED
from personalize_gateway.v1.event_service_pb2 import PutEventsRequest
from personalize_gateway.v1.event_service_pb2_grpc import EventServiceStub
from personalize_gateway.v1.ingest_service_pb2 import (
    IngestBatchRequest,
    IngestRecord,
    IngestRequest,
)
from personalize_gateway.v1.ingest_service_pb2_grpc import IngestServiceStub

from gateway.outbox.sqlite import SqliteOutbox
from gateway.personalize.emulator import Answer, Fault
from gateway.processes.numbers import IngestNumbers
from gateway.records import Chunk, Kind, Lane, Record
from gateway.rpc.tls import TlsFiles
from gateway.telemetry import metrics
from tests.support.certificates import Authority, dns
from tests.support.messages import event
from tests.support.running import Running
from tests.support.served import until

PUT = "personalize_gateway.v1.EventService/PutEvents"
BATCH = "personalize_gateway.v1.IngestService/IngestBatch"
STREAM = "personalize_gateway.v1.IngestService/Ingest"


@pytest.fixture(autouse=True)
def _from_zero() -> None:
    for counter in (metrics.RECORDS_ACCEPTED, metrics.RECORDS_REFUSED):
        counter.values.clear()
    for histogram in (metrics.RPC_DURATION, metrics.COMMIT_DURATION):
        histogram.values.clear()


def _rpcs() -> Mapping[tuple[str, ...], int]:
    return {labels: sum(one.buckets) for labels, one in metrics.RPC_DURATION.values.items()}


async def test_rpcs_are_counted_by_method_and_code(running: Running) -> None:
    """Those that are refused, and those whose caller gives up, too."""
    stub = EventServiceStub(running.channel)
    await stub.PutEvents(PutEventsRequest(events=[event()]))
    with pytest.raises(grpc.aio.AioRpcError):
        await stub.PutEvents(PutEventsRequest(events=[event(session_id="")]))
    running.emulator.faults.add(Fault(operation="PutEvents", answer=Answer.UNAVAILABLE))
    waiting = stub.PutEvents(PutEventsRequest(events=[event()], ack_level=ACK_LEVEL_DELIVERED))
    await until(lambda: running.gateway._ingest.rpcs_under_way == 1)
    waiting.cancel()
    await until(lambda: running.gateway._ingest.rpcs_under_way == 0)
    await until(lambda: len(_rpcs()) == 3)
    assert _rpcs() == {(PUT, "OK"): 1, (PUT, "INVALID_ARGUMENT"): 1, (PUT, "CANCELLED"): 1}
    running.emulator.faults.clear()


async def test_records_are_counted_as_accepted_or_refused(running: Running) -> None:
    """By route and reason; a put as a whole, a batch and a stream record by record."""
    stub, ingest = EventServiceStub(running.channel), IngestServiceStub(running.channel)
    good, bad = event(), event(session_id="")
    await stub.PutEvents(PutEventsRequest(events=[good] * 3))
    with pytest.raises(grpc.aio.AioRpcError):
        await stub.PutEvents(PutEventsRequest(events=[good, bad]))
    with pytest.raises(grpc.aio.AioRpcError):
        await stub.PutEvents(PutEventsRequest(events=[good], dataset_group="shpo"))
    records = [IngestRecord(event=one) for one in (good, bad)]
    await ingest.IngestBatch(IngestBatchRequest(records=records))
    call = ingest.Ingest(iter([IngestRequest(sequence=1, records=records)]))
    async for _ in call:
        pass
    (route,) = {route for _, _, route in metrics.RECORDS_ACCEPTED.values}
    assert metrics.RECORDS_ACCEPTED.values == {("demo", "events", route): 5}
    assert metrics.RECORDS_REFUSED.values == {
        (route, "INVALID_FIELDS"): 4,
        ("", "DATASET_GROUP_UNKNOWN"): 1,
    }
    assert {method for method, _ in _rpcs()} == {PUT, BATCH, STREAM}


async def test_commits_are_timed(tmp_path: Path) -> None:
    """Once for each group that is on disk."""
    outbox = SqliteOutbox.open(tmp_path, {})
    chunk = Chunk(Lane("shop", Kind.ITEMS), "web", "all", (Record("i", b"{}"),))
    await asyncio.gather(*(outbox.append([chunk]) for _ in range(3)))
    await outbox.close()
    (timed,) = metrics.COMMIT_DURATION.values.values()
    assert 1 <= sum(timed.buckets) <= 3
    assert timed.total > 0


async def test_an_ingest_process_says_how_it_is(tmp_path: Path) -> None:
    """RPCs under way, whether it can write, and when its certificate ends."""
    cert, key = Authority().issue(dns("gateway")).write(tmp_path, "server")
    expires_at = TlsFiles(str(cert), str(key)).certificate_expires_at
    side: Any = SimpleNamespace(rpcs_under_way=7, certificate_expires_at=expires_at)
    shown = []
    for problem in (None, "disk full"):
        writer: Any = SimpleNamespace(unhealthy=problem)
        await IngestNumbers(side, writer).observe()
        shown.append(metrics.OUTBOX_WRITABLE.values[()])
    assert shown == [1, 0]
    assert metrics.RPCS_UNDER_WAY.values == {(): 7}
    assert metrics.CERTIFICATE_EXPIRY.values == {(): expires_at.timestamp()}
