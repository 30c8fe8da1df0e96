"""The table of all metrics, as Markdown."""

from collections.abc import Iterable

from gateway.telemetry.instruments import Counter, Histogram, Instrument
from gateway.telemetry.prometheus import PROCESS, prometheus_name


def reference(instruments: Iterable[Instrument]) -> str:
    """Return a row for each metric: its names, type, labels, and what is measured."""
    rows = ["| OpenTelemetry | Prometheus | type | labels | what |", "|---|---|---|---|---|"]
    rows += map(_row, instruments)
    return "\n".join(rows) + "\n"


def _row(instrument: Instrument) -> str:
    prometheus = prometheus_name(instrument)
    if isinstance(instrument, Counter):
        prometheus += "_total"
    labels = ", ".join(f"`{label}`" for label in (PROCESS, *instrument.labels))
    unit = "" if instrument.unit == "1" else f" ({instrument.unit})"
    return (
        f"| `{instrument.name}` | `{prometheus}` | {_type(instrument)}{unit} | {labels} "
        f"| {instrument.docs} |"
    )


def _type(instrument: Instrument) -> str:
    if isinstance(instrument, Histogram):
        return "histogram"
    return "counter" if isinstance(instrument, Counter) else "gauge"
