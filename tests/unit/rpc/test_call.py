"""What every RPC has in common."""

import asyncio
import contextlib
import weakref
from collections.abc import AsyncGenerator, AsyncIterator
from types import SimpleNamespace
from typing import Any, NoReturn

import grpc
import pytest
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status
from structlog.testing import capture_logs

from gateway.api import IngestBatchRequest, IngestBatchResponse, IngestRequest, IngestResponse
from gateway.errors import GatewayError
from gateway.identity import Caller, CallerUnknown
from gateway.rpc.call import Calls, IncomingCall
from gateway.rpc.drain import Drain
from gateway.rpc.observation import code_of_cancelled

METHOD = "personalize_gateway.v1.IngestService/Any"


class Aborted(Exception):
    """Ends a handler, as gRPC does it."""


class Context:
    """A call, without gRPC."""

    def __init__(self, remaining_s: float | None = None) -> None:
        self._remaining_s = remaining_s
        self.answer: tuple[grpc.StatusCode, str] | None = None
        self.written: list[bytes] = []

    def time_remaining(self) -> float | None:
        return self._remaining_s

    def invocation_metadata(self) -> tuple[()]:
        return ()

    async def write(self, data: bytes) -> None:
        self.written.append(data)

    async def abort(
        self, code: grpc.StatusCode, _: str, metadata: tuple[tuple[str, bytes]]
    ) -> NoReturn:
        info = ErrorInfo()
        Status.FromString(metadata[0][1]).details[0].Unpack(info)
        self.answer = (code, info.reason)
        raise Aborted


class Named:
    """Says that one caller makes every call, or fails as it is told."""

    def __init__(self, says: Caller | Exception = "web") -> None:
        self._says = says

    async def caller(self, evidence: object) -> Caller:
        del evidence
        if isinstance(self._says, Exception):
            raise self._says
        return self._says

    async def start(self) -> None:
        pass

    async def close(self) -> None:
        pass


class NewError(GatewayError):
    """Expected error: one that nobody thought of in the statuses."""


def calls(identity: Named | None = None) -> Calls:
    """Return what makes handlers."""
    return Calls(identity or Named(), 1024, Drain())


async def unary(made: Calls, context: Context, outcome: Any = None) -> list[IncomingCall]:
    """Make a unary call whose handler has an outcome; return what the handler was given."""
    given: list[IncomingCall] = []

    async def handle(_: Message, call: IncomingCall) -> Any:
        given.append(call)
        if isinstance(outcome, Exception):
            raise outcome
        return IngestBatchResponse() if outcome is None else outcome

    serve: Any = made.unary(IngestBatchRequest, handle)(METHOD).unary_unary
    with contextlib.suppress(Aborted):
        assert await serve(b"", context) == b""
    return given


@pytest.mark.parametrize("error", [ZeroDivisionError("secret"), NewError("secret")])
async def test_an_error_without_an_answer_is_unforeseen(error: Exception) -> None:
    """One of ours that has no status is no different; it is logged under its ID."""
    context = Context()
    with capture_logs() as logs:
        await unary(calls(), context, error)
    assert context.answer == (grpc.StatusCode.INTERNAL, "INTERNAL")
    (log,) = logs
    assert log["exc_info"] is error
    assert log["error_id"]


async def test_an_error_that_was_answered_holds_nothing_of_its_call() -> None:
    """A request may have megabytes, and garbage is searched for seldom."""

    class Held:
        """Stands for the request, which knows no weak references."""

    held: list[weakref.ref[Held]] = []
    error = CallerUnknown("nobody", source="test", reason="none")

    async def handle(_: Message, __: IncomingCall) -> NoReturn:
        request = Held()
        held.append(weakref.ref(request))
        raise error

    serve: Any = calls().unary(IngestBatchRequest, handle)(METHOD).unary_unary
    with contextlib.suppress(Aborted):
        await serve(b"", Context())
    assert [one() for one in held] == [None]


async def test_a_response_that_is_none_is_unforeseen() -> None:
    """Also what goes wrong after the handler is answered."""
    context = Context()
    with capture_logs():
        await unary(calls(), context, object())
    assert context.answer == (grpc.StatusCode.INTERNAL, "INTERNAL")


async def test_who_is_not_known_is_not_served() -> None:
    """The handler is not asked."""
    context = Context()
    assert await unary(calls(Named(CallerUnknown("who?"))), context) == []
    assert context.answer == (grpc.StatusCode.UNAUTHENTICATED, "CALLER_UNKNOWN")


async def test_a_fault_in_finding_out_who_calls_serves_nobody() -> None:
    """It is ours."""
    context = Context()
    with capture_logs():
        assert await unary(calls(Named(ZeroDivisionError())), context) == []
    assert context.answer == (grpc.StatusCode.INTERNAL, "INTERNAL")


