"""IngestService: records of any kind, each taken or refused for itself."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass

from gateway.acceptance import Acceptance, Admission, Prepared
from gateway.api import (
    IngestBatchRequest,
    IngestBatchResponse,
    IngestRequest,
    IngestResponse,
)
from gateway.outbox.interface import BudgetExhausted, Position
from gateway.routing.errors import CallerLimitReached
from gateway.routing.limits import Held, Limits
from gateway.rpc.acknowledgement import acknowledge
from gateway.rpc.admission import admit, admitted, count_accepted, count_refused
from gateway.rpc.call import Calls, Handler, IncomingCall
from gateway.rpc.errors import Draining, SequenceNotRising, StreamEnded
from gateway.rpc.refusals import refusals

MAX_UNDER_WAY = 64
"""Most requests of one stream that are admitted and not yet acknowledged."""

_MAX_WAIT_S = 1.0
"""So long at most a stream waits before it asks again: budgets and limits may be changed."""


def ingest_handlers(
    acceptance: Acceptance, limits: Limits, calls: Calls, draining: asyncio.Event
) -> Iterator[tuple[str, Handler]]:
    """Yield each RPC's name within the package and its handler.

    Args:
        acceptance: takes the requests.
        limits: of what callers send.
        calls: makes the handlers.
        draining: set when the gateway stops: streams acknowledge what is stored, and end.
    """
    batch = IngestBatch(acceptance, limits)
    yield "IngestService/IngestBatch", calls.unary(IngestBatchRequest, batch)
    stream = Ingest(acceptance, limits, draining, calls.max_stream_s)
    yield "IngestService/Ingest", calls.bidirectional(IngestRequest, stream)


@dataclass(frozen=True, slots=True)
class IngestBatch:
    """One request."""

    acceptance: Acceptance
    limits: Limits

    async def __call__(
        self, request: IngestBatchRequest, call: IncomingCall
    ) -> IngestBatchResponse:
        """Take the good records and say what is wrong with the others."""
        try:
            prepared = self.acceptance.prepare_batch(call.caller, request)
            with admitted(self.acceptance, self.limits, prepared) as admission:
                reached = await acknowledge(self.acceptance, admission, request.ack_level, call)
        except Exception as error:
            count_refused(error, len(request.records))
            raise
        return IngestBatchResponse(
            ack_level=reached.ack_level,
            event_ids=prepared.event_ids,
            outcomes=reached.outcomes,
            refusals=refusals(prepared.refused),
        )


@dataclass(frozen=True, slots=True)
class _UnderWay:
    """A request that is admitted and not yet acknowledged."""

    sequence: int
    admission: Admission

    @property
    def is_durable(self) -> bool:
        stored = self.admission.stored
        return stored.done() and stored.exception() is None


@dataclass(frozen=True, slots=True)
class _End:
    """The client sends no more, or no more of it is taken."""

    error: Exception | None = None


@dataclass(frozen=True, slots=True)
class Ingest:
    """A stream of requests, acknowledged in their order.

    One task reads and admits, so that the order of the stream is the order in the outbox; the other
    acknowledges what has become durable. Between them are at most `MAX_UNDER_WAY` requests: when
    they are there, or a budget or a limit is used up, the server stops reading and gRPC's flow
    control holds the client.

    Attributes:
        draining: set when the gateway stops.
        max_stream_s: how long a stream lasts at most.
    """

    acceptance: Acceptance
    limits: Limits
    draining: asyncio.Event
    max_stream_s: float | None = None

    async def __call__(
        self, requests: AsyncIterator[IngestRequest], call: IncomingCall
    ) -> AsyncIterator[IngestResponse]:
        """Yield acknowledgements and refusals; raise what ends the stream once all is said."""
        under_way = _RequestsUnderWay()
        reader = asyncio.create_task(self._read(requests, call.caller, under_way))
        drain = asyncio.create_task(self._stop_reading(reader))
        try:
            async for response in _acknowledgements(under_way):
                yield response
        finally:
            drain.cancel()
            reader.cancel()

    async def _stop_reading(self, reader: asyncio.Task[None]) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self.max_stream_s):
                await self.draining.wait()
        reader.cancel()

    async def _read(
        self,
        requests: AsyncIterator[IngestRequest],
        caller: str,
        under_way: "_RequestsUnderWay",
    ) -> None:
        end = _End()
        try:
            await self._admit_all(requests, caller, under_way)
        except asyncio.CancelledError:
            end = _End(Draining() if self.draining.is_set() else StreamEnded())
        except Exception as error:
            end = _End(error)
        under_way.end(end)

    async def _admit_all(
        self,
        requests: AsyncIterator[IngestRequest],
        caller: str,
        under_way: "_RequestsUnderWay",
    ) -> None:
        before = 0
        async for request in requests:
            try:
                prepared = self._prepared(caller, request, before)
            except Exception as error:
                count_refused(error, len(request.records))
                raise
            before = request.sequence
            await under_way.room()
            under_way.add(_UnderWay(request.sequence, await self._admit(prepared)))

    def _prepared(self, caller: str, request: IngestRequest, before: int) -> Prepared:
        prepared = self.acceptance.prepare_batch(caller, request)
        if request.sequence <= before:
            raise SequenceNotRising(request.sequence, before)
        return prepared

    async def _admit(self, prepared: Prepared) -> Admission:
        """Append, however long there is no room for it: nothing behind it may overtake it."""
        while True:
            try:
                admission, held = admit(self.acceptance, self.limits, prepared)
            except (BudgetExhausted, CallerLimitReached) as error:
                await asyncio.sleep(min(error.retry_after_s, _MAX_WAIT_S))
            else:
                return _holding(admission, held)


def _holding(admission: Admission, held: Held) -> Admission:
    """Let go of the limits once it is durable, even if the stream does not live to say so."""

    def ended(stored: asyncio.Future[tuple[Position, ...]]) -> None:
        held.release()
        if not stored.cancelled() and stored.exception() is None:
            count_accepted(admission.prepared)

    admission.stored.add_done_callback(ended)
    return admission


class _RequestsUnderWay:
    """The requests between the two tasks of a stream, in order, and then its end."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[_UnderWay | _End] = asyncio.Queue()
        self._room = asyncio.Semaphore(MAX_UNDER_WAY)

    async def room(self) -> None:
        await self._room.acquire()

    def add(self, request: _UnderWay) -> None:
        self._queue.put_nowait(request)

    def end(self, end: _End) -> None:
        self._queue.put_nowait(end)

    @property
    def next_is_waiting(self) -> bool:
        return not self._queue.empty()

    async def next(self) -> _UnderWay | _End:
        found = await self._queue.get()
        self._room.release()
        return found


async def _acknowledgements(under_way: _RequestsUnderWay) -> AsyncIterator[IngestResponse]:
    """Yield as few responses as tell everything at once that is known."""
    response = IngestResponse()
    while True:
        if response.acknowledged_sequence and not under_way.next_is_waiting:
            yield response
            response = IngestResponse()
        request = await under_way.next()
        if response.acknowledged_sequence and (isinstance(request, _End) or not request.is_durable):
            yield response
            response = IngestResponse()
        if isinstance(request, _End):
            if request.error is not None:
                raise request.error
            return
        await request.admission.stored
        response.acknowledged_sequence = request.sequence
        response.refusals.extend(refusals(request.admission.prepared.refused, request.sequence))
        if response.refusals:
            yield response
            response = IngestResponse()
