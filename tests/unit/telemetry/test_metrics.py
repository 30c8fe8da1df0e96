"""Metrics: noted, handed from process to process, and shown in both formats."""

import json
import os
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.exporter.otlp.proto.common.metrics_encoder import encode_metrics
from opentelemetry.sdk.resources import Resource  # noqa: TID251 - an exporter is given one

from gateway.telemetry import metrics
from gateway.telemetry.instruments import Counter, Gauge, Histogram, Instrument
from gateway.telemetry.otlp_metrics import metrics_data
from gateway.telemetry.prometheus import prometheus_name, rendered
from gateway.telemetry.reference import reference
from gateway.telemetry.snapshot import Snapshot, decoded, encoded, merged, snapshot

DOCS = Path(__file__).parents[3] / "docs" / "metrics.md"
BEGIN, END = "<!-- metrics -->\n", "<!-- /metrics -->\n"


def instruments() -> tuple[Counter, Gauge, Histogram]:
    """Return one of each type, with values."""
    sent = Counter(name="gateway.sent", docs="What was sent.", labels=("rpc.method",))
    held = Gauge(name="gateway.held", docs="What is held.", unit="By")
    took = Histogram(name="gateway.took", docs="How long.", unit="s", bounds=(0.5, 2.0))
    sent.add(2, "Put")
    sent.add(1, "Put")
    held.set(7)
    for seconds in (0.5, 0.6, 9.0):
        took.record(seconds)
    return sent, held, took


def of_one_process(shown: tuple[Instrument, ...]) -> Snapshot:
    """Return the values as those of a process."""
    return merged({"ingest-0": snapshot(shown)})


def test_prometheus_reads_names_units_labels_and_cumulated_buckets() -> None:
    """The text is what Prometheus' own client writes, with the process on every value."""
    shown = instruments()
    assert rendered(shown, of_one_process(shown)).decode() == (
        "# HELP gateway_sent_total What was sent.\n"
        "# TYPE gateway_sent_total counter\n"
        'gateway_sent_total{process="ingest-0",rpc_method="Put"} 3.0\n'
        "# HELP gateway_held_bytes What is held.\n"
        "# TYPE gateway_held_bytes gauge\n"
        'gateway_held_bytes{process="ingest-0"} 7.0\n'
        "# HELP gateway_took_seconds How long.\n"
        "# TYPE gateway_took_seconds histogram\n"
        'gateway_took_seconds_bucket{le="0.5",process="ingest-0"} 1.0\n'
        'gateway_took_seconds_bucket{le="2.0",process="ingest-0"} 2.0\n'
        'gateway_took_seconds_bucket{le="+Inf",process="ingest-0"} 3.0\n'
        'gateway_took_seconds_count{process="ingest-0"} 3.0\n'
        'gateway_took_seconds_sum{process="ingest-0"} 10.1\n'
    )


def test_an_exporter_of_opentelemetry_takes_the_same_values() -> None:
    """OTLP's own encoder makes a counter, a gauge and a histogram of them."""
    shown = instruments()
    data = metrics_data(shown, of_one_process(shown), Resource({}), since_ns=5)
    (scope,) = encode_metrics(data).resource_metrics[0].scope_metrics
    sent, held, took = scope.metrics
    assert (sent.sum.is_monotonic, sent.sum.data_points[0].as_int) == (True, 3)
    attributes = {one.key: one.value.string_value for one in sent.sum.data_points[0].attributes}
    assert attributes == {"process": "ingest-0", "rpc.method": "Put"}
    assert held.gauge.data_points[0].as_int == 7
    (point,) = took.histogram.data_points
    assert (list(point.bucket_counts), list(point.explicit_bounds)) == ([1, 1, 1], [0.5, 2.0])
    assert (point.count, point.sum, point.start_time_unix_nano) == (3, 10.1, 5)


@given(
    st.dictionaries(
        st.text(max_size=5),
        st.dictionaries(
            st.lists(st.text(max_size=3), max_size=3).map(tuple),
            st.one_of(st.integers(), st.lists(st.integers())),
        ),
    )
)
def test_what_is_handed_over_is_what_was_noted(values: Snapshot) -> None:
    """A snapshot outlives its way through JSON."""
    assert decoded(json.loads(json.dumps(encoded(values)))) == values


def test_what_no_longer_is_disappears() -> None:
    """A gauge that is replaced has no value of before."""
    held = Gauge(name="held", docs="Held.", labels=("group",))
    held.set(1, "shop")
    held.replace([(("outlet",), 2)])
    assert held.values == {("outlet",): 2}


def test_no_two_metrics_share_a_name() -> None:
    """Neither in OpenTelemetry nor in Prometheus, whatever the type."""
    shown = list(metrics.declared())
    assert len({one.name for one in shown}) == len(shown)
    assert len({prometheus_name(one) for one in shown}) == len(shown)


def test_the_page_of_metrics_is_up_to_date() -> None:
    """UPDATE_GOLDEN=1 writes it anew."""
    page = DOCS.read_text()
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    expected = f"{before}{BEGIN}{reference(metrics.declared())}{END}{after}"
    if os.environ.get("UPDATE_GOLDEN"):
        DOCS.write_text(expected)
    assert DOCS.read_text() == expected
