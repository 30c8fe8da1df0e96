"""A clock for what happens rarely, beside servers that take real time."""

import asyncio
import contextlib

from gateway.clock import SystemClock


class HurriedClock(SystemClock):
    """Lets nobody wait: the time that is waited for comes soon."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def monotonic(self) -> float:
        return self.now_s

    async def wait(self, event: asyncio.Event, until: float | None) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.01):
                await event.wait()
        if until is not None:
            self.now_s = max(self.now_s, until)
