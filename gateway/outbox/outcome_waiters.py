"""Who waits until a chunk is settled whole."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from gateway.outbox.interface import Position
from gateway.outbox.outcomes import ChunkKey


class OutcomeWaiters:
    """Futures of one event loop, by the chunk that they wait for."""

    def __init__(self) -> None:
        self._waiting: dict[ChunkKey, set[asyncio.Future[None]]] = {}

    @contextmanager
    def of(self, positions: Sequence[Position]) -> Iterator[list[asyncio.Future[None]]]:
        """Give a future for each chunk, done when it is settled whole from now on."""
        loop = asyncio.get_running_loop()
        waits = [(ChunkKey.of(position), loop.create_future()) for position in positions]
        for key, future in waits:
            self._waiting.setdefault(key, set()).add(future)
        try:
            yield [future for _, future in waits]
        finally:
            for key, future in waits:
                self._forget(key, future)

    def _forget(self, key: ChunkKey, future: asyncio.Future[None]) -> None:
        waiting = self._waiting.get(key, set())
        waiting.discard(future)
        if not waiting:
            self._waiting.pop(key, None)

    def settled(self, chunks: Iterable[ChunkKey]) -> None:
        """Wake who waits for these chunks."""
        for key in chunks:
            for future in self._waiting.pop(key, ()):
                if not future.done():
                    future.set_result(None)
