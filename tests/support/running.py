"""A gateway that runs in the test's process, as the tests of several folders use it."""

from dataclasses import dataclass

import grpc

from gateway.app import Gateway
from gateway.personalize.emulator import Emulator


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
