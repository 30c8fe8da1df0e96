"""A child's end of the pipe from its supervisor: configurations, and a sign of life."""

import asyncio
import os
import sys

from gateway.processes.generation import Generation


class SupervisorPipe(asyncio.Protocol):
    """Takes the configurations that the supervisor sends.

    When the supervisor has gone, however it went, this process ends, so that it does not live on
    beside the next: at once and without a word. What is stored is stored, and who comes next
    delivers it.
    """

    def __init__(self) -> None:
        self._received = b""
        self._generations: asyncio.Queue[Generation] = asyncio.Queue()

    @classmethod
    async def open(cls) -> "SupervisorPipe":
        """Return the pipe that is this process's standard input."""
        _, pipe = await asyncio.get_running_loop().connect_read_pipe(cls, sys.stdin)
        return pipe

    def data_received(self, data: bytes) -> None:
        """Take what has come of a line, or of several."""
        *lines, self._received = (self._received + data).split(b"\n")
        for line in lines:
            self._generations.put_nowait(Generation.parse(line))

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        del exc
        os._exit(1)

    async def next(self) -> Generation:
        """Wait for the next configuration; the first is the one to begin with."""
        return await self._generations.get()

    async def newest(self, within_s: float) -> Generation | None:
        """Return the newest configuration that was not taken yet.

        Args:
            within_s: how long to wait for one; None comes back where there is none by then.
        """
        try:
            async with asyncio.timeout(within_s):
                found = await self.next()
        except TimeoutError:
            return None
        while not self._generations.empty():
            found = self._generations.get_nowait()
        return found
