"""A client with an Ingest stream: what was not acknowledged is sent again on the next one."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence

import grpc
from personalize_gateway.v1.error_reason_pb2 import ErrorReason
from personalize_gateway.v1.ingest_service_pb2 import (
    IngestRecord,
    IngestRequest,
    IngestResponse,
)
from personalize_gateway.v1.ingest_service_pb2_grpc import IngestServiceStub

from tests.chaos.connection import Connection, metadata
from tests.chaos.ledger import Ledger
from tests.chaos.messages import event
from tests.chaos.pace import Pace

_RECORDS = 10
_WINDOW = 40
_LIFE_S = 4.0

Call = grpc.aio.StreamStreamCall[IngestRequest, IngestResponse]
EventIds = Sequence[str]


class EventStream:
    """Sends events on one stream after the other.

    Args:
        new_ids: makes the IDs of so many events.
        events_per_s: how many it sends.
    """

    def __init__(
        self,
        connection: Connection,
        ledger: Ledger,
        new_ids: Callable[[int], EventIds],
        *,
        events_per_s: float,
    ) -> None:
        self._connection = connection
        self._ledger = ledger
        self._new_ids = new_ids
        self._pace = Pace(events_per_s / _RECORDS)
        self._unacknowledged: deque[EventIds] = deque()
        self._first = 1
        """The sequence number of the first of them on this stream."""

    async def run(self, stopping: asyncio.Event) -> None:
        """Send until told to stop and all is acknowledged."""
        while not stopping.is_set() or self._unacknowledged:
            call = IngestServiceStub(self._connection.channel()).Ingest(metadata=metadata("stream"))
            writing = asyncio.create_task(self._write(call, stopping))
            try:
                await self._read(call)
            except grpc.aio.AioRpcError as error:
                if not await self._connection.failed("Ingest", error):
                    return
            finally:
                writing.cancel()
                await asyncio.gather(writing, return_exceptions=True)
                call.cancel()

    async def _write(self, call: Call, stopping: asyncio.Event) -> None:
        """Send what is not acknowledged, then new events for a while, and close this side."""
        self._first = 1
        until_s = time.monotonic() + _LIFE_S
        sequence = 0
        for sequence, event_ids in enumerate([*self._unacknowledged], start=1):
            await call.write(_request(sequence, event_ids))
        while time.monotonic() < until_s and not stopping.is_set():
            await self._pace.turn()
            if len(self._unacknowledged) < _WINDOW:
                sequence += 1
                await call.write(_request(sequence, self._next()))
        await call.done_writing()

    def _next(self) -> EventIds:
        event_ids = self._new_ids(_RECORDS)
        self._ledger.sent.update(event_ids)
        self._unacknowledged.append(event_ids)
        return event_ids

    async def _read(self, call: Call) -> None:
        """Take the acknowledgements up to the end of the stream."""
        async for response in call:
            refused = {(one.sequence, one.record_index) for one in response.refusals}
            for refusal in response.refusals:
                self._ledger.anomalies[f"refused: {ErrorReason.Name(refusal.reason)}"] += 1
            while self._first <= response.acknowledged_sequence:
                self._acknowledged(refused)
        if self._unacknowledged:
            self._ledger.anomalies["a stream ended with OK and did not acknowledge all"] += 1

    def _acknowledged(self, refused: set[tuple[int, int]]) -> None:
        event_ids = self._unacknowledged.popleft()
        self._ledger.accepted.update(
            event_id
            for index, event_id in enumerate(event_ids)
            if (self._first, index) not in refused
        )
        self._first += 1


def _request(sequence: int, event_ids: EventIds) -> IngestRequest:
    records = [IngestRecord(event=event(event_id)) for event_id in event_ids]
    return IngestRequest(sequence=sequence, records=records)
