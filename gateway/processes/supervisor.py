"""The supervisor: keeps the children running, and stops them in the right order."""

import asyncio
import signal
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import structlog

from gateway.clock import Clock
from gateway.config import Config
from gateway.processes.child import Child

log = structlog.get_logger()


class Supervisor:
    """Runs N ingest processes and one delivery process.

    Args:
        config: checked already; the children read the same file.
        config_file: where it stands.
        workers: how many ingest processes.
    """

    def __init__(self, config: Config, config_file: Path, *, workers: int, clock: Clock) -> None:
        self._socket = reserved(config.server.listen)
        self.address = _address(self._socket)
        """HOST:PORT that all ingest processes listen on."""
        self.changed = asyncio.Event()
        """Set whenever the state of a child changes."""
        self.delivery = Child(
            "delivery", _command("delivery", config_file), clock=clock, on_change=self.changed.set
        )
        self.ingest = tuple(
            Child(
                f"ingest-{number}",
                _command("ingest", config_file, "--listen", self.address, "--writer", str(number)),
                clock=clock,
                on_change=self.changed.set,
            )
            for number in range(workers)
        )
        self._ending: asyncio.Task[None] | None = None

    @property
    def children(self) -> Sequence[Child]:
        """All of them."""
        return (*self.ingest, self.delivery)

    async def run(self) -> bool:
        """Run the children until told to stop.

        Returns:
            When all have ended: whether they ended because they were told to, and not because one
            of them cannot start.
        """
        async with asyncio.TaskGroup() as tasks:
            self._delivering = tasks.create_task(self.delivery.run())
            self._ingesting = [tasks.create_task(child.run()) for child in self.ingest]
            watching = tasks.create_task(self._stop_if_one_cannot_start())
            await asyncio.wait([self._delivering, *self._ingesting])
            watching.cancel()
        self._socket.close()
        return not self._one_cannot_start

    @property
    def _one_cannot_start(self) -> bool:
        return any(child.cannot_start for child in self.children)

    async def _stop_if_one_cannot_start(self) -> None:
        while not self._one_cannot_start:
            await self._change()
        if self._ending is None:
            self.on_signal()

    async def _change(self) -> None:
        self.changed.clear()
        await self.changed.wait()

    async def ready(self) -> None:
        """Wait until all children serve."""
        while not all(child.ready for child in self.children):
            await self._change()

    def on_signal(self) -> None:
        """Stop; told so a second time, end everything at once. What is stored stays stored."""
        if self._ending is None:
            self._ending = asyncio.create_task(self._stop())
        else:
            log.warning("told to stop twice: ending at once; what is stored is delivered later")
            for child in self.children:
                child.kill()

    async def _stop(self) -> None:
        """Stop taking records first, then deliver what there is."""
        for child in self.ingest:
            child.stop()
        await asyncio.wait(self._ingesting)
        self.delivery.stop()

    def handle_signals(self) -> None:
        """Stop on SIGTERM and SIGINT."""
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self.on_signal)


def reserved(address: str) -> socket.socket:
    """Bind, but do not listen: the address is ours, and a port 0 becomes a port.

    The ingest processes share it by SO_REUSEPORT; a socket that does not listen gets no
    connections.

    Raises:
        OSError: the address is in use, or not of this machine.
    """
    host, _, port = address.rpartition(":")
    family, _, _, _, name = socket.getaddrinfo(
        host.strip("[]"), int(port), type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    # With SO_REUSEPORT alone, two gateways would share a port without noticing.
    _bound(family, name, socket.SO_REUSEADDR).close()
    return _bound(family, name, socket.SO_REUSEPORT)


def _bound(family: socket.AddressFamily, name: tuple[Any, ...], option: int) -> socket.socket:
    found = socket.socket(family, socket.SOCK_STREAM)
    try:
        found.setsockopt(socket.SOL_SOCKET, option, 1)
        found.bind(name)
    except BaseException:
        found.close()
        raise
    return found


def _address(bound: socket.socket) -> str:
    host, port = bound.getsockname()[:2]
    return f"[{host}]:{port}" if bound.family is socket.AF_INET6 else f"{host}:{port}"


def _command(role: str, config_file: Path, *more: str) -> Sequence[str]:
    return (sys.executable, "-m", "gateway.processes", role, "--config", str(config_file), *more)
