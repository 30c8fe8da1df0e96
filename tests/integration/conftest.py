"""A gateway and an emulator in this process, and a channel to the gateway."""

from collections.abc import AsyncIterator

import grpc
import pytest

from gateway import embedded
from gateway.app import Gateway
from gateway.config import Config
from gateway.personalize.emulator import DOCUMENTED_QUOTAS, Emulator, EmulatorConfig
from tests.support.running import Running, patient, started


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    """A Personalize without quotas to wait for."""
    async with Emulator(EmulatorConfig(quotas=dict.fromkeys(DOCUMENTED_QUOTAS))) as running:
        yield running


@pytest.fixture
def config(emulator: Emulator) -> Config:
    """What the gateway of the test is to do; a test module may say otherwise."""
    return patient(embedded.configuration(emulator, "127.0.0.1:0"))


@pytest.fixture
async def running(emulator: Emulator, config: Config) -> AsyncIterator[Running]:
    """A gateway that delivers to the emulator."""
    gateway = Gateway(config, embedded.credentials(emulator))
    try:
        address = await started(gateway)
        async with grpc.aio.insecure_channel(address) as channel:
            yield Running(gateway, emulator, address, channel)
    finally:
        await gateway.stop()
