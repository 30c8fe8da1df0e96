"""A collector of traces: takes what Envoy and the gateway export by OTLP."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import grpc
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import (
    TraceServiceServicer,
    add_TraceServiceServicer_to_server,
)

Context = grpc.aio.ServicerContext[ExportTraceServiceRequest, ExportTraceServiceResponse]


@dataclass(frozen=True, slots=True)
class Span:
    """What a test wants to know of a span.

    Attributes:
        service: whose it is.
        span_id: in hexadecimal, like the two others.
    """

    service: str
    name: str
    trace_id: str
    span_id: str
    parent_id: str


@dataclass
class Collector(TraceServiceServicer):
    """Keeps the spans that it gets.

    Attributes:
        address: HOST:PORT, once it listens.
    """

    address: str = ""
    _spans: list[Span] = field(default_factory=list)
    _more: asyncio.Event = field(default_factory=asyncio.Event)

    async def Export(  # noqa: N802 - gRPC's name
        self, request: ExportTraceServiceRequest, context: Context
    ) -> ExportTraceServiceResponse:
        del context
        self._spans += _spans(request)
        self._more.set()
        return ExportTraceServiceResponse()

    async def span(self, trace_id: str, service: str, name: str) -> Span:
        """Wait for a span of a trace."""
        async with asyncio.timeout(30):
            while True:
                for span in self._spans:
                    if (span.trace_id, span.service, span.name) == (trace_id, service, name):
                        return span
                self._more.clear()
                await self._more.wait()


def _spans(request: ExportTraceServiceRequest) -> list[Span]:
    found = []
    for resource in request.resource_spans:
        texts = {one.key: one.value.string_value for one in resource.resource.attributes}
        found += [
            Span(
                texts["service.name"],
                span.name,
                span.trace_id.hex(),
                span.span_id.hex(),
                span.parent_span_id.hex(),
            )
            for scope in resource.scope_spans
            for span in scope.spans
        ]
    return found


@asynccontextmanager
async def collecting() -> AsyncIterator[Collector]:
    """Take spans as long as the context lasts."""
    collector = Collector()
    server = grpc.aio.server()
    add_TraceServiceServicer_to_server(collector, server)  # type: ignore[no-untyped-call]
    collector.address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    await server.start()
    try:
        yield collector
    finally:
        await server.stop(None)
