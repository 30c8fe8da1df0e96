"""Metrics in the text format of Prometheus."""

from collections.abc import Iterable, Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from gateway.telemetry.instruments import Counter, Histogram, Instrument
from gateway.telemetry.snapshot import Series, Snapshot

CONTENT_TYPE = CONTENT_TYPE_LATEST

PROCESS = "process"
"""The label that says which process a value is of."""

_UNITS = {"s": "seconds", "By": "bytes"}


def prometheus_name(instrument: Instrument) -> str:
    """Return the name by which Prometheus knows a metric, without a counter's `_total`."""
    name = instrument.name.replace(".", "_")
    unit = _UNITS.get(instrument.unit)
    return f"{name}_{unit}" if unit else name


def rendered(instruments: Iterable[Instrument], values: Snapshot) -> bytes:
    """Return merged values (see `snapshot.merged`) as Prometheus reads them."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Values(list(instruments), values))
    return generate_latest(registry)


class _Values(Collector):
    def __init__(self, instruments: list[Instrument], values: Snapshot) -> None:
        self._instruments = instruments
        self._values = values

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterator[Metric]:
        for instrument in self._instruments:
            yield _family(instrument, self._values.get(instrument.name, {}))


def _family(instrument: Instrument, series: Series) -> Metric:
    name = prometheus_name(instrument)
    labels = [label.replace(".", "_") for label in (PROCESS, *instrument.labels)]
    if isinstance(instrument, Histogram):
        histogram = HistogramMetricFamily(name, instrument.docs, labels=labels)
        for values, counted in series.items():
            histogram.add_metric(values, _cumulated(instrument, counted), counted[-1])
        return histogram
    family = CounterMetricFamily if isinstance(instrument, Counter) else GaugeMetricFamily
    found: Metric = family(name, instrument.docs, labels=labels)
    for values, value in series.items():
        found.add_metric(values, value)  # type: ignore[attr-defined]
    return found


def _cumulated(instrument: Histogram, counted: list[float]) -> list[tuple[str, float]]:
    bounds = [*map(str, instrument.bounds), "+Inf"]
    below, found = 0.0, []
    for bound, count in zip(bounds, counted[:-1], strict=True):
        below += count
        found.append((bound, below))
    return found
