"""The publisher for threads: takes records at once, and sends them on one Ingest stream."""

import random
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from types import TracebackType
from typing import Any, Self

import grpc

from personalize_gateway.client import GatewayClient
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

    It may be used by several threads. Each event has its ID before it is first sent, so one that is
    sent twice counts once. Records that are not settled live in this process: close it before the
    process ends.

    Args:
        client: whose channel and credentials it uses; close it afterwards.
        options: None for the defaults.
        on_confirmed: called with each record that is durable at the gateway.
        on_refused: called with each that it did not take; they are logged where it is None. Both
            are called by a thread of the publisher, which sends nothing meanwhile.
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
        lock = threading.Lock()
        self._work = threading.Condition(lock)
        self._news = threading.Condition(lock)
        self._told = 0
        self._stream = 0
        self._call: Any = None
        self._closing = False
        self._aborted = False
        self._thread = threading.Thread(
            target=self._run, name="personalize-gateway-publisher", daemon=True
        )
        self._thread.start()

    def publish(self, record: Record | IngestRecord) -> bool:
        """Take a record, to be sent soon; return whether it was taken.

        It is not copied: do not change it afterwards.

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
        with self._work:
            self._check_open()
            if not self._backlog.has_room(size_bytes) and not self._make_room(size_bytes):
                return False
            self._backlog.add(wrapped, size_bytes, time.monotonic())
            self._work.notify_all()
        return True

    def flush(self, timeout_s: float | None = None) -> bool:
        """Wait until all that was published before is settled; return whether it is.

        Args:
            timeout_s: how long at most; None for ever.
        """
        with self._work:
            number = self._backlog.hurry()
            self._work.notify_all()
            return self._news.wait_for(lambda: self._told >= number, timeout_s)

    def close(self, timeout_s: float = 30.0) -> bool:
        """Take no more, send what is there, and end; return whether all was settled.

        What is not in time is told to `on_refused` as UNSETTLED. May be called twice.
        """
        with self._work:
            self._closing = True
            self._backlog.hurry()
            self._notify()
        self._thread.join(timeout_s)
        with self._work:
            self._aborted = self._aborted or self._thread.is_alive()
            self._notify()
            if self._aborted and self._call is not None:
                self._call.cancel()
        self._thread.join()
        return not self._aborted

    @property
    def counts(self) -> Counts:
        """What became of records so far."""
        with self._work:
            return replace(self._backlog.counts)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _check_open(self) -> None:
        if self._closing:
            raise RuntimeError("the publisher is closed")

    def _make_room(self, size_bytes: int) -> bool:
        """Do what the options say where there is no room; return whether there is now."""
        if self._options.when_full is WhenFull.BLOCK:
            self._news.wait_for(lambda: self._closing or self._backlog.has_room(size_bytes))
            self._check_open()
            return True
        self._backlog.counts.dropped += 1
        if self._options.when_full is WhenFull.RAISE:
            raise BufferFull(f"{self._backlog.counts.pending:,} records are waiting")
        return False

    def _notify(self) -> None:
        self._work.notify_all()
        self._news.notify_all()

    def _run(self) -> None:
        """Open one stream after the other until everything is settled."""
        while self._has_work():
            error = self._send_on_a_stream()
            with self._work:
                settled, delay_s = self._endings.ended(self._backlog, error)
            self._tell(settled)
            with self._work:
                self._work.wait_for(lambda: self._aborted, delay_s)
        with self._work:
            settled = self._backlog.give_up_all()
        self._tell(settled)

    def _has_work(self) -> bool:
        """Wait until there is something to send; return False where there will be nothing."""
        with self._work:
            self._work.wait_for(lambda: self._backlog.has_waiting or self._closing)
            return self._backlog.has_waiting and not self._aborted

    def _send_on_a_stream(self) -> GatewayError | None:
        """Return what the stream has ended with; None for OK."""
        try:
            self._open(self._requests(self._stream))
            for response in self._call:
                with self._work:
                    settled = self._backlog.acknowledged(response)
                    if settled:
                        self._endings.progress()
                    self._work.notify_all()
                self._tell(settled)
        except grpc.RpcError as error:
            return GatewayError.of(error)
        except Exception as error:  # noqa: BLE001 - of the function that returns a token
            log.exception("no stream could be opened")
            return GatewayError(grpc.StatusCode.UNAVAILABLE, f"no stream: {error!r}")
        finally:
            with self._work:
                self._stream += 1
                self._work.notify_all()
        return None

    def _open(self, requests: Iterator[IngestRequest]) -> None:
        call = self._client.ingest.Ingest(requests, metadata=self._client.metadata())
        with self._work:
            self._call = call
            self._backlog.counts.streams += 1
            if self._aborted:
                call.cancel()

    def _requests(self, stream: int) -> Iterator[IngestRequest]:
        """Yield what is due, in a thread of gRPC's, until the stream is over."""
        while (request := self._next_request(stream)) is not None:
            yield request

    def _next_request(self, stream: int) -> IngestRequest | None:
        with self._work:
            while stream == self._stream and not self._aborted:
                now_s = time.monotonic()
                if request := self._backlog.next_request(now_s):
                    return request
                if self._closing and not self._backlog.has_waiting:
                    return None
                self._work.wait(self._backlog.due_in_s(now_s))
            return None

    def _tell(self, settled: Settled) -> None:
        self._callbacks.tell(settled)
        with self._work:
            self._told += len(settled)
            self._news.notify_all()
