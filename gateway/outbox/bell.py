"""How an ingest process wakes delivery: a datagram to a Unix socket, sent only while it sleeps.

A ring may be lost (the queue is full, nobody listens): who waits for it looks from time to time.
"""

import asyncio
import contextlib
import socket
from pathlib import Path


class BellPush:
    """The side that rings. Never blocks, never fails; may be used by any thread."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)

    def ring(self) -> None:
        """Wake whoever waits, if it is there."""
        with contextlib.suppress(OSError):
            self._socket.sendto(b"\0", self._address)

    def close(self) -> None:
        """Let go of the socket."""
        self._socket.close()


class Bell:
    """The side that waits: of one event loop. Takes the address from who had it before."""

    def __init__(self, address: str) -> None:
        Path(address).unlink(missing_ok=True)
        self._address = address
        self._rung = asyncio.Event()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._loop: asyncio.AbstractEventLoop | None = None
        try:
            self._socket.bind(address)
        except BaseException:
            self._socket.close()
            raise

    async def wait(self, timeout_s: float) -> None:
        """Return when it was rung since the last wait, or after that time."""
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
            self._loop.add_reader(self._socket, self._ringing)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._rung.wait()
        self._rung.clear()

    def _ringing(self) -> None:
        with contextlib.suppress(BlockingIOError):
            while True:
                self._socket.recv(1)
                self._rung.set()

    def close(self) -> None:
        """Let go of the address."""
        if self._loop is not None:
            self._loop.remove_reader(self._socket)
        self._socket.close()
        Path(self._address).unlink(missing_ok=True)
