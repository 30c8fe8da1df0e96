"""What every RPC has in common: bytes to a message, the caller, and errors to a status.

Handlers of this package take and return messages and raise errors of the gateway; the functions
here make gRPC's handlers of them.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar, cast

import grpc
import structlog
from google.protobuf.message import DecodeError, Message

from gateway.errors import GatewayError
from gateway.rpc import malformed
from gateway.rpc.errors import Draining, MalformedMessage, MessageTooLarge, Unforeseen
from gateway.rpc.identity import Identity
from gateway.rpc.status import answer

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor

    Handler = grpc.RpcMethodHandler[bytes, bytes]
    Context = grpc.aio.ServicerContext[bytes, bytes]
else:  # Generic for the type checker alone.
    Handler = grpc.RpcMethodHandler
    Context = grpc.aio.ServicerContext

log = structlog.get_logger()

Request = TypeVar("Request", bound=Message)


@dataclass(frozen=True, slots=True)
class IncomingCall:
    """What a handler knows of its call.

    Attributes:
        caller: who calls.
        time_remaining_s: until the call's deadline; None where it has none.
        draining: set when the gateway stops: what is known then is the answer.
    """

    caller: str
    time_remaining_s: float | None
    draining: asyncio.Event


@dataclass(frozen=True, slots=True)
class Calls:
    """Makes gRPC's handlers of ours.

    Attributes:
        max_message_bytes: the largest message that is taken.
        draining: set when calls are no longer taken, but answered so that they go elsewhere.
    """

    identity: Identity
    max_message_bytes: int
    draining: asyncio.Event

    def unary(
        self,
        request_type: type[Request],
        handle: Callable[[Request, IncomingCall], Awaitable[Message]],
    ) -> Handler:
        """Return a handler of a unary RPC."""

        async def serve(data: bytes, context: Context) -> bytes:
            try:
                if self.draining.is_set():
                    raise Draining  # noqa: TRY301 - answered like every other error
                call = self._incoming(context)
                response = await handle(self.parse(request_type, data), call)
            except Exception as error:
                await _abort(context, error)
            return response.SerializeToString()

        return grpc.unary_unary_rpc_method_handler(serve)

    def bidirectional(
        self,
        request_type: type[Request],
        handle: Callable[[AsyncIterator[Request], IncomingCall], AsyncIterator[Message]],
    ) -> Handler:
        """Return a handler of a bidirectional stream."""

        async def serve(messages: AsyncIterator[bytes], context: Context) -> None:
            requests = (self.parse(request_type, data) async for data in messages)
            try:
                async for response in handle(requests, self._incoming(context)):
                    await context.write(response.SerializeToString())
            except Exception as error:
                await _abort(context, error)

        return grpc.stream_stream_rpc_method_handler(serve)

    def refusing(
        self, error: GatewayError, *, client_streaming: bool, server_streaming: bool
    ) -> Handler:
        """Return a handler that answers every call with an error."""

        async def serve(_: object, context: Context) -> NoReturn:
            await _abort(context, error)

        makers: dict[tuple[bool, bool], Callable[[Any], Handler]] = {
            (False, False): grpc.unary_unary_rpc_method_handler,
            (False, True): grpc.unary_stream_rpc_method_handler,
            (True, False): grpc.stream_unary_rpc_method_handler,
            (True, True): grpc.stream_stream_rpc_method_handler,
        }
        return makers[client_streaming, server_streaming](serve)

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

    def _incoming(self, context: Context) -> IncomingCall:
        caller = self.identity.caller(context.invocation_metadata() or ())
        return IncomingCall(caller, context.time_remaining(), self.draining)


async def _abort(context: Context, error: Exception) -> NoReturn:
    status = answer(_foreseen(error)).status()
    metadata = (("grpc-status-details-bin", status.SerializeToString()),)
    code = next(code for code in grpc.StatusCode if code.value[0] == status.code)
    await context.abort(code, status.message, metadata)


def _foreseen(error: Exception) -> GatewayError:
    if isinstance(error, GatewayError):
        return error
    error_id = uuid.uuid4().hex
    log.error("an RPC failed in a way that nobody foresaw", error_id=error_id, exc_info=error)
    return Unforeseen(error_id)
