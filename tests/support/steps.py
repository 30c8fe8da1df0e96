"""A clock that stands still until a test moves it."""

import asyncio


class SteppedClock:
    """Tells the time that it was given. Who waits for a time is let go when a test says so.

    Attributes:
        now_s: the time; a test sets it.
    """

    def __init__(self) -> None:
        self.now_s = 1000.0
        self.waits_until: list[float | None] = []
        self._moved = asyncio.Condition()

    def monotonic(self) -> float:
        """Return the time that was given."""
        return self.now_s

    async def wait(self, event: asyncio.Event, until: float | None) -> None:
        """Return when the event is set, or the clock was moved there."""
        self.waits_until.append(until)
        setting = asyncio.create_task(event.wait())
        moving = asyncio.create_task(self._reached(until))
        try:
            await asyncio.wait((setting, moving), return_when=asyncio.FIRST_COMPLETED)
        finally:
            setting.cancel()
            moving.cancel()

    async def _reached(self, until: float | None) -> None:
        async with self._moved:
            await self._moved.wait_for(lambda: until is not None and self.now_s >= until)

    async def move(self, by_s: float) -> None:
        """Move the clock on, and let go who waited for that time."""
        async with self._moved:
            self.now_s += by_s
            self._moved.notify_all()
