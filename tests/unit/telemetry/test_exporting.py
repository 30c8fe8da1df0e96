"""What OpenTelemetry's variables say of traces."""

from collections.abc import Mapping
from contextvars import copy_context
from functools import partial

import pytest

from gateway.telemetry import exporting, tracing

ENDPOINT = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://[::1]:9"}
PARENT = ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")


@pytest.mark.parametrize(
    ("environ", "signal", "exported"),
    [
        ({}, "traces", False),
        (ENDPOINT, "traces", True),
        (ENDPOINT, "metrics", True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://[::1]:9"}, "metrics", False),
        ({"OTEL_TRACES_EXPORTER": "otlp"}, "traces", True),
        ({**ENDPOINT, "OTEL_TRACES_EXPORTER": "none"}, "traces", False),
        ({**ENDPOINT, "OTEL_SDK_DISABLED": "true"}, "traces", False),
    ],
)
def test_what_is_exported(
    monkeypatch: pytest.MonkeyPatch,
    environ: Mapping[str, str],
    signal: str,
    exported: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """Nothing unless it is asked for."""
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert exporting.is_exported(signal) is exported


@pytest.mark.parametrize(
    ("sampler", "argument", "roots", "children"),
    [
        ("", "", 100, 100),
        ("parentbased_always_on", "", 100, 100),
        ("parentbased_always_off", "", 0, 100),
        ("parentbased_traceidratio", "0.0", 0, 100),
        ("parentbased_traceidratio", "1.0", 100, 100),
        ("always_off", "", 0, 0),
    ],
)
async def test_how_many_requests_are_sampled(
    monkeypatch: pytest.MonkeyPatch, sampler: str, argument: str, roots: int, children: int
) -> None:
    """Of a hundred without a trace, and of a hundred whose callers sample."""
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "otlp")
    monkeypatch.setattr(exporting, "BatchSpanProcessor", lambda _: _Dropping())
    monkeypatch.setattr(exporting, "_span_exporter", lambda: None)
    for name, value in (("OTEL_TRACES_SAMPLER", sampler), ("OTEL_TRACES_SAMPLER_ARG", argument)):
        if value:
            monkeypatch.setenv(name, value)
    async with exporting.traces("ingest-0"):
        assert _sampled([]) == roots
        assert _sampled([PARENT]) == children
    assert _sampled([PARENT]) == 0


async def test_a_ratio_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """By our own count."""
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "otlp")
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "parentbased_traceidratio")
    monkeypatch.setenv("OTEL_TRACES_SAMPLER_ARG", "0.25")
    monkeypatch.setattr(exporting, "BatchSpanProcessor", lambda _: _Dropping())
    monkeypatch.setattr(exporting, "_span_exporter", lambda: None)
    drawn = iter([0.0, 0.24, 0.25, 0.99] * 25)
    monkeypatch.setattr(tracing, "random", lambda: next(drawn))
    async with exporting.traces("ingest-0"):
        assert _sampled([]) == 50


def _sampled(metadata: list[tuple[str, str | bytes]]) -> int:
    """Return how many of a hundred requests are sampled."""
    ask = partial(tracing.request, "package.Service/Method", lambda: metadata)
    found = [copy_context().run(ask) for _ in range(100)]
    for one in found:
        one.end("OK", failed=False)
    return sum(one.span is not None for one in found)


class _Dropping:
    """A processor of spans that keeps none."""

    def on_start(self, span: object, parent_context: object = None) -> None:
        pass

    def _on_ending(self, span: object) -> None:
        pass

    def on_end(self, span: object) -> None:
        pass

    def shutdown(self) -> None:
        pass
