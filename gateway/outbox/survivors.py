"""Chunks in `delivery.db` that were copied out of segments, so that these could go."""

import sqlite3
from collections.abc import Iterator, Sequence

from gateway.outbox import database, queries
from gateway.outbox.codec import lane_of
from gateway.outbox.database import snapshot
from gateway.outbox.delivery_db import DeliveryDb
from gateway.outbox.directory import Directory
from gateway.outbox.progress import DoneRows
from gateway.outbox.segment import ChunkFacts, ScannedRow, SegmentReader
from gateway.outbox.segment_name import SegmentName

_CACHE_KIB = 1024


class Survivors:
    """Keeps and reads them. Blocks; for one thread at a time.

    Raises:
        sqlite3.Error: from each method: they cannot be read, or nothing was written.
    """

    def __init__(self, directory: Directory, kept: DeliveryDb) -> None:
        self._kept = kept
        # Of its own, so that a scan goes on in what it began with while others are settled.
        self._scans = database.connect(directory.delivery_db, cache_kib=_CACHE_KIB, read_only=True)

    def copied(self) -> dict[SegmentName, DoneRows]:
        """Return the segments that there are some of, with all rows done but theirs."""
        rows: dict[SegmentName, list[int]] = {}
        for *name, row in self._scans.execute(queries.SURVIVOR_ROWS):
            rows.setdefault(SegmentName(*name), []).append(row)
        return {name: DoneRows.all_but(of_segment) for name, of_segment in rows.items()}

    def survivors(self, boot: int) -> Iterator[tuple[SegmentName, ScannedRow]]:
        """Return those of a boot in the order of their stamps, writers, numbers and rows."""
        for writer, number, *columns in self._scans.execute(queries.SCAN_SURVIVORS, (boot,)):
            yield SegmentName(boot, writer, number), ScannedRow(*columns)

    def survivor_blobs(self, name: SegmentName, rows: Sequence[int]) -> list[bytes]:
        """Return chunks of a segment that are there."""
        return [blob for (blob,) in self._each(queries.READ_SURVIVOR, name, rows)]

    def survivor_facts(self, name: SegmentName, rows: Sequence[int]) -> list[ChunkFacts]:
        """Return what is needed to settle chunks of a segment that are there."""
        return [
            ChunkFacts(lane_of(group, kind), *numbers)
            for group, kind, *numbers in self._each(queries.SURVIVOR_FACTS, name, rows)
        ]

    def _each(self, query: str, name: SegmentName, rows: Sequence[int]) -> list[sqlite3.Row]:
        connection = self._kept.database
        with snapshot(connection):
            return [connection.execute(query, (*name, row)).fetchone() for row in rows]

    def copy(
        self, name: SegmentName, source: SegmentReader, rows: Sequence[int], done: dict[int, bytes]
    ) -> None:
        """Keep chunks of a segment, and note that the segment itself is drained.

        Args:
            name: the segment.
            source: the same, opened.
            rows: its rows that are not settled whole.
            done: its pages of done rows, with these as done.
        """

        def work(connection: sqlite3.Connection) -> None:
            connection.executemany(
                queries.COPY_SURVIVOR, ((*name, *chunk) for chunk in source.copies(rows))
            )
            connection.executemany(
                queries.KEEP_DONE, ((*name, page, bits) for page, bits in done.items())
            )

        self._kept.write(work)

    def close(self) -> None:
        """Let go of the file."""
        self._scans.close()
