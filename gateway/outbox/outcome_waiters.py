"""Who waits until a chunk is settled whole."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

from gateway.outbox.interface import PENDING, Outcome, Position
from gateway.outbox.outcomes import ChunkKey, plain
from gateway.outbox.progress import State

_Outcomes = list[tuple[Outcome, ...]]


class OutcomeWaiters:
    """Waits, in one event loop, until the outcomes of chunks are final.

    Args:
        is_open: whether a chunk is certainly not settled whole; must not block.
        so_far: returns the outcomes of chunks as they are.
    """

    def __init__(
        self,
        is_open: Callable[[Position], bool],
        so_far: Callable[[Sequence[Position]], Awaitable[_Outcomes]],
    ) -> None:
        self._is_open = is_open
        self._so_far = so_far
        self._waiting: dict[ChunkKey, set[asyncio.Future[bytes]]] = {}
        self._somebody = asyncio.Event()

    def __bool__(self) -> bool:
        return bool(self._waiting)

    async def begun(self) -> None:
        """Return once somebody waits."""
        if not self._waiting:
            self._somebody.clear()
            await self._somebody.wait()

    async def outcomes(self, positions: Sequence[Position]) -> _Outcomes:
        """Wait until the outcome of every record of chunks is final, and return them."""
        with self._settled(positions) as settled:
            # Mostly they are open still, and `so_far`, which goes to another thread, is not needed.
            if not all(map(self._is_open, positions)):
                found = await self._so_far(positions)
                open_ones = [
                    future
                    for future, outcomes in zip(settled, found, strict=True)
                    if PENDING in outcomes
                ]
                if not open_ones:
                    return found
                await asyncio.gather(*open_ones)
                return await self._so_far(positions)
            states = await asyncio.gather(*settled)
        if any(State.DEAD_LETTERED in of_chunk for of_chunk in states):
            return await self._so_far(positions)
        return [tuple(plain(of_chunk)) for of_chunk in states]

    @contextmanager
    def _settled(self, positions: Sequence[Position]) -> Iterator[list[asyncio.Future[bytes]]]:
        """Give a future for each chunk, done when it is settled whole from now on.

        Its result is a byte for each record (see `progress.State`).
        """
        loop = asyncio.get_running_loop()
        waits = [(ChunkKey.of(position), loop.create_future()) for position in positions]
        for key, future in waits:
            self._waiting.setdefault(key, set()).add(future)
        self._somebody.set()
        try:
            yield [future for _, future in waits]
        finally:
            for key, future in waits:
                self._forget(key, future)

    def _forget(self, key: ChunkKey, future: asyncio.Future[bytes]) -> None:
        waiting = self._waiting.get(key, set())
        waiting.discard(future)
        if not waiting:
            self._waiting.pop(key, None)

    def settled(self, chunks: Iterable[tuple[ChunkKey, bytes]]) -> None:
        """Wake who waits for these chunks."""
        for key, states in chunks if self._waiting else ():
            for future in self._waiting.pop(key, ()):
                if not future.done():
                    future.set_result(states)
