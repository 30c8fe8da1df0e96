"""A real server that finds out who calls, and says whom it takes a call for."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

import grpc
from personalize_gateway.v1.route_service_pb2 import ListRoutesRequest
from personalize_gateway.v1.route_service_pb2_grpc import RouteServiceStub

from gateway.acceptance import Acceptance
from gateway.clock import SystemClock
from gateway.config import parse
from gateway.ingest_side import budgets_bytes, tls_files
from gateway.outbox.memory import MemoryOutbox
from gateway.routing.access import Access
from gateway.rpc.identity import identity_of
from gateway.rpc.server import Server
from gateway.trackers.pace import Pace
from gateway.trackers.service import TrackerService
from gateway.trackers.watch import Watch
from gateway.validation.validator import Validator
from tests.support.certificates import LOOPBACK, Authority
from tests.support.refused import RefusedCall, refused

Metadata = Sequence[tuple[str, str]]

_REST = """
dataset_groups:
  shop:
    arn: arn:aws:personalize:eu-west-1:123456789012:dataset-group/shop
    tracking_id: tracking-shop
    datasets: {users: "arn:aws:personalize:eu-west-1:123456789012:dataset/shop/USERS"}
routes:
  - {name: anyone, callers: ["*"], kinds: [events, users], dataset_group: shop}
"""


@dataclass(frozen=True)
class Pki:
    """Who issues certificates, and where the server's files are.

    Attributes:
        folder: holds tls.crt, tls.key and ca.crt.
        servers: issues the server's certificate.
        clients: issues the clients'.
    """

    folder: Path
    servers: Authority
    clients: Authority

    def renew(self) -> None:
        """Give the server another certificate with another key."""
        self.servers.issue(LOOPBACK).write(self.folder, "tls")


@dataclass(frozen=True)
class Served:
    """A server, and how to call it.

    Attributes:
        ports: all that it listens on.
    """

    server: Server
    ports: Sequence[int]

    @property
    def address(self) -> str:
        """The first of its addresses."""
        return f"127.0.0.1:{self.ports[0]}"

    def channel(self, credentials: grpc.ChannelCredentials | None) -> grpc.aio.Channel:
        """Return a connection of its own."""
        options = [("grpc.use_local_subchannel_pool", 1)]
        if credentials is None:
            return grpc.aio.insecure_channel(self.address, options)
        return grpc.aio.secure_channel(self.address, credentials, options)

    async def caller(
        self, credentials: grpc.ChannelCredentials | None = None, metadata: Metadata = ()
    ) -> str:
        """Return whom the server takes a call for."""
        async with self.channel(credentials) as channel:
            return await caller_on(channel, metadata)

    async def refusal(
        self, credentials: grpc.ChannelCredentials | None = None, metadata: Metadata = ()
    ) -> RefusedCall:
        """Return what a call is refused with."""
        async with self.channel(credentials) as channel:
            return await refused(caller_on(channel, metadata))


async def caller_on(channel: grpc.aio.Channel, metadata: Metadata = ()) -> str:
    """Return whom the server takes a call on a channel for."""
    stub = RouteServiceStub(channel)
    response = await stub.ListRoutes(ListRoutesRequest(), metadata=tuple(metadata), timeout=60)
    return str(response.caller)


@asynccontextmanager
async def serving(
    text: str, rest: str = _REST, *, with_trackers: bool = False
) -> AsyncIterator[Served]:
    """Serve by a configuration.

    Args:
        text: its sections `server` and `identity`.
        rest: the others.
        with_trackers: whether TrackerService is served; it knows no dataset group.
    """
    config = parse(text + rest, "F", {})
    outbox = MemoryOutbox(budgets_bytes(config))
    access = Access.of(config)
    facts = {name: group.facts(name) for name, group in config.dataset_groups.items()}
    server = Server(
        Acceptance(access.router, Validator(), outbox, facts),
        identity_of(config.identity),
        access=access,
        trackers=_trackers() if with_trackers else None,
        max_message_bytes=config.server.max_message_bytes,
    )
    ports = await server.start("127.0.0.1:0", "127.0.0.1:0", tls=tls_files(config.server.tls))
    try:
        yield Served(server, ports)
    finally:
        await server.stop(grace_s=0)
        await outbox.close()


def _trackers() -> TrackerService:
    return TrackerService({}, Validator(), Watch(SystemClock(), Random(), Pace()))
