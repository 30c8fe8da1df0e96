"""Where traces and metrics go, as OpenTelemetry's variables say."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import structlog
from opentelemetry.sdk.metrics.export import MetricExportResult
from opentelemetry.sdk.resources import (
    SERVICE_INSTANCE_ID,
    SERVICE_NAME,
    OTELResourceDetector,
    Resource,
)
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from gateway.telemetry import metrics, tracing
from gateway.telemetry.otlp_metrics import metrics_data
from gateway.telemetry.snapshot import Snapshot

if TYPE_CHECKING:
    from opentelemetry.sdk.metrics.export import MetricExporter
    from opentelemetry.sdk.trace.export import SpanExporter

log = structlog.get_logger()

_SERVICE = "personalize-gateway"
_DEFAULT_INTERVAL_MS = 60_000
_EXPORT_TIMEOUT_MS = 10_000


def is_exported(signal: str) -> bool:
    """Return whether the environment asks for a signal to be exported.

    Args:
        signal: `traces` or `metrics`.
    """
    if os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return False
    chosen = os.environ.get(f"OTEL_{signal.upper()}_EXPORTER")
    if chosen is not None:
        return "otlp" in chosen.split(",")
    endpoints = ("OTEL_EXPORTER_OTLP_ENDPOINT", f"OTEL_EXPORTER_OTLP_{signal.upper()}_ENDPOINT")
    return any(os.environ.get(name) for name in endpoints)


@contextmanager
def traces(process: str) -> Iterator[None]:
    """Export the spans of this process meanwhile, where the environment asks for it.

    At the end it blocks until the last are sent, or for the exporter's own limit.

    Args:
        process: which of the gateway's processes this is.
    """
    if not is_exported("traces"):
        yield
        return
    provider = TracerProvider(resource=resource(process))
    provider.add_span_processor(BatchSpanProcessor(_span_exporter()))
    tracing.install(provider)
    try:
        yield
    finally:
        tracing.install(None)
        provider.shutdown()


def resource(process: str) -> Resource:
    """Return who reports: OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES count before our names."""
    ours = Resource.create({SERVICE_NAME: _SERVICE, SERVICE_INSTANCE_ID: process})
    return ours.merge(OTELResourceDetector().detect())


async def export_metrics(collect: Callable[[], Awaitable[Snapshot]]) -> None:
    """Export the metrics of all processes from time to time, until cancelled.

    Args:
        collect: returns the merged values.
    """
    exporter = _metric_exporter()
    since_ns = time.time_ns()
    interval_s = int(os.environ.get("OTEL_METRIC_EXPORT_INTERVAL", _DEFAULT_INTERVAL_MS)) / 1000
    who = resource("supervisor")
    while True:
        await asyncio.sleep(interval_s)
        data = metrics_data(metrics.declared(), await collect(), who, since_ns=since_ns)
        done = await asyncio.to_thread(exporter.export, data, _EXPORT_TIMEOUT_MS)
        if done is not MetricExportResult.SUCCESS:
            log.warning("metrics could not be exported; the next attempt has them all")


def _protocol(signal: str) -> str:
    of_signal = os.environ.get(f"OTEL_EXPORTER_OTLP_{signal.upper()}_PROTOCOL")
    return of_signal or os.environ.get("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")


# Imported where they are chosen: together they take a tenth of a second and 20 MiB.


def _span_exporter() -> "SpanExporter":
    if _protocol("traces") == "grpc":
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import (  # noqa: PLC0415
            OTLPSpanExporter,
        )

        return OTLPSpanExporter()
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415
        OTLPSpanExporter as HttpSpanExporter,
    )

    return HttpSpanExporter()


def _metric_exporter() -> "MetricExporter":
    if _protocol("metrics") == "grpc":
        from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import (  # noqa: PLC0415
            OTLPMetricExporter,
        )

        return OTLPMetricExporter()
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import (  # noqa: PLC0415
        OTLPMetricExporter as HttpMetricExporter,
    )

    return HttpMetricExporter()
