"""Servers of `bench.baselines`: what the gateway is compared with, or sends its spans to."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bench.ports import free_ports
from bench.processes import SERVER_CORE, python, started


@dataclass(frozen=True, slots=True)
class Server:
    """A server that listens.

    Attributes:
        target: HOST:PORT.
        pid: its process.
    """

    target: str
    pid: int


@asynccontextmanager
async def server(name: str, core: int = SERVER_CORE) -> AsyncIterator[Server]:
    """Run a server until the block ends.

    Args:
        name: of its module in `bench.baselines`, which prints a line once it listens.
        core: where it runs.
    """
    (port,) = free_ports(1)
    target = f"127.0.0.1:{port}"
    async with started(*python("-m", f"bench.baselines.{name}", target), core=core) as process:
        assert process.stdout is not None
        assert await process.stdout.readline(), f"{name} did not start"
        yield Server(target, process.pid)
