"""The publisher for asyncio: takes records at once, and sends them on one Ingest stream."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import replace
from types import TracebackType
from typing import Any, Self

import grpc

from personalize_gateway.aio.client import GatewayClient
from personalize_gateway.errors import GatewayError
from personalize_gateway.publishing.backlog import Backlog, Settled
from personalize_gateway.publishing.callbacks import Callbacks, OnConfirmed, OnRefused, log
from personalize_gateway.publishing.ending import Endings
from personalize_gateway.publishing.settings import BufferFull, Counts, PublisherOptions, WhenFull
from personalize_gateway.records import NotSendable, Record
from personalize_gateway.requests import ingest_record
from personalize_gateway.v1.ingest_service_pb2 import IngestRecord, IngestRequest


class EventPublisher:
    """Sends records in the background, in their order, and again until they are acknowledged.

    It belongs to the event loop in which it was made. Each event has its ID before it is first
    sent, so one that is sent twice counts once. Records that are not settled live in this process:
    close it before the process ends.

    Args:
        client: whose channel and credentials it uses; close it afterwards.
        options: None for the defaults.
        on_confirmed: called with each record that is durable at the gateway.
        on_refused: called with each that it did not take; they are logged where it is None. Both
            are called in the event loop, and must return at once.
    """

    def __init__(
        self,
        client: GatewayClient,
        options: PublisherOptions | None = None,
        *,
        on_confirmed: OnConfirmed | None = None,
        on_refused: OnRefused | None = None,
    ) -> None:
        self._client = client
        self._options = options or PublisherOptions()
        group = self._options.dataset_group
        self._backlog = Backlog(
            self._options, client.options.dataset_group if group is None else group
        )
        self._endings = Endings(client.options, random.random)
        self._callbacks = Callbacks(on_confirmed, on_refused)
        self._loop = asyncio.get_running_loop()
        self._changed = asyncio.Event()
        self._told = 0
        self._stream = 0
        self._closing = False
        self._aborted = False
        self._task = asyncio.create_task(self._run())

    async def publish(self, record: Record | IngestRecord) -> bool:
        """Take a record, to be sent soon; return whether it was taken.

        It waits only where there is no room and the options say `WhenFull.BLOCK`. The record is not
        copied: do not change it afterwards.

        Raises:
            BufferFull: there is no room, and the options say `WhenFull.RAISE`.
            NotSendable: it is larger than any request may be.
            RuntimeError: the publisher is closed.
        """
        wrapped = ingest_record(record)
        size_bytes = wrapped.ByteSize()
        if size_bytes > self._options.largest_bytes:
            raise NotSendable(
                f"the record has {size_bytes:,} bytes, of at most {self._options.largest_bytes:,}"
            )
        self._check_open()
        if not self._backlog.has_room(size_bytes) and not await self._make_room(size_bytes):
            return False
        self._backlog.add(wrapped, size_bytes, self._loop.time())
        self._notify()
        return True

    async def flush(self, timeout_s: float | None = None) -> bool:
        """Wait until all that was published before is settled; return whether it is.

        Args:
            timeout_s: how long at most; None for ever.
        """
        number = self._backlog.hurry()
        self._notify()
        await self._wait_for(lambda: self._told >= number, timeout_s)
        return self._told >= number

    async def close(self, timeout_s: float = 30.0) -> bool:
        """Take no more, send what is there, and end; return whether all was settled.

        What is not in time is told to `on_refused` as UNSETTLED. May be called twice.
        """
        self._closing = True
        self._backlog.hurry()
        self._notify()
        await asyncio.wait([self._task], timeout=timeout_s)
        if not self._task.done():
            self._aborted = True
            self._task.cancel()
            await asyncio.wait([self._task])
        return not self._aborted

    @property
    def counts(self) -> Counts:
        """What became of records so far."""
        return replace(self._backlog.counts)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    def _check_open(self) -> None:
        if self._closing:
            raise RuntimeError("the publisher is closed")

    async def _make_room(self, size_bytes: int) -> bool:
        """Do what the options say where there is no room; return whether there is now."""
        if self._options.when_full is WhenFull.BLOCK:
            await self._wait_for(lambda: self._closing or self._backlog.has_room(size_bytes))
            self._check_open()
            return True
        self._backlog.counts.dropped += 1
        if self._options.when_full is WhenFull.RAISE:
            raise BufferFull(f"{self._backlog.counts.pending:,} records are waiting")
        return False

    def _notify(self) -> None:
        """Wake all that wait; what they wait for next is another event."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def _wait_for(
        self, condition: Callable[[], bool], timeout_s: float | None = None
    ) -> None:
        """Wait for a condition, or for the time that is given."""
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                while not condition():
                    await self._changed.wait()

    async def _run(self) -> None:
        try:
            await self._open_streams()
        finally:
            self._tell(self._backlog.give_up_all())

    async def _open_streams(self) -> None:
        """Open one stream after the other until everything is settled."""
        while True:
            await self._wait_for(lambda: self._backlog.has_waiting or self._closing)
            if not self._backlog.has_waiting:
                return
            error = await self._send_on_a_stream()
            settled, delay_s = self._endings.ended(self._backlog, error)
            self._tell(settled)
            await asyncio.sleep(delay_s)

    async def _send_on_a_stream(self) -> GatewayError | None:
        """Return what the stream has ended with; None for OK."""
        call: Any = None
        try:
            requests, metadata = self._requests(self._stream), self._client.metadata()
            call = self._client.ingest.Ingest(requests, metadata=metadata)
            self._backlog.counts.streams += 1
            async for response in call:
                settled = self._backlog.acknowledged(response)
                if settled:
                    self._endings.progress()
                self._tell(settled)
        except grpc.aio.AioRpcError as error:
            return GatewayError.of(error)
        except Exception as error:  # noqa: BLE001 - of the function that returns a token
            log.exception("no stream could be opened")
            return GatewayError(grpc.StatusCode.UNAVAILABLE, f"no stream: {error!r}")
        finally:
            self._stream += 1
            self._notify()
            if call is not None:
                call.cancel()
        return None

    async def _requests(self, stream: int) -> AsyncIterator[IngestRequest]:
        """Yield what is due until the stream is over."""
        while stream == self._stream:
            now_s = self._loop.time()
            if request := self._backlog.next_request(now_s):
                yield request
            elif self._closing and not self._backlog.has_waiting:
                return
            else:
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._backlog.due_in_s(now_s)):
                        await self._changed.wait()

    def _tell(self, settled: Settled) -> None:
        self._callbacks.tell(settled)
        self._told += len(settled)
        self._notify()
