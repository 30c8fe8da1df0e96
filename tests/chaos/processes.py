"""Processes that the harness started, as /proc shows them: alive or not, children, ports."""

import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

_PROC = Path("/proc")
_LISTENING = "0A"


@dataclass(frozen=True, slots=True)
class Process:
    """A process.

    Attributes:
        started: when, in ticks since the machine's start: a PID that is given again has another.
    """

    pid: int
    started: int

    @classmethod
    def of(cls, pid: int) -> Self | None:
        """Return the process of a PID; None where there is none, or it has ended."""
        try:
            # The name in parentheses may hold anything.
            stat = (_PROC / str(pid) / "stat").read_text(errors="replace")
        except OSError:
            return None
        fields = stat.rpartition(")")[2].split()
        return None if fields[0] in "ZX" else cls(pid, int(fields[19]))

    @property
    def alive(self) -> bool:
        """Whether it runs, or could."""
        return Process.of(self.pid) == self

    def signal(self, number: signal.Signals) -> bool:
        """Send it a signal; return False where it is not there any more."""
        if not self.alive:
            return False
        try:
            os.kill(self.pid, number)
        except ProcessLookupError:
            return False
        return True

    @property
    def command(self) -> list[str]:
        """Its program and arguments; nothing where it has gone."""
        try:
            text = (_PROC / str(self.pid) / "cmdline").read_text(errors="replace")
        except OSError:
            return []
        return text.split("\0")[:-1]

    @property
    def children(self) -> list["Process"]:
        """The processes that it started and that live."""
        found = [Process.of(int(pid)) for pid in self._child_pids()]
        return [child for child in found if child is not None]

    def _child_pids(self) -> list[str]:
        try:
            tasks = [*(_PROC / str(self.pid) / "task").iterdir()]
            return [pid for task in tasks for pid in (task / "children").read_text().split()]
        except OSError:
            return []

    @property
    def listening_ports(self) -> frozenset[int]:
        """The TCP ports that it listens on; others may listen on them, too."""
        inodes = frozenset(self._socket_inodes())
        return frozenset(port for port, inode in _listening(self.pid) if inode in inodes)

    def _socket_inodes(self) -> Iterator[str]:
        try:
            for descriptor in (_PROC / str(self.pid) / "fd").iterdir():
                kind, _, inode = str(descriptor.readlink()).partition(":")
                if kind == "socket":
                    yield inode.strip("[]")
        except OSError:
            return


def _listening(pid: int) -> Iterator[tuple[int, str]]:
    """Yield port and inode of each listening socket of the network that a process sees."""
    for table in ("tcp", "tcp6"):
        try:
            lines = (_PROC / str(pid) / "net" / table).read_text().splitlines()[1:]
        except OSError:
            return
        for line in lines:
            fields = line.split()
            if fields[3] == _LISTENING:
                yield int(fields[1].rpartition(":")[2], 16), fields[9]


def having(argument: str) -> list[Process]:
    """Return the processes of this machine that were started with an argument."""
    pids = [int(entry.name) for entry in _PROC.iterdir() if entry.name.isdecimal()]
    found = [process for pid in pids if (process := Process.of(pid)) is not None]
    return [process for process in found if argument in process.command]
