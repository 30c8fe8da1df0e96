"""The clients, by language: what they need, and their programs."""

import asyncio
import os
import shutil
import signal
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

CLIENTS = Path(__file__).parents[2] / "clients"

_TOOLS: Mapping[str, Sequence[str]] = {
    "go": ("go",),
    "java": ("java", "mvn"),
    "typescript": ("node", "npm"),
    "rust": ("cargo",),
    "cpp": ("cmake", "c++"),
}
_TAIL_LINES = 15
_END_S = 5.0


class ProgramFailed(Exception):
    """Expected error: a client's program could not be run to its end; the message says why."""


@dataclass(frozen=True, slots=True)
class Language:
    """A client.

    Attributes:
        name: of its folder in `clients`.
    """

    name: str

    @property
    def missing_tools(self) -> Sequence[str]:
        """The tools that its programs need and that this machine does not have."""
        return [tool for tool in _TOOLS.get(self.name, ()) if shutil.which(tool) is None]

    @property
    def publishers(self) -> Sequence[str]:
        """The names of its programs that publish; the usual one where there are none."""
        found = sorted(path.name for path in (CLIENTS / self.name).glob("run-publisher*"))
        return found or ["run-publisher"]

    def program(self, name: str) -> Path:
        """Return where one of its programs is, or would be."""
        return CLIENTS / self.name / name

    @asynccontextmanager
    async def running(self, name: str, *arguments: object, log: Path) -> AsyncIterator["Program"]:
        """Run one of its programs, and end it with all that it started when the block ends.

        Args:
            name: of the program.
            arguments: of the program.
            log: gets its standard error.

        Raises:
            ProgramFailed: it cannot be started.
        """
        if self.missing_tools:
            raise ProgramFailed(f"this machine has no {', no '.join(self.missing_tools)}")
        if not os.access(self.program(name), os.X_OK):
            raise ProgramFailed(f"there is no clients/{self.name}/{name}")
        with log.open("wb") as errors:
            process = await asyncio.create_subprocess_exec(
                self.program(name),
                *map(str, arguments),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=errors,
                limit=2**24,
                start_new_session=True,
            )
        try:
            yield Program(process, log)
        finally:
            await _end(process)


@dataclass(frozen=True, slots=True)
class Program:
    """One that runs."""

    process: asyncio.subprocess.Process
    log: Path

    async def lines(self) -> AsyncIterator[str]:
        """Yield what it prints, to its end.

        Raises:
            ProgramFailed: its end was no good one.
        """
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            yield line.decode()
        if status := await self.process.wait():
            raise ProgramFailed(f"it ended with status {status}:\n{self.tail()}")

    def tail(self) -> str:
        """Return the last that it said of what went wrong."""
        lines = self.log.read_text(errors="replace").splitlines()
        return "\n".join(lines[-_TAIL_LINES:])


async def _end(process: asyncio.subprocess.Process) -> None:
    """End a program that still runs, and what it started: it leads a group of processes."""
    if process.returncode is not None:
        return
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            await asyncio.wait_for(process.wait(), _END_S)
        except (TimeoutError, ProcessLookupError):
            continue
        return


def languages(chosen: Sequence[str]) -> Sequence[Language]:
    """Return those that are chosen; all that have a folder where none is."""
    if chosen:
        return [Language(name) for name in chosen]
    return [Language(path.name) for path in sorted(CLIENTS.iterdir()) if path.is_dir()]
