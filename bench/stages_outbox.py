"""The stages on disk: commit, read, settle. Each takes what the one before it has left."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path

from gateway.outbox.claim import Claim
from gateway.outbox.interface import Outcome, Position, RecordRef, Settlement, StoredChunk
from gateway.outbox.reader import SqliteReader
from gateway.outbox.writer import SqliteWriter
from gateway.records import Chunk, Kind, Lane, Record

_AT_ONCE = 64
"""So many requests share a commit, and so many calls the note of their outcome."""

_MAX_RECORDS = 10_000
_MAX_BYTES = 64 * 1024 * 1024
_LANE = Lane("shop", Kind.EVENTS)


@dataclass(slots=True)
class OutboxStages:
    """An outbox that is written and read in one process."""

    _writer: SqliteWriter
    _reader: SqliteReader
    _chunk: Chunk
    _after: Position | None = None
    _found: list[StoredChunk] = field(default_factory=list)

    @classmethod
    @asynccontextmanager
    async def opened(
        cls, folder: Path, records: tuple[Record, ...]
    ) -> AsyncIterator["OutboxStages"]:
        """Open an outbox in a folder; each of its requests has these records."""
        with closing(Claim.take(folder)):
            writer = SqliteWriter.open(folder, 0, {}, _NobodyAsks())
            reader = SqliteReader.open(folder)
            yield cls(writer, reader, Chunk(_LANE, "web", "all", records))
            await asyncio.gather(writer.close(), reader.close())

    async def commit(self, requests: int) -> None:
        """Have requests on disk."""
        for left in range(requests, 0, -_AT_ONCE):
            appends = [self._writer.append([self._chunk]) for _ in range(min(left, _AT_ONCE))]
            await asyncio.gather(*appends)

    async def read(self, requests: int) -> None:
        """Find and read what was committed."""
        await self._reader.caught_up()
        while len(self._found) < requests:
            self._found += await self._reader.read(
                _LANE, after=self._after, max_records=_MAX_RECORDS, max_bytes=_MAX_BYTES
            )
            self._after = self._found[-1].position

    async def settle(self, requests: int) -> None:
        """Note that what was read was delivered: each request by a call of its own."""
        settlements = [_settlements(chunk) for chunk in self._found]
        assert len(settlements) == requests
        self._found.clear()
        for first in range(0, requests, _AT_ONCE):
            together = settlements[first : first + _AT_ONCE]
            await asyncio.gather(*map(self._reader.settle, together))


def _settlements(stored: StoredChunk) -> list[Settlement]:
    return [
        Settlement(RecordRef(stored.position, index)) for index in range(len(stored.chunk.records))
    ]


class _NobodyAsks:
    """No outcome is asked for."""

    async def outcomes(self, positions: Sequence[Position]) -> list[tuple[Outcome, ...]]:
        raise NotImplementedError

    async def outcomes_so_far(self, positions: Sequence[Position]) -> list[tuple[Outcome, ...]]:
        raise NotImplementedError
