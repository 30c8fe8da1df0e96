"""How many calls are being answered."""

import asyncio
from types import TracebackType


class UnderWay:
    """Counts the calls within it: `with under_way: …`."""

    def __init__(self) -> None:
        self._count = 0
        self._none = asyncio.Event()
        self._none.set()

    @property
    def count(self) -> int:
        """How many there are."""
        return self._count

    def __enter__(self) -> None:
        if not self._count:
            self._none.clear()
        self._count += 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._count -= 1
        if not self._count:
            self._none.set()

    async def ended(self) -> None:
        """Wait until there is none."""
        await self._none.wait()
