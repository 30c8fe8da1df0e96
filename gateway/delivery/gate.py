"""Which calls of a process may be under way beside which."""

import asyncio


class Gate:
    """Lets calls be under way beside each other, or one by itself.

    They enter in the order in which they come: a call that is to be by itself waits for those under
    way, and whoever comes after it waits for it.
    """

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._empty = asyncio.Event()
        self._empty.set()
        self._under_way = 0

    def __repr__(self) -> str:
        return f"<Gate {self._under_way} calls, {'closed' if self._turn.locked() else 'open'}>"

    async def enter(self, *, by_itself: bool) -> None:
        """Wait until a call may begin; `leave` is to be told when it has ended."""
        await self._turn.acquire()
        try:
            if by_itself:
                await self._empty.wait()
        except BaseException:
            self._turn.release()
            raise
        self._under_way += 1
        self._empty.clear()
        if not by_itself:
            self._turn.release()

    def leave(self, *, by_itself: bool) -> None:
        """Note that a call has ended that was let in so."""
        self._under_way -= 1
        if not self._under_way:
            self._empty.set()
        if by_itself:
            self._turn.release()
