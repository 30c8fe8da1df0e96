"""IngestService: records of any kind, each taken or refused for itself."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from gateway.acceptance import Acceptance, Admission, Prepared
from gateway.api import (
    IngestBatchRequest,
    IngestBatchResponse,
    IngestRequest,
    IngestResponse,
)
from gateway.outbox.interface import BudgetExhausted
from gateway.routing.errors import CallerLimitReached
from gateway.routing.limits import Held, Limits
from gateway.rpc.acknowledgement import take
from gateway.rpc.admission import admit, count_refused
from gateway.rpc.call import Calls, Handler, IncomingCall
from gateway.rpc.errors import Draining, SequenceNotRising, StreamEnded
from gateway.rpc.refusals import refusals
from gateway.rpc.window import Window

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
            reached = await take(self.acceptance, self.limits, prepared, request.ack_level, call)
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
        window = Window(MAX_UNDER_WAY)
        reader = asyncio.create_task(self._read(requests, call.caller, window))
        drain = asyncio.create_task(self._stop_reading(reader))
        try:
            while await window.oldest_is_durable():
                for response in _responses(window.take_durable()):
                    yield response
        finally:
            drain.cancel()
            reader.cancel()
            window.abandon()

    async def _stop_reading(self, reader: asyncio.Task[None]) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self.max_stream_s):
                await self.draining.wait()
        reader.cancel()

    async def _read(
        self, requests: AsyncIterator[IngestRequest], caller: str, window: Window
    ) -> None:
        try:
            await self._admit_all(requests, caller, window)
        except asyncio.CancelledError:
            window.end(Draining() if self.draining.is_set() else StreamEnded())
        except Exception as error:
            window.end(error.with_traceback(None))  # It holds the request.
        else:
            window.end()

    async def _admit_all(
        self, requests: AsyncIterator[IngestRequest], caller: str, window: Window
    ) -> None:
        before = 0
        async for request in requests:
            try:
                prepared = self._prepared(caller, request, before)
            except Exception as error:
                count_refused(error, len(request.records))
                raise
            before = request.sequence
            await window.room()
            window.add(before, *await self._admit(prepared))

    def _prepared(self, caller: str, request: IngestRequest, before: int) -> Prepared:
        prepared = self.acceptance.prepare_batch(caller, request)
        if request.sequence <= before:
            raise SequenceNotRising(request.sequence, before)
        return prepared

    async def _admit(self, prepared: Prepared) -> tuple[Admission, Held]:
        """Append, however long there is no room for it: nothing behind it may overtake it."""
        while True:
            try:
                return admit(self.acceptance, self.limits, prepared)
            except (BudgetExhausted, CallerLimitReached) as error:
                await asyncio.sleep(min(error.retry_after_s, _MAX_WAIT_S))


def _responses(durable: Iterable[tuple[int, Prepared]]) -> Iterator[IngestResponse]:
    """Yield as few responses as tell everything: one costs more than all else of its request."""
    response = IngestResponse()
    for sequence, prepared in durable:
        response.acknowledged_sequence = sequence
        if prepared.refused:
            response.refusals.extend(refusals(prepared.refused, sequence))
            yield response
            response = IngestResponse()
    if response.acknowledged_sequence:
        yield response
