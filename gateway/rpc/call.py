"""What every RPC has in common: bytes to a message, the caller, and errors to a status.

Handlers of this package take and return messages and raise errors of the gateway; the functions
here make gRPC's handlers of them.
"""

import asyncio
import time
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, TypeVar, cast

import grpc
import structlog
from google.protobuf.message import DecodeError, Message

from gateway.errors import GatewayError
from gateway.identity.caller import Caller
from gateway.rpc import malformed
from gateway.rpc.drain import Drain
from gateway.rpc.errors import (
    DeadlinePassed,
    Draining,
    MalformedMessage,
    MessageTooLarge,
    Overloaded,
    Unforeseen,
)
from gateway.rpc.identity import CallEvidence, Identity
from gateway.rpc.observation import Observation, code_of_cancelled
from gateway.rpc.status import Answer, answer
from gateway.rpc.stream_end import unless_ended
from gateway.rpc.under_way import UnderWay

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor

    from gateway.telemetry import tracing

    GrpcHandler = grpc.RpcMethodHandler[bytes, bytes]
    Context = grpc.aio.ServicerContext[bytes, bytes]
else:  # Generic for the type checker alone.
    GrpcHandler = grpc.RpcMethodHandler
    Context = grpc.aio.ServicerContext

Handler = Callable[[str], GrpcHandler]
"""Makes gRPC's handler of an RPC, given its full name."""

log = structlog.get_logger()

Request = TypeVar("Request", bound=Message)
Response = TypeVar("Response")

MAX_RPCS = 5_000

_OVERLOAD_PASSES_S = 1.0


class IncomingCall(NamedTuple):
    """What a handler knows of its call.

    Attributes:
        caller: who calls.
        deadline_s: when its answer is of no more use, by `time.monotonic()`; None where it has no
            deadline.
        draining: set when the gateway stops: what is known then is the answer.
    """

    caller: Caller
    deadline_s: float | None
    draining: Drain

    @property
    def time_remaining_s(self) -> float | None:
        """The time until the deadline, from now; None where there is none."""
        return None if self.deadline_s is None else self.deadline_s - time.monotonic()


