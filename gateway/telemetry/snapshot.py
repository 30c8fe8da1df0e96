"""The values of all metrics at a moment, as one process hands them to another."""

from collections.abc import Iterable, Mapping
from typing import Any

from gateway.telemetry.instruments import Counter, Gauge, Instrument, Labels

Series = Mapping[Labels, Any]
"""By the labels' values: a number or, of a histogram, its buckets followed by their sum."""

Snapshot = Mapping[str, Series]
"""By the names of the metrics."""

Encoded = dict[str, list[list[Any]]]
"""A snapshot as JSON: by metric, a list of the labels' values with the value at the end."""


def snapshot(instruments: Iterable[Instrument]) -> Snapshot:
    """Return the values of instruments as they are now."""
    return {one.name: _series(one) for one in instruments}


def _series(instrument: Instrument) -> Series:
    if isinstance(instrument, Counter | Gauge):
        return dict(instrument.values)
    # A list first: the threads that count may add to the values meanwhile.
    found = list(instrument.values.items())
    return {labels: [*one.buckets, one.total] for labels, one in found}


def encoded(values: Snapshot) -> Encoded:
    """Return a snapshot in a form that JSON can hold."""
    return {
        name: [[*labels, value] for labels, value in series.items()]
        for name, series in values.items()
    }


def decoded(values: Encoded) -> Snapshot:
    """Return what was encoded."""
    return {
        name: {tuple(labels): value for *labels, value in series} for name, series in values.items()
    }


def merged(by_process: Mapping[str, Snapshot]) -> Snapshot:
    """Return the values of several processes beside each other, the process as the first label."""
    found: dict[str, dict[Labels, Any]] = {}
    for process, values in by_process.items():
        for name, series in values.items():
            target = found.setdefault(name, {})
            target.update({(process, *labels): value for labels, value in series.items()})
    return found
