"""So many turns a second, and no burst after a wait."""

import asyncio
import time

_MAX_BEHIND_S = 0.5


class Pace:
    """Gives turns at a rate."""

    def __init__(self, per_s: float) -> None:
        self._interval_s = 1.0 / per_s
        self._next_s = time.monotonic()

    async def turn(self) -> None:
        """Wait for the next turn."""
        now_s = time.monotonic()
        self._next_s = max(self._next_s, now_s - _MAX_BEHIND_S) + self._interval_s
        await asyncio.sleep(max(0.0, self._next_s - now_s))
