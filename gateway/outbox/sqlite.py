"""The durable outbox with both of its sides in one process."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

from gateway.outbox.claim import Claim
from gateway.outbox.commit_queue import WriterSettings
from gateway.outbox.dead_letters import DeadLetters
from gateway.outbox.interface import Outcome, Position, Settlement, StoredChunk
from gateway.outbox.reader import ReaderSettings, SqliteReader
from gateway.outbox.writer import SqliteWriter
from gateway.records import Chunk, Lane


class SqliteOutbox:
    """An outbox directory, claimed, written and read by this process: an `Outbox`.

    Attributes:
        writer: the side of ingest.
        reader: the side of delivery.
    """

    def __init__(self, claim: Claim, writer: SqliteWriter, reader: SqliteReader) -> None:
        self._claim = claim
        self.writer = writer
        self.reader = reader

    def __repr__(self) -> str:
        return f"<SqliteOutbox {self.reader!r}>"

    @classmethod
    def open(
        cls,
        path: Path,
        budgets_bytes: Mapping[str, int],
        writing: WriterSettings | None = None,
        reading: ReaderSettings | None = None,
        *,
        clock_ns: Callable[[], int] = time.monotonic_ns,
    ) -> Self:
        """Take a directory and open both sides. Blocks while all that is in it is read.

        Args:
            path: the directory; it is made if it is not there.
            budgets_bytes: how much each dataset group may have in the outbox; one that is not
                named, any amount.
            writing: how chunks are written.
            reading: how they are read and settled.
            clock_ns: CLOCK_MONOTONIC, or what a test takes for it.

        Raises:
            OutboxUnusable: the directory cannot be used; the message says which file, and why.
        """
        claim = Claim.take(path)
        try:
            reader = SqliteReader.open(path, reading, clock_ns=clock_ns)
            writer = SqliteWriter.open(path, 0, budgets_bytes, reader, writing, clock_ns=clock_ns)
        except BaseException:
            claim.close()
            raise
        return cls(claim, writer, reader)

    @property
    def dead_letters(self) -> DeadLetters:
        """The dead letters."""
        return self.reader.dead_letters

    def append(
        self, chunks: Sequence[Chunk], mirrors: Sequence[Chunk] = ()
    ) -> asyncio.Future[tuple[Position, ...]]:
        """Admit chunks; see `OutboxWriter`."""
        return self.writer.append(chunks, mirrors)

    async def outcomes(self, positions: Sequence[Position]) -> list[tuple[Outcome, ...]]:
        """Wait for final outcomes; see `OutboxWriter`."""
        return await self.writer.outcomes(positions)

    async def outcomes_so_far(self, positions: Sequence[Position]) -> list[tuple[Outcome, ...]]:
        """Return outcomes as they are now; see `OutboxWriter`."""
        return await self.writer.outcomes_so_far(positions)

    async def lanes(self) -> frozenset[Lane]:
        """Return the lanes with something open; see `OutboxReader`."""
        return await self.reader.lanes()

    async def read(
        self, lane: Lane, *, after: Position | None, max_records: int, max_bytes: int
    ) -> list[StoredChunk]:
        """Return the next chunks of a lane; see `OutboxReader`."""
        return await self.reader.read(
            lane, after=after, max_records=max_records, max_bytes=max_bytes
        )

    async def settle(self, settlements: Sequence[Settlement]) -> None:
        """Note final outcomes; see `OutboxReader`."""
        await self.reader.settle(settlements)

    async def caught_up(self) -> None:
        """Wait until all is known that was appended before; see `OutboxReader`."""
        await self.reader.caught_up()

    async def appended(self) -> None:
        """Wait for news; see `OutboxReader`."""
        await self.reader.appended()

    async def close(self) -> None:
        """Write what was admitted, note what was settled, and let go of everything."""
        await self.writer.close()
        await self.reader.close()
        self._claim.close()
