"""Spans and metrics by OTLP over HTTP, to a server that takes them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from aiohttp import web
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from gateway.telemetry import exporting, metrics, tracing
from gateway.telemetry.snapshot import Snapshot


class Collector:
    """Keeps the bodies of requests by their paths."""

    def __init__(self) -> None:
        self.bodies: dict[str, bytes] = {}
        self.came = asyncio.Event()

    async def take(self, request: web.Request) -> web.Response:
        """Keep a body."""
        self.bodies[request.path] = await request.read()
        self.came.set()
        return web.Response()


@pytest.fixture
async def collector(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Collector]:
    """Named by the standard variables."""
    found = Collector()
    application = web.Application()
    application.router.add_post("/{path:.*}", found.take)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")
    monkeypatch.setenv("OTEL_METRIC_EXPORT_INTERVAL", "1")
    yield found
    await runner.cleanup()


async def test_spans_are_sent(collector: Collector, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last at the latest when the process ends."""
    monkeypatch.setattr(exporting, "_LAST_SPANS_S", 60.0)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "60")
    async with exporting.traces("ingest-0"):
        tracing.request("Service/Method", lambda: ()).end("OK", failed=False)
    sent = ExportTraceServiceRequest.FromString(collector.bodies["/v1/traces"])
    (scope,) = sent.resource_spans[0].scope_spans
    assert [span.name for span in scope.spans] == ["Service/Method"]


async def test_metrics_are_sent(collector: Collector) -> None:
    """Those of all processes, from time to time."""

    async def collect() -> Snapshot:
        return {metrics.OUTBOX_WRITABLE.name: {("ingest-0",): 1}}

    exporting_ = asyncio.create_task(exporting.export_metrics(collect))
    async with asyncio.timeout(60):
        await collector.came.wait()
    exporting_.cancel()
    with suppress(asyncio.CancelledError):
        await exporting_
    sent = ExportMetricsServiceRequest.FromString(collector.bodies["/v1/metrics"])
    (scope,) = sent.resource_metrics[0].scope_metrics
    assert metrics.OUTBOX_WRITABLE.name in {metric.name for metric in scope.metrics}
