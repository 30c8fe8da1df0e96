"""Traces: what became of a request, and which call of Personalize its records took.

Instrumented by hand: a ready-made instrumentation of gRPC costs a third of an RPC. Where no
exporter is configured, or a request is not sampled, the cost is close to none.

Configured by OpenTelemetry's own variables: an exporter by OTEL_EXPORTER_OTLP_ENDPOINT (or
OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, or OTEL_TRACES_EXPORTER=otlp), its protocol by
OTEL_EXPORTER_OTLP_PROTOCOL, sampling by OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG.

No attribute holds what a caller sent: no ID of a user, session or item, no property.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from random import random

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

Metadata = Callable[[], Iterable[tuple[str, str | bytes]] | None]
"""Returns the metadata of a call; not asked while nothing is traced."""

_UNTIMED: AbstractContextManager[None] = nullcontext()


@dataclass(frozen=True, slots=True)
class RequestTrace:
    """The span of one request.

    Attributes:
        span: None where the request is not sampled.
        context: the span's, for those below it.
        traceparent: names the span, for who works on the request later; empty without one.
        has_stages: whether its stages have spans of their own. Those of a stream have not: it may
            have as many messages as there are in a day.
    """

    span: Span | None = None
    context: Context | None = None
    traceparent: str = ""
    has_stages: bool = False

    @property
    def trace_id(self) -> str:
        """The ID of its trace, as it is written; empty where the request is not sampled."""
        return self.traceparent[3:35]

    def stage(self, name: str) -> AbstractContextManager[None]:
        """Return what times a stage of the request with a span of its own, where it is sampled."""
        return _stage(name, self.context) if self.has_stages else _UNTIMED

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


_current: ContextVar[RequestTrace] = ContextVar("request", default=NOT_TRACED)


class _Tracing:
    """Where the spans of this process go."""

    tracer: Tracer | None = None
    root_share = 1.0


def install(provider: TracerProvider | None, *, root_share: float = 1.0) -> None:
    """Send spans to a provider from now on; None for nowhere.

    Args:
        provider: samples and takes them.
        root_share: of the requests whose callers name no trace, the share that it gets to see, 0 to
            1. To ask it and be told no takes ten times as long.
    """
    _Tracing.tracer = None if provider is None else provider.get_tracer("personalize-gateway")
    _Tracing.root_share = root_share


def current() -> RequestTrace:
    """Return the trace of the request that the running task serves."""
    return NOT_TRACED if _Tracing.tracer is None else _current.get()


def stage(name: str) -> AbstractContextManager[None]:
    """Return what times a stage of the request that the running task serves."""
    return _UNTIMED if _Tracing.tracer is None else _current.get().stage(name)


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


def request(method: str, metadata: Metadata, *, has_stages: bool = True) -> RequestTrace:
    """Begin the server span of the request that the running task serves.

    Its parent is in the metadata: `traceparent` and `tracestate` (W3C), or `x-amzn-trace-id`.

    Args:
        method: the RPC's full name, `package.Service/Method`.
        metadata: of the call.
        has_stages: whether its stages are to have spans, too.
    """
    tracer = _Tracing.tracer
    if tracer is None:
        return NOT_TRACED
    carrier = {
        _CONTEXT_KEYS[key]: value
        for key, value in metadata() or ()
        if key in _CONTEXT_KEYS and isinstance(value, str)
    }
    if not carrier and _Tracing.root_share < 1.0 and random() >= _Tracing.root_share:
        return NOT_TRACED
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
    found = RequestTrace(span, below, _traceparent(below), has_stages)
    _current.set(found)
    return found


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
        tracer = _Tracing.tracer
        named = None if tracer is None else dict.fromkeys(filter(None, traceparents))
        if tracer is None or not named:
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