async def test_a_request_whose_deadline_has_passed_is_not_handled() -> None:
    """Its caller no longer waits, and may have sent it again."""
    context = Context(remaining_s=0.0)
    assert await unary(calls(), context) == []
    assert context.answer == (grpc.StatusCode.DEADLINE_EXCEEDED, "UNSPECIFIED")


async def test_the_time_that_remains_is_what_is_left_then(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not what was left when the call came."""
    now_s = 100.0
    monkeypatch.setattr("gateway.rpc.call.time", SimpleNamespace(monotonic=lambda: now_s))
    (call,) = await unary(calls(), Context(remaining_s=5.0))
    (without,) = await unary(calls(), Context())
    remaining = [call.time_remaining_s]
    now_s += 4
    remaining.append(call.time_remaining_s)
    assert (call.caller, call.deadline_s, remaining) == ("web", 105.0, [5.0, 1.0])
    assert (without.deadline_s, without.time_remaining_s) == (None, None)


async def test_an_identity_that_is_replaced_judges_the_calls_that_follow() -> None:
    """By handlers that were made before."""
    made = calls()
    (before,) = await unary(made, Context())
    made.identity = Named("crm")
    (after,) = await unary(made, Context())
    assert (before.caller, after.caller) == ("web", "crm")


async def test_streams_are_answered_alike() -> None:
    """Bidirectional: what was written stays, then the error; who is not known gets nothing."""

    async def handle(_: AsyncIterator[Message], call: IncomingCall) -> AsyncIterator[Message]:
        yield IngestResponse(acknowledged_sequence=len(call.caller))
        raise NewError

    async def nothing() -> AsyncIterator[bytes]:
        return
        yield

    answers = []
    for identity in (Named(), Named(CallerUnknown("who?"))):
        serve: Any = calls(identity).bidirectional(IngestRequest, handle)(METHOD).stream_stream
        context = Context()
        with capture_logs(), pytest.raises(Aborted):
            await serve(nothing(), context)
        answers.append((context.written, context.answer))
    assert answers == [
        (
            [IngestResponse(acknowledged_sequence=3).SerializeToString()],
            (grpc.StatusCode.INTERNAL, "INTERNAL"),
        ),
        ([], (grpc.StatusCode.UNAUTHENTICATED, "CALLER_UNKNOWN")),
    ]


async def test_what_comes_beyond_the_limit_is_refused_at_once() -> None:
    """Until one of those under way is answered."""
    made = calls()
    made.max_rpcs = 1
    answer = asyncio.Event()

    async def handle(_: Message, __: IncomingCall) -> Any:
        await answer.wait()
        return IngestBatchResponse()

    serve: Any = made.unary(IngestBatchRequest, handle)(METHOD).unary_unary
    first = asyncio.create_task(serve(b"", Context()))
    await asyncio.sleep(0)
    context = Context()
    assert await unary(made, context) == []
    assert context.answer == (grpc.StatusCode.RESOURCE_EXHAUSTED, "OVERLOADED")
    answer.set()
    assert await first == b""
    assert len(await unary(made, Context())) == 1


async def test_a_gateway_that_stops_begins_nothing() -> None:
    """Neither a call nor a stream; none of them counts as under way."""
    made = calls()
    made.draining.set()
    context = Context()
    assert await unary(made, context) == []
    assert context.answer == (grpc.StatusCode.UNAVAILABLE, "DRAINING")
    await made.under_way.ended()


async def test_a_stream_of_responses_ends_when_it_has_lasted_long_enough() -> None:
    """What was written stays."""
    made = calls()
    made.max_stream_s = 0.01

    async def handle(_: Message, __: IncomingCall) -> AsyncGenerator[Message, None]:
        yield IngestResponse(acknowledged_sequence=3)
        await asyncio.Event().wait()

    serve: Any = made.server_streaming(IngestRequest, handle)(METHOD).unary_stream
    context = Context()
    with pytest.raises(Aborted):
        await serve(b"", context)
    assert context.written == [IngestResponse(acknowledged_sequence=3).SerializeToString()]
    assert context.answer == (grpc.StatusCode.UNAVAILABLE, "DRAINING")


@pytest.mark.parametrize(
    ("remaining_s", "code"),
    [
        (None, grpc.StatusCode.CANCELLED),
        (1.0, grpc.StatusCode.CANCELLED),
        (0.0, grpc.StatusCode.DEADLINE_EXCEEDED),
    ],
)
def test_who_gave_up_or_whose_deadline_passed_is_counted_so(
    remaining_s: float | None, code: grpc.StatusCode
) -> None:
    """GRPC cancels the handler either way."""
    assert code_of_cancelled(lambda: remaining_s) is code