@dataclass(slots=True)
class Calls:
    """Makes gRPC's handlers of ours.

    Attributes:
        identity: may be replaced: calls that have begun keep the one that they began with.
        max_message_bytes: the largest message that is taken.
        draining: set when calls are no longer taken, but answered so that they go elsewhere.
        max_rpcs: how many are served at once; what comes beyond them is refused.
        max_stream_s: how long a stream lasts at most; None for as long as its connection.
        under_way: the calls that were taken and are not yet answered.
    """

    identity: Identity
    max_message_bytes: int
    draining: Drain
    max_rpcs: int = MAX_RPCS
    max_stream_s: float | None = None
    under_way: UnderWay = field(default_factory=UnderWay)

    def unary(
        self,
        request_type: type[Request],
        handle: Callable[[Request, IncomingCall], Awaitable[Message]],
    ) -> Handler:
        """Return a handler of a unary RPC."""

        async def serve(data: bytes, context: Context) -> bytes:
            call = await self._incoming(context)
            response = await handle(self.parse(request_type, data), call)
            return response.SerializeToString()

        return self._handler(serve, grpc.unary_unary_rpc_method_handler)

    def server_streaming(
        self,
        request_type: type[Request],
        handle: Callable[[Request, IncomingCall], AsyncGenerator[Message, None]],
    ) -> Handler:
        """Return a handler of a stream of responses; a gateway that stops ends it at once."""

        async def serve(data: bytes, context: Context) -> None:
            async def write() -> None:
                call = await self._incoming(context)
                async with aclosing(handle(self.parse(request_type, data), call)) as responses:
                    async for response in responses:
                        await context.write(response.SerializeToString())

            await unless_ended(self.draining, self.max_stream_s, write())

        return self._handler(serve, grpc.unary_stream_rpc_method_handler)

    def bidirectional(
        self,
        request_type: type[Request],
        handle: Callable[[AsyncIterator[Request], IncomingCall], AsyncIterator[Message]],
    ) -> Handler:
        """Return a handler of a bidirectional stream."""

        async def serve(messages: AsyncIterator[bytes], context: Context) -> None:
            requests = (self.parse(request_type, data) async for data in messages)
            async for response in handle(requests, await self._incoming(context)):
                await context.write(response.SerializeToString())

        return self._handler(serve, grpc.stream_stream_rpc_method_handler)

    def refusing(
        self, error: GatewayError, *, client_streaming: bool, server_streaming: bool
    ) -> Handler:
        """Return a handler that answers every call with an error."""

        async def serve(_: object, __: Context) -> NoReturn:
            raise error.with_traceback(None)  # It would grow with each call.

        makers: dict[tuple[bool, bool], Callable[[Any], GrpcHandler]] = {
            (False, False): grpc.unary_unary_rpc_method_handler,
            (False, True): grpc.unary_stream_rpc_method_handler,
            (True, False): grpc.stream_unary_rpc_method_handler,
            (True, True): grpc.stream_stream_rpc_method_handler,
        }
        return self._handler(serve, makers[client_streaming, server_streaming])

    def _handler(
        self,
        serve: Callable[[Any, Context], Awaitable[Response]],
        make: Callable[[Any], GrpcHandler],
    ) -> Handler:
        """Return what has a function serve an RPC; its errors are answered and all is observed."""
        is_stream = make is not grpc.unary_unary_rpc_method_handler

        def named(method: str) -> GrpcHandler:
            async def observed(data: object, context: Context) -> Response:
                metadata = cast("tracing.Metadata", context.invocation_metadata)
                observation = Observation(method, metadata, is_stream=is_stream)
                code = grpc.StatusCode.OK
                try:
                    self._check()
                    with self.under_way:
                        return await serve(data, context)
                except asyncio.CancelledError:
                    code = code_of_cancelled(context.time_remaining)
                    raise
                except Exception as error:
                    told = _told(error)
                    code = told.code
                    # Each holds the other, and a request of megabytes, until garbage is searched.
                    error.__traceback__ = data = None
                    await _abort(context, told)
                finally:
                    observation.end(code)

            return make(observed)

        return named

    def _check(self) -> None:
        if self.draining.is_set():
            raise Draining
        if self.under_way.count >= self.max_rpcs:
            raise Overloaded(self.max_rpcs, _OVERLOAD_PASSES_S)

    def parse(self, request_type: type[Request], data: bytes) -> Request:
        """Return the message that the bytes are.

        Raises:
            MessageTooLarge: there are more than the limit.
            MalformedMessage: they are no message of the type.
        """
        if len(data) > self.max_message_bytes:
            raise MessageTooLarge(len(data), self.max_message_bytes)
        try:
            return request_type.FromString(data)
        except DecodeError:
            descriptor = cast("Descriptor", request_type.DESCRIPTOR)
            raise MalformedMessage(descriptor.name, *malformed.locate(descriptor, data)) from None

    async def _incoming(self, context: Context) -> IncomingCall:
        remaining_s = cast("float | None", context.time_remaining())
        deadline_s = None if remaining_s is None else time.monotonic() + remaining_s
        caller = await self.identity.caller(CallEvidence(context))
        # Whoever waited for the answer takes it for lost, and may have sent the same again.
        if deadline_s is not None and time.monotonic() >= deadline_s:
            raise DeadlinePassed
        return IncomingCall(caller, deadline_s, self.draining)


async def _abort(context: Context, told: Answer) -> NoReturn:
    metadata = (("grpc-status-details-bin", told.status().SerializeToString()),)
    await context.abort(told.code, told.message, metadata)


def _told(error: Exception) -> Answer:
    try:
        return answer(error)
    except Exception:
        # Nobody foresaw the error, or not that it is to be answered.
        error_id = uuid.uuid4().hex
        log.error(  # noqa: TRY400 - the error itself says where
            "an RPC failed in a way that nobody foresaw", error_id=error_id, exc_info=error
        )
        return answer(Unforeseen(error_id))
