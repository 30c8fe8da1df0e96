"""A wall clock for the gateway that can be set, while the machine's own stays as it is."""

import asyncio
import shutil
import struct
from collections.abc import Mapping
from pathlib import Path

_SOURCE = Path(__file__).with_name("clock.c")


def compiler() -> str | None:
    """Return the C compiler of this machine; without one there is no such clock."""
    return shutil.which("cc")


class Clock:
    """The clock of the processes that are started in its environment.

    Args:
        directory: for its files.
    """

    def __init__(self, directory: Path) -> None:
        self._library = directory / "clock.so"
        self._offset = directory / "clock.offset"
        self.set(0)

    async def build(self) -> None:
        """Compile what is loaded into the processes.

        Raises:
            OSError: it cannot be compiled.
        """
        arguments = ("-shared", "-fPIC", "-O2", "-o", str(self._library), str(_SOURCE), "-ldl")
        process = await asyncio.create_subprocess_exec(compiler() or "cc", *arguments)
        if await process.wait():
            raise OSError(f"{_SOURCE} cannot be compiled")

    @property
    def environment(self) -> Mapping[str, str]:
        """The variables of a process that is to have it."""
        return {"LD_PRELOAD": str(self._library), "CHAOS_CLOCK_OFFSET": str(self._offset)}

    def set(self, offset_s: float) -> None:
        """Let it be off by so much from now on, at once and in all processes."""
        with self._offset.open("r+b" if self._offset.exists() else "wb") as file:
            file.write(struct.pack("=q", int(offset_s * 1e9)))
