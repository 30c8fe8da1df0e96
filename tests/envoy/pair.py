"""Two gateways behind one Envoy, which are ended and started again."""

import os
import signal
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from gateway.personalize.emulator import Emulator
from tests.envoy.sidecar import Sidecar
from tests.envoy.stand import configuration, started, written
from tests.support.served import Served


class Member:
    """A gateway that keeps its address from one start to the next.

    Attributes:
        address: HOST:PORT on which it listens.
    """

    served: Served

    def __init__(self, emulator: Emulator, folder: Path, name: str, address: str) -> None:
        self.address = address
        self._settings = configuration(emulator, folder / f"{name}-outbox", listen=address)
        self._folder, self._name = folder, name
        self._running = AsyncExitStack()

    async def start(self) -> None:
        """Start it; return when it serves."""
        file = written(self._folder, self._name, self._settings)
        self.served = await self._running.enter_async_context(started(file))

    async def reload(self, **server: object) -> None:
        """Have it use other values of the section `server`, until its next start."""
        changed = self._settings["server"] | server
        written(self._folder, self._name, self._settings | {"server": changed})
        await self.served.reload(generation=2)

    async def end(self, number: signal.Signals) -> None:
        """Send it a signal that ends it; return when it has ended."""
        os.kill(self.served.process.pid, number)
        await self.served.process.wait()
        await self.close()

    async def close(self) -> None:
        """Kill it where it still runs."""
        await self._running.aclose()


@dataclass(frozen=True, slots=True)
class Pair:
    """Both of them, and the Envoy.

    Attributes:
        emulator: to which both deliver.
    """

    emulator: Emulator
    first: Member
    second: Member
    sidecar: Sidecar

    async def restore(self) -> None:
        """Start what has ended; return when Envoy takes both for healthy."""
        for member in (self.first, self.second):
            if member.served.process.returncode is not None:
                await member.start()
        await self.sends_to(self.first, self.second)

    async def sends_to(self, *members: Member) -> None:
        """Wait until Envoy takes these for healthy, and no others."""
        await self.sidecar.sends_to({member.address for member in members})
