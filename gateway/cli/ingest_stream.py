"""The Ingest stream of an import, over gRPC.

It is made of gRPC's blocking API and a thread. In the asyncio API of grpcio a write that fails
because the stream has ended replaces the status that it ended with (grpc/grpc issue 36066), and
that status decides whether to try again.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from queue import SimpleQueue

import grpc
from personalize_gateway.v1.ingest_service_pb2 import IngestRequest, IngestResponse
from personalize_gateway.v1.ingest_service_pb2_grpc import IngestServiceStub

from gateway.cli.channel import Metadata
from gateway.cli.failure import Failure
from gateway.importing.exchange import Connect, Exchange, Interrupted, Rejected

_OF_CONNECTIONS = frozenset({"UNAVAILABLE", "INTERNAL", "CANCELLED", "UNKNOWN"})


def connector(channel: grpc.Channel, metadata: Metadata | None) -> Connect:
    """Return what opens a stream on a channel."""

    @asynccontextmanager
    async def connect() -> AsyncIterator[Exchange]:
        exchange = GrpcExchange(channel, metadata)
        try:
            yield exchange
        finally:
            exchange.abandon()

    return connect


class GrpcExchange:
    """An Ingest stream.

    Requests wait in a queue without a bound of its own: no more come than are unacknowledged.
    """

    def __init__(self, channel: grpc.Channel, metadata: Metadata | None) -> None:
        self._requests: SimpleQueue[IngestRequest | None] = SimpleQueue()
        requests = iter(self._requests.get, None)
        self._call = IngestServiceStub(channel).Ingest(requests, metadata=metadata)

    async def send(self, request: IngestRequest) -> None:
        """Send a request."""
        self._requests.put(request)

    async def end(self) -> None:
        """Say that no more requests come."""
        self._requests.put(None)

    async def receive(self) -> IngestResponse | None:
        """Return the next answer; None when everything is answered and the stream has ended."""
        try:
            return await asyncio.to_thread(next, self._call, None)
        except grpc.RpcError as error:
            raise translated(Failure.of_call(error)) from error

    def abandon(self) -> None:
        """End the stream, whatever is under way."""
        self._call.cancel()
        self._requests.put(None)  # lets go of the thread that waits for requests


def translated(failure: Failure) -> Interrupted | Rejected:
    """Return the error that an import decides on.

    A gateway says by UNAVAILABLE, or by naming a wait, that the same may be tried again. A status
    without a reason is no gateway's: it may be the connection's.
    """
    text = failure.lines()[0]
    passing = failure.code == "UNAVAILABLE" or failure.retry_after_s is not None
    if passing or (not failure.reason and failure.code in _OF_CONNECTIONS):
        return Interrupted(text, failure.retry_after_s or 0.0)
    return Rejected(text)
