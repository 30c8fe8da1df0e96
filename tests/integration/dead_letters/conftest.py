"""Dead letters behind a gRPC server, as in one process or reached over the control socket."""

from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest

from gateway.acceptance import Acceptance
from gateway.clock import SystemClock
from gateway.config import ANYBODY, Identity
from gateway.control.client import ControlClient
from gateway.control.dead_letters import RemoteDeadLetters, dead_letter_routes
from gateway.control.server import ControlServer
from gateway.dead_letters.service import DeadLetterService
from gateway.outbox.dead_letters import DeadLetters
from gateway.routing.access import Access
from gateway.routing.permission import Administrators
from gateway.routing.router import Router
from gateway.rpc.identity import identity_of
from gateway.rpc.server import Server
from tests.support.dead_letters import RENEW, VALIDATOR, Setting


@pytest.fixture
def setting() -> Setting:
    """The dead letters and the outbox of a test."""
    return Setting()


@pytest.fixture
async def remote(setting: Setting, tmp_path: Path) -> AsyncIterator[RemoteDeadLetters]:
    """The dead letters of the test, asked for over a control socket."""
    server = ControlServer(tmp_path, dead_letter_routes(setting.kept))
    await server.start()
    async with ControlClient(tmp_path) as control:
        yield RemoteDeadLetters(control)
    await server.stop()


@pytest.fixture(params=["in one process", "over the control socket"])
def reached(
    request: pytest.FixtureRequest, setting: Setting, remote: RemoteDeadLetters
) -> DeadLetters:
    """The dead letters of the test, both ways."""
    return setting.kept if request.param == "in one process" else remote


@pytest.fixture
async def address(setting: Setting, reached: DeadLetters) -> AsyncIterator[str]:
    """HOST:PORT of a server of the API."""
    server = Server(
        Acceptance(Router((), ()), VALIDATOR, setting.outbox),
        identity_of(Identity()),
        max_message_bytes=4 * 1024 * 1024,
        dead_letters=DeadLetterService(reached, setting.outbox, VALIDATOR, RENEW, SystemClock()),
        access=Access(administrators=Administrators([ANYBODY])),
    )
    (port,) = await server.start("127.0.0.1:0")
    yield f"127.0.0.1:{port}"
    await server.stop(grace_s=0)


@pytest.fixture
async def channel(address: str) -> AsyncIterator[grpc.aio.Channel]:
    """A channel to it."""
    async with grpc.aio.insecure_channel(address) as opened:
        yield opened
