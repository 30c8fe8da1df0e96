"""Processes under test: started on one core, asked for their CPU time and their memory."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Final, NamedTuple

SERVER_CORE: Final = 0
"""Where the process under test runs, alone."""

LOAD_CORE: Final = 1
"""Where all the rest runs: load, upstream, and the benchmark itself."""

_CPU_CLOCK = 2
_STOP_S = 20.0
_MIB_KIB = 1024


class Memory(NamedTuple):
    """What a process has in memory, in MiB.

    Attributes:
        pss: with its share of the pages that it has in common with others.
        rss: with all of those.
        peak_rss: the most that the latter ever was.
    """

    pss: float
    rss: float
    peak_rss: float


def cpu_us(pid: int) -> float:
    """Return the CPU time of a process so far: of all its threads, also those that have ended.

    Raises:
        OSError: there is no such process.
    """
    # The clock of another process, as clock_getcpuclockid(3) makes its number.
    return time.clock_gettime_ns(~pid << 3 | _CPU_CLOCK) / 1000


def memory_mib(pid: int) -> Memory:
    """Return the memory of a process."""
    status = _kib(Path(f"/proc/{pid}/status"))
    pss = _kib(Path(f"/proc/{pid}/smaps_rollup"))["Pss"]
    return Memory(pss / _MIB_KIB, status["VmRSS"] / _MIB_KIB, status["VmHWM"] / _MIB_KIB)


def _kib(file: Path) -> Mapping[str, int]:
    """Return the sizes in a file of `/proc`, by name."""
    lines = (line.split() for line in file.read_text().splitlines() if line.endswith(" kB"))
    return {words[0].removesuffix(":"): int(words[1]) for words in lines}


def children(pid: int, word: str = "") -> tuple[int, ...]:
    """Return the children of a process, the oldest first.

    Args:
        pid: the process.
        word: an argument that they have in their command line; those of any, if it is empty.
    """
    pids = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    asked = f"\0{word}\0".encode() if word else b""
    return tuple(int(one) for one in pids if asked in Path(f"/proc/{one}/cmdline").read_bytes())


def pinned(core: int, *arguments: str) -> tuple[str, ...]:
    """Return a command that runs on one core, as the same process."""
    return ("taskset", "--cpu-list", str(core), *arguments)


def python(*arguments: str) -> tuple[str, ...]:
    """Return a command that runs this Python."""
    return (sys.executable, *arguments)


@asynccontextmanager
async def started(
    *arguments: str,
    core: int,
    environment: Mapping[str, str] | None = None,
    log: Path | None = None,
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a process on one core until the block ends; its standard input and output are pipes.

    Args:
        arguments: the command.
        core: where it runs.
        environment: on top of this process's own.
        log: file for its standard error; None for that of this process.
    """
    with ExitStack() as files:
        process = await asyncio.create_subprocess_exec(
            *pinned(core, *arguments),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=files.enter_context(log.open("wb")) if log else None,
            env={**os.environ, **(environment or {})},
        )
    try:
        yield process
    finally:
        await _stop(process)


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(_STOP_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
