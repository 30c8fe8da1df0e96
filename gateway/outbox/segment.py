"""A segment: a file of chunks that one ingest process appends to and delivery reads.

It is written in WAL mode without checkpoints: what is delivered before the file is full is never
written twice. The last of its connections to be closed moves the WAL into the database, unless the
file was removed before.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from gateway.outbox import database, queries
from gateway.outbox.codec import ChunkDamaged, lane_of
from gateway.outbox.database import snapshot, transaction
from gateway.records import Lane

APPLICATION_ID = 0x50475347  # PGSG
VERSION = 2

_WRITE_CACHE_KIB = 32 * 1024
"""More than a group, so that all of a group is written at its commit."""

_READ_CACHE_KIB = 256

_STATEMENT_ROWS = 64
"""One statement for a whole group, which commits by itself, takes a fifth less than one a row, and
the thread that writes waits for the interpreter once instead of at each row."""


class ChunkRow(NamedTuple):
    """A chunk as a segment holds it: the columns of its table."""

    row: int
    stamp_ns: int
    dataset_group: str
    kind: str
    records: int
    size_bytes: int
    blob: bytes

    def __repr__(self) -> str:
        return f"<ChunkRow {self.row}>"  # the blob is personal data


class ScannedRow(NamedTuple):
    """What delivery's index needs to know of a chunk."""

    row: int
    stamp_ns: int
    dataset_group: str
    kind: str
    size_bytes: int


_SCANNED_ROW = partial(tuple.__new__, ScannedRow)
"""What `ScannedRow(…)` does with columns in its order, for a third of the time."""


class ChunkFacts(NamedTuple):
    """What is needed to settle a chunk."""

    lane: Lane
    records: int
    size_bytes: int


def create(path: Path) -> None:
    """Make an empty segment, whole or not at all.

    Raises:
        sqlite3.Error: it could not be written.
        OSError: the same.
    """
    database.create(path, APPLICATION_ID, VERSION, queries.SEGMENT_SCHEMA)


class SegmentWriter:
    """Appends to a segment. Blocks; for one thread at a time.

    Raises:
        sqlite3.Error: from each method: nothing of what it was given was written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._wal_path = path.with_name(path.name + "-wal")
        self._database = database.connect(path, cache_kib=_WRITE_CACHE_KIB)
        self._database.execute("PRAGMA wal_autocheckpoint = 0")

    def __repr__(self) -> str:
        return f"<SegmentWriter {self._path.name}>"

    def append(self, rows: Sequence[ChunkRow]) -> None:
        """Write rows, all or none; when it returns they are on disk."""
        if len(rows) <= _STATEMENT_ROWS:
            self._insert(rows)
            return
        with transaction(self._database):
            for start in range(0, len(rows), _STATEMENT_ROWS):
                self._insert(rows[start : start + _STATEMENT_ROWS])

    def _insert(self, rows: Sequence[ChunkRow]) -> None:
        columns = [*chain.from_iterable(rows)]
        self._database.execute(queries.append_chunks(len(rows)), columns)

    def erase(self) -> None:
        """Make sure that what a failed `append` left in the WAL is never taken for written.

        When the disk fails between a group's last byte and its sync, the WAL holds the group with
        its commit mark. The next commit goes to the same place; only then is it gone for good.
        """
        with transaction(self._database):
            self._database.execute(queries.ERASE)

    @property
    def wal_bytes(self) -> int:
        """The size of the file that appends go to. It grows by a page at least with each append."""
        return self._wal_path.stat().st_size

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()


class SegmentReader:
    """Reads a segment, also while it is written. Blocks; for one thread at a time.

    Raises:
        sqlite3.Error: from each method: the file cannot be read.
        ChunkDamaged: a row that was there is not.
    """

    def __init__(self, path: Path) -> None:
        self._database = database.connect(path, cache_kib=_READ_CACHE_KIB, read_only=True)
        try:
            self._database.execute(queries.TOUCH).fetchall()
        except BaseException:
            self._database.close()
            raise

    def scan(self, after_row: int, limit: int) -> list[ScannedRow]:
        """Return the rows after one."""
        found = self._database.execute(queries.SCAN_CHUNKS, (after_row, limit))
        return [*map(_SCANNED_ROW, found)]

    def blobs(self, rows: Sequence[int]) -> Iterator[bytes]:
        """Yield the chunks of rows that are there, which rise; read as they are wanted."""
        # By runs of rows: one statement a row would take three times as long.
        with snapshot(self._database):
            for first, last in _runs(rows):
                expected = first
                for row, blob in self._database.execute(queries.READ_CHUNKS, (first, last)):
                    if row != expected:
                        break
                    yield blob
                    expected += 1
                if expected <= last:
                    raise ChunkDamaged(f"row {expected} is missing")

    def facts(self, rows: Sequence[int]) -> list[ChunkFacts]:
        """Return what is needed to settle rows that are there, which rise."""
        facts: list[ChunkFacts] = []
        with snapshot(self._database):
            for first, last in _runs(rows):
                found = self._database.execute(queries.CHUNK_FACTS, (first, last)).fetchall()
                if len(found) <= last - first:
                    raise ChunkDamaged(f"not all of rows {first} to {last} are there")
                facts += [
                    ChunkFacts(lane_of(group, kind), records, size_bytes)
                    for group, kind, records, size_bytes in found
                ]
        return facts

    def copies(self, rows: Iterable[int]) -> Iterator[ChunkRow]:
        """Yield whole rows that are there."""
        for row in rows:
            yield ChunkRow(*self._database.execute(queries.COPY_CHUNK, (row,)).fetchone())

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()


def _runs(rows: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and the last of each run of rows that follow each other."""
    start = 0
    for index, row in enumerate(rows, 1):
        if index == len(rows) or rows[index] != row + 1:
            yield rows[start], row
            start = index
