"""Traces: what became of a request, and which call of Personalize its records took.

Instrumented by hand: a ready-made instrumentation of gRPC costs a third of an RPC. Where no
exporter is configured, or a request is not sampled, the cost is close to none.

Configured by OpenTelemetry's own variables: an exporter by OTEL_EXPORTER_OTLP_ENDPOINT (or
OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, or OTEL_TRACES_EXPORTER=otlp), its protocol by
OTEL_EXPORTER_OTLP_PROTOCOL, sampling by OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG.

No attribute holds what a caller sent: no ID of a user, session or item, no property.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass

from opentelemetry import trace
from opentelemetry.baggage.propagation import W3CBaggagePropagator
from opentelemetry.context import Context
from opentelemetry.propagators.aws import AwsXRayPropagator
from opentelemetry.propagators.composite import CompositePropagator
from opentelemetry.trace import (
    Link,
    Span,
    SpanKind,
    Status,
    StatusCode,
    Tracer,
    TracerProvider,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_W3C = TraceContextTextMapPropagator()

# The later one wins: the W3C's headers, where both were sent.
_INCOMING = CompositePropagator([AwsXRayPropagator(), _W3C, W3CBaggagePropagator()])
_CONTEXT_KEYS: Mapping[str, str] = {field.lower(): field for field in _INCOMING.fields}
"""The keys of metadata, which are in small letters, by which callers name their trace."""

_TRACEPARENT = "traceparent"

Metadata = Iterable[tuple[str, str | bytes]]

_UNTIMED: AbstractContextManager[None] = nullcontext()


@dataclass(frozen=True, slots=True)
class RequestTrace:
    """The span of one request.

    Attributes:
        span: None where the request is not sampled.
        context: the span's, for those below it.
        traceparent: names the span, for who works on the request later; empty without one.
    """

    span: Span | None = None
    context: Context | None = None
    traceparent: str = ""

    def stage(self, name: str) -> AbstractContextManager[None]:
        """Return what times a stage of the request with a span of its own, where it is sampled."""
        return _UNTIMED if self.span is None else _stage(name, self.context)

    def end(self, status_code: str, *, failed: bool) -> None:
        """Close the span.

        Args:
            status_code: the name of gRPC's code.
            failed: whether that is a fault of the gateway's, and not the caller's.
        """
        if self.span is None:
            return
        self.span.set_attribute("rpc.response.status_code", status_code)
        if failed:
            self.span.set_status(Status(StatusCode.ERROR))
            self.span.set_attribute("error.type", status_code)
        self.span.end()


NOT_TRACED = RequestTrace()


class _Tracing:
    """Where the spans of this process go."""

    tracer: Tracer | None = None


def install(provider: TracerProvider | None) -> None:
    """Send spans to a provider from now on; None for nowhere."""
    _Tracing.tracer = None if provider is None else provider.get_tracer("personalize-gateway")


def _stage(name: str, context: Context | None) -> AbstractContextManager[None]:
    assert _Tracing.tracer is not None, "a span without a tracer"
    return _timed(_Tracing.tracer.start_span(name, context))


@contextmanager
def _timed(span: Span) -> Iterator[None]:
    # Exceptions are not recorded: their texts may quote a record.
    try:
        yield
    finally:
        span.end()


def request(method: str, metadata: Metadata) -> RequestTrace:
    """Begin the server span of a request.

    Its parent is in the metadata: `traceparent` and `tracestate` (W3C), or `x-amzn-trace-id`.

    Args:
        method: the RPC's full name, `package.Service/Method`.
        metadata: of the call.
    """
    tracer = _Tracing.tracer
    if tracer is None:
        return NOT_TRACED
    carrier = {
        _CONTEXT_KEYS[key]: value
        for key, value in metadata
        if key in _CONTEXT_KEYS and isinstance(value, str)
    }
    context = _INCOMING.extract(carrier, Context()) if carrier else Context()
    span = tracer.start_span(
        method,
        context,
        SpanKind.SERVER,
        attributes={"rpc.system.name": "grpc", "rpc.method": method},
    )
    if not span.is_recording():
        return NOT_TRACED
    below = trace.set_span_in_context(span, context)
    return RequestTrace(span, below, _traceparent(below))


def _traceparent(context: Context) -> str:
    carrier: dict[str, str] = {}
    _W3C.inject(carrier, context)
    return carrier.get(_TRACEPARENT, "")


class CallTrace:
    """The client span of one call of Personalize.

    It is a child of the first traced request whose records are in it, and linked to all of them:
    a trace of one request goes through to Personalize, and one call belongs to many traces. The
    context is not sent on to AWS.

    Args:
        operation: of the data plane, for example `PutEvents`.
        traceparents: of the requests whose records are in the call; empty ones are left out.
        attributes: what else is to be said of the call.
    """

    __slots__ = ("_span",)

    def __init__(
        self, operation: str, traceparents: Iterable[str], attributes: Mapping[str, str | int]
    ) -> None:
        self._span: Span | None = None
        named = dict.fromkeys(filter(None, traceparents))
        tracer = _Tracing.tracer
        if not named or tracer is None:
            return
        contexts = [_W3C.extract({_TRACEPARENT: one}, Context()) for one in named]
        self._span = tracer.start_span(
            f"PersonalizeEvents/{operation}",
            contexts[0],
            SpanKind.CLIENT,
            attributes={
                "rpc.system.name": "aws-api",
                "rpc.method": f"PersonalizeEvents/{operation}",
                "http.request.method": "POST",
                **attributes,
            },
            links=[Link(trace.get_current_span(one).get_span_context()) for one in contexts],
        )

    def end(self, error_code: str | None = None, *, is_retried: bool = False) -> None:
        """Close the span.

        Args:
            error_code: why the call failed; None where it did not.
            is_retried: whether its records are sent again.
        """
        if self._span is None:
            return
        if error_code is not None:
            self._span.set_status(Status(StatusCode.ERROR, error_code))
            self._span.set_attribute("error.type", error_code)
            if is_retried:
                self._span.add_event("retry")
        self._span.end()
