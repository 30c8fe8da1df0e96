"""Metrics to an OpenTelemetry collector, by OTLP.

Where to and how often is said by the standard variables: OTEL_EXPORTER_OTLP_ENDPOINT,
OTEL_EXPORTER_OTLP_PROTOCOL, OTEL_METRIC_EXPORT_INTERVAL and those beside them.
"""

import time
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    Gauge,
    Histogram,
    HistogramDataPoint,
    Metric,
    MetricsData,
    NumberDataPoint,
    ResourceMetrics,
    ScopeMetrics,
    Sum,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.util.instrumentation import InstrumentationScope

from gateway.telemetry import instruments as ours
from gateway.telemetry.prometheus import PROCESS
from gateway.telemetry.snapshot import Series, Snapshot

SCOPE = "personalize-gateway"


class _Span(NamedTuple):
    """From when to when was counted, in nanoseconds since 1970."""

    since_ns: int
    now_ns: int


def metrics_data(
    instruments: Iterable[ours.Instrument],
    values: Snapshot,
    resource: Resource,
    *,
    since_ns: int,
) -> MetricsData:
    """Return merged values (see `snapshot.merged`) as an exporter of OpenTelemetry takes them.

    Args:
        instruments: what the values are of.
        values: those of all processes.
        resource: who reports.
        since_ns: when the counting began, in nanoseconds since 1970.
    """
    span = _Span(since_ns, time.time_ns())
    metrics = [
        Metric(one.name, one.docs, one.unit, _data(one, values.get(one.name, {}), span))
        for one in instruments
    ]
    scope = ScopeMetrics(InstrumentationScope(SCOPE), metrics, "")
    return MetricsData([ResourceMetrics(resource, [scope], "")])


def _data(instrument: ours.Instrument, series: Series, span: _Span) -> Sum | Gauge | Histogram:
    if isinstance(instrument, ours.Histogram):
        points = list(_distributions(instrument, series, span))
        return Histogram(points, AggregationTemporality.CUMULATIVE)
    numbers = [
        NumberDataPoint(_attributes(instrument, labels), *span, value)
        for labels, value in series.items()
    ]
    if isinstance(instrument, ours.Counter):
        return Sum(numbers, AggregationTemporality.CUMULATIVE, is_monotonic=True)
    return Gauge(numbers)


def _distributions(
    instrument: ours.Histogram, series: Series, span: _Span
) -> Iterator[HistogramDataPoint]:
    for labels, (*buckets, total) in series.items():
        # The smallest and the largest value are not kept.
        unknown: Any = None
        yield HistogramDataPoint(
            _attributes(instrument, labels),
            *span,
            count=sum(buckets),
            sum=total,
            bucket_counts=buckets,
            explicit_bounds=instrument.bounds,
            min=unknown,
            max=unknown,
        )


def _attributes(instrument: ours.Instrument, labels: ours.Labels) -> dict[str, str]:
    return dict(zip((PROCESS, *instrument.labels), labels, strict=True))
