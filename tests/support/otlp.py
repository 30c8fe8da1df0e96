"""A collector that takes spans and metrics by OTLP over gRPC, and keeps them as they came."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceResponse,
)
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2_grpc import (
    MetricsServiceServicer,
    add_MetricsServiceServicer_to_server,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import (
    TraceServiceServicer,
    add_TraceServiceServicer_to_server,
)
from opentelemetry.proto.trace.v1.trace_pb2 import Span


@dataclass
class Received:
    """What has come.

    Attributes:
        address: of the collector.
        spans: each with the process that sent it; empty where it has no name.
        metrics: their names.
        texts: all of it, as text.
    """

    address: str = ""
    spans: list[tuple[str, Span]] = field(default_factory=list)
    metrics: set[str] = field(default_factory=set)
    texts: list[str] = field(default_factory=list)
    _more: asyncio.Event = field(default_factory=asyncio.Event)

    def came(self) -> None:
        """Wake those who wait."""
        self._more.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something holds for what has come."""
        async with asyncio.timeout(60):
            while not condition():
                self._more.clear()
                await self._more.wait()

    async def span(self, trace_id: str, name: str) -> Span:
        """Wait for a span of a trace."""

        def found() -> list[Span]:
            return [span for _, span in self.of_trace(trace_id) if span.name == name]

        await self.until(lambda: bool(found()))
        return found()[0]

    def of_trace(self, trace_id: str) -> Sequence[tuple[str, Span]]:
        """Return the spans of a trace, in the order of their beginning."""
        found = [one for one in self.spans if one[1].trace_id.hex() == trace_id]
        return sorted(found, key=lambda one: one[1].start_time_unix_nano)


class _Traces(TraceServiceServicer):
    def __init__(self, received: Received) -> None:
        self._received = received

    async def Export(self, request: Any, _: object) -> ExportTraceServiceResponse:  # noqa: N802
        for resource in request.resource_spans:
            who = {one.key: one.value.string_value for one in resource.resource.attributes}
            process = who.get("service.instance.id", "")
            spans = [span for scope in resource.scope_spans for span in scope.spans]
            self._received.spans += [(process, span) for span in spans]
        self._received.texts.append(str(request))
        self._received.came()
        return ExportTraceServiceResponse()


class _Metrics(MetricsServiceServicer):
    def __init__(self, received: Received) -> None:
        self._received = received

    async def Export(self, request: Any, _: object) -> ExportMetricsServiceResponse:  # noqa: N802
        for resource in request.resource_metrics:
            for scope in resource.scope_metrics:
                self._received.metrics |= {metric.name for metric in scope.metrics}
        self._received.texts.append(str(request))
        self._received.came()
        return ExportMetricsServiceResponse()


@asynccontextmanager
async def receiving() -> AsyncIterator[Received]:
    """Take what is exported to `address` as long as the context lasts."""
    received = Received()
    server = grpc.aio.server()
    add_TraceServiceServicer_to_server(_Traces(received), server)  # type: ignore[no-untyped-call]
    add_MetricsServiceServicer_to_server(  # type: ignore[no-untyped-call]
        _Metrics(received), server
    )
    received.address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    await server.start()
    try:
        yield received
    finally:
        await server.stop(None)
