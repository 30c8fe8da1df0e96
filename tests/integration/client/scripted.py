"""A gateway that does what the test says: real gRPC, nothing behind it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
from grpc import StatusCode
from personalize_gateway.v1.event_service_pb2 import PutEventsRequest, PutEventsResponse
from personalize_gateway.v1.event_service_pb2_grpc import (
    EventServiceServicer,
    add_EventServiceServicer_to_server,
)
from personalize_gateway.v1.ingest_service_pb2 import IngestRequest, IngestResponse
from personalize_gateway.v1.ingest_service_pb2_grpc import (
    IngestServiceServicer,
    add_IngestServiceServicer_to_server,
)

from tests.support.statuses import Trailers, trailers

Context = grpc.aio.ServicerContext[Any, Any]


@dataclass(frozen=True, slots=True)
class End:
    """How a call, or a stream after so many requests, ends.

    Attributes:
        code: of the status.
        reason: of the ErrorInfo.
        retry_after_s: of the RetryInfo; None for none.
        acknowledged: how many requests of a stream are acknowledged before.
        taken: how many are read besides.
    """

    code: StatusCode
    reason: str = ""
    retry_after_s: float | None = None
    acknowledged: int = 0
    taken: int = 0

    @property
    def trailers(self) -> Trailers:
        return trailers(self.code, self.reason, retry_after_s=self.retry_after_s)


@dataclass(slots=True)
class Script:
    """What the gateway does, and what it saw.

    Attributes:
        ends: how the first calls end; those after them are good.
        events: the event IDs that each call, or each request of a stream, had.
        metadata: of each call.
    """

    ends: Sequence[End] = ()
    events: list[list[str]] = field(default_factory=list)
    metadata: list[dict[str, str]] = field(default_factory=list)

    def begin(self, context: Context) -> End | None:
        """Note a call; return how it ends, if it is no good one."""
        number = len(self.metadata)
        self.metadata.append(
            {str(key): str(value) for key, value in context.invocation_metadata() or ()}
        )
        return self.ends[number] if number < len(self.ends) else None


class _Events(EventServiceServicer):
    def __init__(self, script: Script) -> None:
        self._script = script

    async def PutEvents(  # noqa: N802 - the name of the RPC
        self, request: PutEventsRequest, context: Context
    ) -> PutEventsResponse:
        end = self._script.begin(context)
        self._script.events.append([event.event_id for event in request.events])
        if end is not None:
            await context.abort(end.code, "it is so", end.trailers)
        return PutEventsResponse(event_ids=self._script.events[-1])


class _Ingest(IngestServiceServicer):
    def __init__(self, script: Script) -> None:
        self._script = script

    async def Ingest(  # noqa: N802 - the name of the RPC
        self, request_iterator: AsyncIterator[IngestRequest], context: Context
    ) -> AsyncIterator[IngestResponse]:
        end = self._script.begin(context)
        count = 0
        while end is None or count < end.acknowledged + end.taken:
            request = await anext(request_iterator, None)
            if request is None:
                return
            count += 1
            self._script.events.append([record.event.event_id for record in request.records])
            if end is None or count <= end.acknowledged:
                yield IngestResponse(acknowledged_sequence=request.sequence)
        await context.abort(end.code, "it is so", end.trailers)


@asynccontextmanager
async def scripted(
    script: Script, credentials: grpc.ServerCredentials | None = None
) -> AsyncIterator[str]:
    """Serve until the block ends; the value is HOST:PORT."""
    server = grpc.aio.server()
    add_EventServiceServicer_to_server(_Events(script), server)  # type: ignore[abstract]
    add_IngestServiceServicer_to_server(_Ingest(script), server)  # type: ignore[abstract]
    if credentials is None:
        port = server.add_insecure_port("127.0.0.1:0")
    else:
        port = server.add_secure_port("127.0.0.1:0", credentials)
    await server.start()
    try:
        yield f"localhost:{port}"
    finally:
        await server.stop(0)
