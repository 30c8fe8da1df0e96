"""A baseline in a process of its own: what each of its calls costs it."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bench.processes import SERVER_CORE, cpu_us, started


class WorkerFailed(Exception):
    """Expected error: a baseline ended before it had done what it was told."""


@dataclass(frozen=True, slots=True)
class Worker:
    """A process of `bench.baselines` that takes turns."""

    _process: asyncio.subprocess.Process

    async def call_us(self, calls: int) -> float:
        """Let it do so many calls; return the CPU time of one.

        Raises:
            WorkerFailed: it did not.
        """
        before_us = cpu_us(self._process.pid)
        assert self._process.stdin is not None
        self._process.stdin.write(b"%d\n" % calls)
        await self.answered()
        return (cpu_us(self._process.pid) - before_us) / calls

    async def answered(self) -> None:
        """Wait for its next line."""
        assert self._process.stdout is not None
        if not await self._process.stdout.readline():
            raise WorkerFailed("a baseline has failed; what it says is above")


@asynccontextmanager
async def worker(
    *command: str, core: int = SERVER_CORE, environment: Mapping[str, str] | None = None
) -> AsyncIterator[Worker]:
    """Run a baseline until the block ends; it is ready at its begin."""
    async with started(*command, core=core, environment=environment) as process:
        found = Worker(process)
        await found.answered()
        yield found
