"""A gateway that runs in the test's process, as the tests of several folders use it."""

import asyncio
from dataclasses import dataclass

import grpc

from gateway.app import Gateway
from gateway.config import Config
from gateway.personalize.emulator import Emulator

_LIMIT_S = 60.0


@dataclass(frozen=True, slots=True)
class Running:
    """What a test talks to.

    Attributes:
        address: HOST:PORT of the gateway.
        channel: to it, open as long as the test.
    """

    gateway: Gateway
    emulator: Emulator
    address: str
    channel: grpc.aio.Channel


def patient(config: Config) -> Config:
    """Return the same configuration with the time for calls and drain that a busy machine needs."""
    limits = ("connect_timeout_s", "call_timeout_s", "drain_s")
    delivery = config.delivery.model_copy(update=dict.fromkeys(limits, _LIMIT_S))
    return config.model_copy(update={"delivery": delivery})


async def started(gateway: Gateway) -> str:
    """Start a gateway; return its address once it knows the dataset groups, however long it takes.

    A gateway by itself waits for that only so long, and then takes records without.
    """
    port = await gateway.start()
    async with asyncio.timeout(_LIMIT_S):
        await gateway._delivery.discovery.first_round.wait()
    return f"127.0.0.1:{port}"
