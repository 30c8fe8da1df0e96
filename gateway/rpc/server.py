"""The gRPC server: every service of the API, health and reflection."""

import asyncio
from collections.abc import Iterator, Mapping

import grpc
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from gateway.acceptance import Acceptance
from gateway.api import PACKAGE, POOL
from gateway.dead_letters.service import DeadLetterService
from gateway.rpc.call import Calls, Handler
from gateway.rpc.dead_letters import dead_letter_handlers
from gateway.rpc.errors import NotImplementedYet
from gateway.rpc.identity import Identity
from gateway.rpc.ingest import ingest_handlers
from gateway.rpc.put import put_handlers

_SERVICES = (
    "EventService",
    "CatalogService",
    "IngestService",
    "JsonService",
    "TrackerService",
    "RouteService",
    "DeadLetterService",
)

Handlers = Mapping[str, Handler]


class Server:
    """Serves the API until it is stopped.

    Args:
        max_message_bytes: the largest request that is taken.
        with_reflection: whether clients may ask for the protos.
        dead_letters: serves DeadLetterService; None where there is none to serve.
        shares_port: whether other processes may listen on the same address (SO_REUSEPORT).
    """

    def __init__(
        self,
        acceptance: Acceptance,
        identity: Identity,
        *,
        max_message_bytes: int,
        with_reflection: bool = True,
        dead_letters: DeadLetterService | None = None,
        shares_port: bool = False,
    ) -> None:
        self._draining = asyncio.Event()
        calls = Calls(identity, max_message_bytes, self._draining)
        handlers: Handlers = {
            **dict(put_handlers(acceptance, calls)),
            **dict(ingest_handlers(acceptance, calls, self._draining)),
            **dict(dead_letter_handlers(dead_letters, calls) if dead_letters else ()),
        }
        self._health = health.aio.HealthServicer()
        # Ours is the limit that is explained to the caller; gRPC's own, twice as high, only keeps
        # memory safe from what is far beyond it.
        options = [
            ("grpc.max_receive_message_length", 2 * max_message_bytes),
            ("grpc.so_reuseport", int(shares_port)),
        ]
        self._server = grpc.aio.server(options=options)
        self._server.add_generic_rpc_handlers(tuple(_services(handlers, calls)))
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        if with_reflection:
            names = [f"{PACKAGE}.{name}" for name in _SERVICES]
            names += [health.SERVICE_NAME, reflection.SERVICE_NAME]
            reflection.enable_server_reflection(names, self._server, pool=POOL)

    async def start(self, *addresses: str) -> list[int]:
        """Listen on each `HOST:PORT` and serve; return the ports, which the system chooses for 0.

        Raises:
            OSError: an address is in use or not ours.
        """
        ports = [self._listen(address) for address in addresses]
        await self._server.start()
        await self.set_serving(serving=True)
        return ports

    def _listen(self, address: str) -> int:
        try:
            return self._server.add_insecure_port(address)
        except RuntimeError as error:
            raise OSError(f"cannot listen on {address}") from error

    async def set_serving(self, *, serving: bool) -> None:
        """Say to health checks whether requests are taken."""
        statuses = health_pb2.HealthCheckResponse
        status = statuses.SERVING if serving else statuses.NOT_SERVING
        for name in ("", *(f"{PACKAGE}.{service}" for service in _SERVICES)):
            await self._health.set(name, status)

    async def stop(self, *, grace_s: float, notice_s: float = 0.0) -> None:
        """Take no more.

        Args:
            grace_s: how long calls under way have to be answered.
            notice_s: for so long health checks say that it is ending while it still serves, and for
                so long again it answers new calls with UNAVAILABLE before it closes connections:
                gRPC cancels calls that come in at that very moment.
        """
        await self._health.enter_graceful_shutdown()
        await asyncio.sleep(notice_s)
        self._draining.set()
        await asyncio.sleep(notice_s)
        await self._server.stop(grace_s)


def _services(handlers: Handlers, calls: Calls) -> Iterator[grpc.GenericRpcHandler]:
    for name in _SERVICES:
        service: ServiceDescriptor = POOL.FindServiceByName(f"{PACKAGE}.{name}")
        yield grpc.method_handlers_generic_handler(
            service.full_name,
            {
                method.name: handlers.get(f"{name}/{method.name}") or _not_yet(method, calls)
                for method in service.methods
            },
        )


def _not_yet(method: MethodDescriptor, calls: Calls) -> Handler:
    name = f"{method.containing_service.name}.{method.name}"
    return calls.refusing(
        NotImplementedYet(name),
        client_streaming=method.client_streaming,
        server_streaming=method.server_streaming,
    )
