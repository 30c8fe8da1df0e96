"""TrackerService behind a gRPC server, over boto3, in front of an emulator."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from functools import partial
from random import Random
from typing import Any

import grpc
import pytest
from personalize_gateway.v1.tracker_service_pb2_grpc import TrackerServiceStub

from gateway.acceptance import Acceptance
from gateway.clock import Clock
from gateway.config import Identity
from gateway.outbox.memory import MemoryOutbox
from gateway.personalize.call import Endpoint
from gateway.personalize.control_plane import BotoControlPlane, ControlPlaneSettings
from gateway.personalize.credentials import Credentials, CredentialSource, StaticCredentials
from gateway.personalize.emulator import Emulator, EmulatorConfig, SeedGroup
from gateway.personalize.emulator.config import Delays
from gateway.routing.access import Access
from gateway.routing.permission import Administrators
from gateway.routing.router import Router
from gateway.rpc.identity import identity_of
from gateway.rpc.server import Server
from gateway.trackers.dataset_group import TrackedGroup
from gateway.trackers.pace import Pace
from gateway.trackers.service import TrackerService
from gateway.trackers.watch import Watch
from gateway.validation.validator import Validator
from tests.support.trackers import SkippingClock

VALIDATOR = Validator()
ONCE = ControlPlaneSettings(max_attempts=1)
CREDENTIALS = StaticCredentials(Credentials("emulator", "emulator"))


@dataclass
class Setting:
    """What a test talks to.

    Attributes:
        clock: the emulator's time; it passes only while the gateway waits.
        address: HOST:PORT of the gateway.
        stub: of TrackerService, over a channel that is open as long as the test.
    """

    emulator: Emulator
    server: Server
    clock: SkippingClock
    address: str
    channel: grpc.aio.Channel

    @property
    def stub(self) -> Any:
        """TrackerService."""
        return TrackerServiceStub(self.channel)


Start = Callable[..., Awaitable[Setting]]


@pytest.fixture
def clock() -> SkippingClock:
    """The time of the emulator."""
    return SkippingClock()


@pytest.fixture
async def emulator(clock: SkippingClock) -> AsyncIterator[Emulator]:
    """A Personalize whose resources pass each state in four seconds of the clock."""
    began = time.time()
    config = EmulatorConfig(delays=Delays(4, 4, 4, 4), resource_limit=3)
    async with Emulator(config, clock=lambda: began + clock.now_s) as started:
        started.seed(SeedGroup(name="shop", event_tracker=False, schemas={}))
        yield started


@pytest.fixture
async def start(emulator: Emulator, clock: SkippingClock) -> AsyncIterator[Start]:
    """Return a function that starts a gateway for the emulator's dataset groups."""
    async with AsyncExitStack() as stack:

        async def started(
            *,
            watch_clock: Clock = clock,
            settings: ControlPlaneSettings = ONCE,
            credentials: CredentialSource = CREDENTIALS,
            **endpoint: str,
        ) -> Setting:
            control_plane = BotoControlPlane(credentials, settings)
            stack.push_async_callback(control_plane.close)
            at = replace(Endpoint(emulator.config.region, emulator.url), **endpoint)
            perform = partial(control_plane.perform, at)
            groups = {
                name: TrackedGroup(name, emulator.config.arn(f"dataset-group/{name}"), perform)
                for name in ("shop", "missing")
            }
            watch = Watch(watch_clock, Random(0), Pace(jitter=0))
            server = Server(
                Acceptance(Router((), ()), VALIDATOR, MemoryOutbox({})),
                identity_of(Identity()),
                max_message_bytes=4 * 1024 * 1024,
                trackers=TrackerService(groups, VALIDATOR, watch),
                access=Access(administrators=Administrators(["ops"])),
            )
            (port,) = await server.start("127.0.0.1:0")
            stack.push_async_callback(partial(server.stop, grace_s=0))
            address = f"127.0.0.1:{port}"
            channel = await stack.enter_async_context(grpc.aio.insecure_channel(address))
            return Setting(emulator, server, clock, address, channel)

        yield started


@pytest.fixture
async def setting(start: Start) -> Setting:
    """A gateway whose watches wait by the emulator's clock."""
    return await start()
