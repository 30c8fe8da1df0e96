"""Time, passed in so that tests can hold it."""

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """Tells the time and waits for it."""

    def monotonic(self) -> float:
        """Return seconds that only ever rise, from an arbitrary origin."""

    async def wait(self, event: asyncio.Event, until: float | None) -> None:
        """Return when the event is set, or at that monotonic time; None waits for the event."""


class SystemClock:
    """The clock of this machine."""

    def monotonic(self) -> float:
        """Return `time.monotonic()`."""
        return time.monotonic()

    async def wait(self, event: asyncio.Event, until: float | None) -> None:
        """Wait with a timer of the running loop."""
        if until is None:
            await event.wait()
            return
        try:
            async with asyncio.timeout(max(0.0, until - self.monotonic())):
                await event.wait()
        except TimeoutError:
            return
