"""A server that answers as a test says, in the place of a gateway."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from gateway.api import PACKAGE


@dataclass
class Script:
    """Answers the first calls of PutEvents and PutJson with these codes, all others with OK.

    Attributes:
        asked: by which of the servers each call was answered.
        traceparents: those of the calls that had one.
    """

    answers: list[grpc.StatusCode]
    asked: list[int] = field(default_factory=list)
    traceparents: list[str] = field(default_factory=list)

    def handlers(self, server: int) -> tuple[grpc.GenericRpcHandler, ...]:
        """Return what one of the servers serves."""

        async def put(request: bytes, context: Any) -> bytes:
            del request
            self.asked.append(server)
            metadata = context.invocation_metadata()
            self.traceparents += [text for key, text in metadata if key == "traceparent"]
            if self.answers:
                details = (("grpc-status-details-bin", b"details"),)
                await context.abort(self.answers.pop(0), "as the test says", details)
            return b""

        rpc: Any = grpc.unary_unary_rpc_method_handler(put)
        return (
            grpc.method_handlers_generic_handler(f"{PACKAGE}.EventService", {"PutEvents": rpc}),
            grpc.method_handlers_generic_handler(f"{PACKAGE}.JsonService", {"PutJson": rpc}),
        )


@asynccontextmanager
async def scripted(
    script: Script, count: int, *, serving: bool = True
) -> AsyncIterator[Sequence[str]]:
    """Run so many servers with one script; yield their addresses.

    Args:
        script: what they answer.
        count: how many.
        serving: what they say to health checks.
    """
    statuses = health_pb2.HealthCheckResponse
    async with AsyncExitStack() as stack:
        addresses = []
        for number in range(count):
            server = grpc.aio.server()
            server.add_generic_rpc_handlers(script.handlers(number))
            healthy = health.aio.HealthServicer()
            await healthy.set("", statuses.SERVING if serving else statuses.NOT_SERVING)
            health_pb2_grpc.add_HealthServicer_to_server(healthy, server)
            addresses.append(f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}")
            await server.start()
            stack.push_async_callback(server.stop, None)
        yield addresses
