"""Where traces and metrics go, as OpenTelemetry's variables say."""

import asyncio
import os
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
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
from opentelemetry.sdk.trace.sampling import ALWAYS_ON, ParentBased

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
_LAST_SPANS_S = 3.0


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


@asynccontextmanager
async def traces(process: str) -> AsyncIterator[None]:
    """Export the spans of this process meanwhile, where the environment asks for it.

    At the end it waits until the last are sent, but not for long: a collector that is away holds
    up no stop.

    Args:
        process: which of the gateway's processes this is.
    """
    if not is_exported("traces"):
        yield
        return
    share = _root_share()
    # What is asked for by a ratio is decided by us, in less time; what a caller decides counts.
    sampler = None if share is None else ParentBased(ALWAYS_ON)
    provider = TracerProvider(sampler, resource(process))
    provider.add_span_processor(BatchSpanProcessor(_span_exporter()))
    tracing.install(provider, root_share=1.0 if share is None else share)
    try:
        yield
    finally:
        tracing.install(None)
        with suppress(TimeoutError):
            async with asyncio.timeout(_LAST_SPANS_S):
                await _in_a_thread(provider.shutdown)


async def _in_a_thread(work: Callable[[], None]) -> None:
    """Do some work beside the event loop; where this is cancelled, nobody waits for its end.

    The threads of asyncio are waited for when the loop is closed.
    """
    loop, done = asyncio.get_running_loop(), asyncio.Event()

    def run() -> None:
        work()
        with suppress(RuntimeError):  # The loop is closed.
            loop.call_soon_threadsafe(done.set)

    threading.Thread(target=run, name="last spans", daemon=True).start()
    await done.wait()


def _root_share() -> float | None:
    """Return which share of the requests without a trace is to be sampled; None to ask the SDK."""
    name = os.environ.get("OTEL_TRACES_SAMPLER", "").strip().lower()
    if name == "parentbased_always_off":
        return 0.0
    if name != "parentbased_traceidratio":
        return None
    try:
        share = float(os.environ.get("OTEL_TRACES_SAMPLER_ARG", "1.0"))
    except ValueError:
        return None  # The SDK says what is wrong with it.
    return share if 0.0 <= share <= 1.0 else None


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
