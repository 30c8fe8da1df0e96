"""Spans: whose child they are, what they are linked to, and what they never hold."""

from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace import (  # noqa: TID251 - what a test reads spans with
    ReadableSpan,
    TracerProvider,
)
from opentelemetry.sdk.trace.export import SimpleSpanProcessor  # noqa: TID251 - likewise
from opentelemetry.sdk.trace.export.in_memory_span_exporter import (  # noqa: TID251 - likewise
    InMemorySpanExporter,
)
from opentelemetry.sdk.trace.sampling import (  # noqa: TID251 - likewise
    ALWAYS_OFF,
    ALWAYS_ON,
    ParentBased,
)
from opentelemetry.trace import format_span_id, format_trace_id

from gateway.telemetry import logs, tracing
from gateway.telemetry.tracing import NOT_TRACED, CallTrace

PUT = "personalize_gateway.v1.EventService/PutEvents"
TRACE_ID, SPAN_ID = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
TRACEPARENT = f"00-{TRACE_ID}-{SPAN_ID}-01"


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    """Sample everything that its parent does not keep out."""
    yield from _exported(TracerProvider(sampler=ParentBased(ALWAYS_ON)))


@pytest.fixture
def unsampled() -> Iterator[InMemorySpanExporter]:
    """Sample nothing that its parent does not ask for."""
    yield from _exported(TracerProvider(sampler=ParentBased(ALWAYS_OFF)))


def _exported(provider: TracerProvider) -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracing.install(provider)
    yield exporter
    tracing.install(None)
    tracing._current.set(NOT_TRACED)
    provider.shutdown()


def parent_of(span: ReadableSpan) -> tuple[str, str] | None:
    """Return the trace and the span that a span is a child of."""
    if span.parent is None:
        return None
    return format_trace_id(span.parent.trace_id), format_span_id(span.parent.span_id)


@pytest.mark.parametrize(
    "metadata",
    [
        [("traceparent", TRACEPARENT)],
        [("x-amzn-trace-id", f"Root=1-{TRACE_ID[:8]}-{TRACE_ID[8:]};Parent={SPAN_ID};Sampled=1")],
        [("traceparent", TRACEPARENT), ("x-amzn-trace-id", "Root=1-0-0"), ("other-bin", b"\xff")],
    ],
)
def test_the_parent_is_who_called(
    spans: InMemorySpanExporter, metadata: list[tuple[str, str | bytes]]
) -> None:
    """By the W3C's header, or by that of X-Ray."""
    request = tracing.request(PUT, lambda: metadata)
    request.end("OK", failed=False)
    (span,) = spans.get_finished_spans()
    assert (span.name, span.kind.name, parent_of(span)) == (PUT, "SERVER", (TRACE_ID, SPAN_ID))
    assert dict(span.attributes or {}) == {
        "rpc.system.name": "grpc",
        "rpc.method": PUT,
        "rpc.response.status_code": "OK",
    }
    assert request.traceparent.startswith(f"00-{TRACE_ID}-")


def test_stages_are_below_the_request(spans: InMemorySpanExporter) -> None:
    """An error in a stage leaves no text in its span."""
    request = tracing.request(PUT, list)
    with pytest.raises(ValueError, match="secret"), request.stage("validation"):
        raise ValueError("secret")
    request.end("INTERNAL", failed=True)
    stage, server = spans.get_finished_spans()
    assert stage.name == "validation"
    assert stage.parent == server.context
    assert not stage.events
    assert server.status.status_code.name == "ERROR"


def test_a_call_is_below_the_first_request_and_linked_to_all(spans: InMemorySpanExporter) -> None:
    """Also when the requests were accepted by another process, before a restart."""
    one, two = tracing.request(PUT, list), tracing.request(PUT, list)
    names = [one.traceparent, "", two.traceparent, one.traceparent]
    CallTrace("PutEvents", names, {"server.address": "here"}).end("Throttling", is_retried=True)
    (span,) = spans.get_finished_spans()
    assert (span.name, span.kind.name) == ("PersonalizeEvents/PutEvents", "CLIENT")
    linked = [f"{link.context.trace_id:032x}-{link.context.span_id:016x}" for link in span.links]
    assert linked == [one.traceparent[3:-3], two.traceparent[3:-3]]
    assert parent_of(span) == tuple(one.traceparent.split("-")[1:3])
    assert [event.name for event in span.events] == ["retry"]
    assert (span.attributes or {})["error.type"] == "Throttling"


def test_the_caller_decides_on_sampling(unsampled: InMemorySpanExporter) -> None:
    """The gateway's ratio is for those who say nothing."""
    assert tracing.request(PUT, list) is NOT_TRACED
    assert tracing.request(PUT, lambda: [("traceparent", TRACEPARENT[:-1] + "0")]) is NOT_TRACED
    sampled = tracing.request(PUT, lambda: [("traceparent", TRACEPARENT)])
    sampled.end("OK", failed=False)
    CallTrace("PutEvents", [sampled.traceparent], {}).end()
    names = [span.name for span in unsampled.get_finished_spans()]
    assert names == [PUT, "PersonalizeEvents/PutEvents"]


def test_the_stages_of_a_stream_have_no_spans(spans: InMemorySpanExporter) -> None:
    """It may have as many messages as there are in a day; they name the stream's trace."""
    request = tracing.request(PUT, list, has_stages=False)
    with tracing.stage("validation"):
        assert tracing.current().traceparent == request.traceparent
    request.end("OK", failed=False)
    assert [span.name for span in spans.get_finished_spans()] == [PUT]


def test_the_log_names_the_trace_of_the_request_that_is_served(
    spans: InMemorySpanExporter,
) -> None:
    """In each line, until there is another request."""
    del spans
    assert logs.with_trace_id(None, "", {}) == {}
    tracing.request(PUT, lambda: [("traceparent", TRACEPARENT)])
    assert logs.with_trace_id(None, "", {}) == {"trace_id": TRACE_ID}


def test_a_call_of_untraced_records_is_not_traced(spans: InMemorySpanExporter) -> None:
    """It would be a trace of its own that nobody asked for."""
    CallTrace("PutEvents", ["", ""], {}).end()
    assert spans.get_finished_spans() == ()


def test_without_an_exporter_there_is_nothing() -> None:
    """Whatever the caller asks for."""
    request = tracing.request(PUT, lambda: [("traceparent", TRACEPARENT)])
    assert request is NOT_TRACED
    with request.stage("validation"):
        request.end("OK", failed=False)
