"""How delivery learns that something was appended, not more often than it has to."""

import math
import time
from collections.abc import Awaitable, Callable

from gateway.outbox.bell import Bell
from gateway.outbox.shared import Shared
from gateway.outbox.writer_watch import News, WritersWatch


class NewsWatch:
    """Waits for news of all ingest processes. For one event loop.

    Args:
        is_unfinished: whether there is more to find of what was told already.
    """

    def __init__(
        self,
        shared: Shared,
        writers: WritersWatch,
        bell: Bell,
        is_unfinished: Callable[[], bool],
    ) -> None:
        self._shared = shared
        self._writers = writers
        self._bell = bell
        self._is_unfinished = is_unfinished
        self._told = News((0,) * shared.slots, writers.news().alive)
        self._told_at_s = -math.inf

    async def rest(self, linger: Callable[[float], Awaitable[None]]) -> None:
        """Return when the last news is so old that there is more of it next time.

        Args:
            linger: waits for that, from a time by the monotonic clock on.
        """
        if not self._is_unfinished():
            await linger(self._told_at_s)

    async def wait(self, timeout_s: float) -> bool:
        """Wait for news so long; return whether there is some."""
        if self._take():
            return True
        try:
            self._shared.asleep = True
            # Who wrote before it could see that does not ring.
            if self._take():
                return True
            await self._bell.wait(timeout_s)
        finally:
            self._shared.asleep = False
        return self._take()

    def _take(self) -> bool:
        before, self._told = self._told, self._writers.news()
        if not (self._told.is_more_than(before) or self._is_unfinished()):
            return False
        self._told_at_s = time.monotonic()
        return True
