"""The supervisor: keeps the children running, and stops them in the right order."""

import asyncio
import signal
import socket
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import structlog

from gateway.admin.readiness import ProcessState
from gateway.clock import Clock
from gateway.config import Config
from gateway.processes.child import Child
from gateway.processes.generation import Generation
from gateway.processes.names import DELIVERY, ingest_name

log = structlog.get_logger()


class Supervisor:
    """Runs N ingest processes and one delivery process.

    Args:
        config: what `generation` says.
        generation: the configuration, checked already, that the children begin with.
        workers: how many ingest processes.
    """

    def __init__(
        self, config: Config, generation: Generation, *, workers: int, clock: Clock
    ) -> None:
        self._socket = reserved(config.server.listen)
        self.address = _address(self._socket)
        """HOST:PORT that all ingest processes listen on."""
        self.changed = asyncio.Event()
        """Set whenever the state of a child changes."""
        self.generation = generation
        """The configuration that the children are to use."""
        self._before = generation
        self._clock = clock
        self.delivery = self._child(DELIVERY, "delivery")
        self.ingest = tuple(
            self._child(
                ingest_name(number), "ingest", "--listen", self.address, "--writer", str(number)
            )
            for number in range(workers)
        )
        self._ending: asyncio.Task[None] | None = None

    def _child(self, name: str, *arguments: str) -> Child:
        command = (sys.executable, "-m", "gateway.processes", *arguments)
        return Child(name, command, self.generation, clock=self._clock, on_change=self.changed.set)

    @property
    def children(self) -> Sequence[Child]:
        """All of them."""
        return (*self.ingest, self.delivery)

    def status(self) -> tuple[ProcessState, ...]:
        """Return how each child is now."""
        return tuple(child.status for child in self.children)

    @property
    def stopping(self) -> bool:
        """Whether it was told to stop."""
        return self._ending is not None

    def use(self, generation: Generation) -> None:
        """Have all children use another configuration, those too that are started from now on."""
        self._before, self.generation = self.generation, generation
        for child in self.children:
            child.use(generation)

    async def run(self) -> bool:
        """Run the children until told to stop.

        Returns:
            When all have ended: whether they ended because they were told to, and not because one
            of them cannot start.
        """
        async with asyncio.TaskGroup() as tasks:
            self._delivering = tasks.create_task(self.delivery.run())
            self._ingesting = [tasks.create_task(child.run()) for child in self.ingest]
            watching = [
                tasks.create_task(self._stop_if_one_cannot_start()),
                tasks.create_task(self._follow_generations()),
            ]
            await asyncio.wait([self._delivering, *self._ingesting])
            for task in watching:
                task.cancel()
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

    async def _follow_generations(self) -> None:
        """Say when all children use a configuration; take back one that a child cannot use."""
        told = 0
        while True:
            number = self.generation.number
            if any(child.report and child.report.refused == number for child in self.children):
                self._take_back()
            elif told != number and all(s.generation == number for s in self.status()):
                log.info("all processes use the configuration", generation=number)
                told = number
            await self._change()

    def _take_back(self) -> None:
        number = self.generation.number
        if self._before.text == self.generation.text:
            return  # there is no other: what it refers to has gone
        log.error("a process cannot use the configuration; the one before stays", generation=number)
        self.use(replace(self._before, number=number + 1))

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
