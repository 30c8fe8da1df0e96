"""The gRPC server: every service of the API, health and reflection."""

import asyncio
import contextlib
from collections.abc import Coroutine, Iterator, Mapping
from datetime import UTC, datetime

import grpc
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from gateway.acceptance import Acceptance
from gateway.api import PACKAGE, POOL
from gateway.dead_letters.service import DeadLetterService
from gateway.routing.access import Access
from gateway.rpc.call import Calls, Handler
from gateway.rpc.connection_limits import ConnectionLimits
from gateway.rpc.dead_letters import dead_letter_handlers
from gateway.rpc.drain import Drain
from gateway.rpc.errors import NotImplementedYet
from gateway.rpc.identity import Identity
from gateway.rpc.ingest import ingest_handlers
from gateway.rpc.json import json_handlers
from gateway.rpc.put import put_handlers
from gateway.rpc.routes import route_handlers
from gateway.rpc.tls import TlsFiles
from gateway.rpc.trackers import tracker_handlers
from gateway.trackers.service import TrackerService

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

_LIMITS = ConnectionLimits()

_TLS_CHECK_INTERVAL_S = 60.0


class Server:
    """Serves the API until it is stopped.

    Args:
        identity: finds out who calls; started and closed with the server.
        max_message_bytes: the largest request that is taken.
        with_reflection: whether clients may ask for the protos.
        dead_letters: serves DeadLetterService; None where there is none to serve.
        trackers: serves TrackerService, likewise.
        access: says who may do what; without it, nobody may call what is for administrators.
        limits: of connections, and of what comes over all of them.
        shares_port: whether other processes may listen on the same address (SO_REUSEPORT).
    """

    def __init__(  # noqa: PLR0913 - all that is served
        self,
        acceptance: Acceptance,
        identity: Identity,
        *,
        max_message_bytes: int,
        with_reflection: bool = True,
        dead_letters: DeadLetterService | None = None,
        trackers: TrackerService | None = None,
        access: Access | None = None,
        limits: ConnectionLimits = _LIMITS,
        shares_port: bool = False,
    ) -> None:
        self._draining = Drain()
        self._tls: TlsFiles | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._calls = calls = Calls(
            identity, max_message_bytes, self._draining, limits.max_rpcs, limits.max_age_s
        )
        access = access or Access()
        admins = access.administrators
        handlers: Handlers = {
            **dict(put_handlers(acceptance, access.limits, calls)),
            **dict(json_handlers(acceptance, access.limits, calls)),
            **dict(ingest_handlers(acceptance, access.limits, calls, self._draining)),
            **dict(route_handlers(access, calls)),
            **dict(dead_letter_handlers(dead_letters, admins, calls) if dead_letters else ()),
            **dict(tracker_handlers(trackers, admins, calls) if trackers else ()),
        }
        self._health = health.aio.HealthServicer()
        # Ours is the limit that is explained to the caller; gRPC's own, twice as high, only keeps
        # memory safe from what is far beyond it.
        options = [
            ("grpc.max_receive_message_length", 2 * max_message_bytes),
            ("grpc.so_reuseport", int(shares_port)),
            *limits.options(),
        ]
        # Likewise of RPCs: gRPC's own limit counts those, too, that have not come to ours yet.
        self._server = grpc.aio.server(options=options, maximum_concurrent_rpcs=2 * limits.max_rpcs)
        self._server.add_generic_rpc_handlers(tuple(_services(handlers, calls)))
        health_pb2_grpc.add_HealthServicer_to_server(self._health, self._server)
        if with_reflection:
            names = [f"{PACKAGE}.{name}" for name in _SERVICES]
            names += [health.SERVICE_NAME, reflection.SERVICE_NAME]
            reflection.enable_server_reflection(names, self._server, pool=POOL)

    async def start(self, *addresses: str, tls: TlsFiles | None = None) -> list[int]:
        """Listen on each `HOST:PORT` and serve; return the ports, which the system chooses for 0.

        Args:
            addresses: where to listen.
            tls: of all of them; None for none.

        Raises:
            OSError: an address is in use or not ours.
        """
        self._tls = tls
        ports = [self._listen(address) for address in addresses]
        await self._calls.identity.start()
        if tls is not None:
            self._in_background(_checks(tls))
        await self._server.start()
        await self.set_serving(serving=True)
        return ports

    def _listen(self, address: str) -> int:
        try:
            if self._tls is None:
                return self._server.add_insecure_port(address)
            return self._server.add_secure_port(address, self._tls.credentials())
        except RuntimeError as error:
            raise OSError(f"cannot listen on {address}") from error

    def certificate_expires_at(self) -> datetime | None:
        """Return when the certificate that new connections see expires; None without TLS."""
        return None if self._tls is None else self._tls.certificate_expires_at

    @property
    def rpcs_under_way(self) -> int:
        """How many RPCs are not yet answered."""
        return self._calls.under_way.count

    def replace_identity(self, identity: Identity) -> None:
        """Find out by another from now on who calls. What has begun keeps the one it began with."""
        replaced, self._calls.identity = self._calls.identity, identity
        self._in_background(_succeed(replaced, identity))

    def _in_background(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def set_serving(self, *, serving: bool) -> None:
        """Say to health checks whether requests are taken."""
        statuses = health_pb2.HealthCheckResponse
        status = statuses.SERVING if serving else statuses.NOT_SERVING
        for name in ("", *(f"{PACKAGE}.{service}" for service in _SERVICES)):
            await self._health.set(name, status)

    async def drain(self, *, grace_s: float, notice_s: float) -> None:
        """Take no more, and answer what is under way. Connections stay open.

        What comes from then on is answered with UNAVAILABLE, which says that nothing was stored.

        Args:
            grace_s: how long calls under way have to be answered.
            notice_s: for so long health checks say that it is ending while it still serves.
        """
        await self._health.enter_graceful_shutdown()
        await asyncio.sleep(notice_s)
        self._draining.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(grace_s):
                await self._calls.under_way.ended()

    async def stop(self, *, grace_s: float) -> None:
        """Take no more, answer what is under way, and close connections.

        gRPC cancels calls that come in at that very moment. Where that matters, the process is to
        end after `drain`: then callers see a connection that closed, which is UNAVAILABLE.

        Args:
            grace_s: how long calls under way have to be answered.
        """
        await self.drain(grace_s=grace_s, notice_s=0)
        await self._server.stop(grace_s)
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._calls.identity.close()


async def _checks(tls: TlsFiles) -> None:
    while True:
        tls.check(datetime.now(UTC))
        await asyncio.sleep(_TLS_CHECK_INTERVAL_S)


async def _succeed(replaced: Identity, identity: Identity) -> None:
    # It can be asked before it has started: it gets its keys when the first token needs them.
    try:
        await identity.start()
    finally:
        await replaced.close()


def _services(handlers: Handlers, calls: Calls) -> Iterator[grpc.GenericRpcHandler]:
    for name in _SERVICES:
        service: ServiceDescriptor = POOL.FindServiceByName(f"{PACKAGE}.{name}")
        yield grpc.method_handlers_generic_handler(
            service.full_name,
            {
                method.name: (handlers.get(f"{name}/{method.name}") or _not_yet(method, calls))(
                    f"{service.full_name}/{method.name}"
                )
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
