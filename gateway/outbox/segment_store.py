"""The segments that one ingest process writes, one at a time."""

import contextlib
import sqlite3
import threading
from collections.abc import Sequence

from gateway.outbox import segment
from gateway.outbox.directory import Directory
from gateway.outbox.reserve import fill
from gateway.outbox.segment import ChunkRow, SegmentWriter
from gateway.outbox.segment_name import SegmentName
from gateway.outbox.shared import Slot

_PROBE_BYTES = 1024 * 1024


class SegmentStore:
    """Writes rows to the segment they belong to. Blocks; for one thread at a time.

    Raises:
        sqlite3.Error: from each method but `close`: nothing of what it was given was written.
        OSError: the same.
    """

    def __init__(self, directory: Directory, writer: int, slot: Slot) -> None:
        self._directory = directory
        self._writer = writer
        self._slot = slot
        self._number = 0
        self._current: SegmentWriter | None = None
        self._closing: list[threading.Thread] = []

    @property
    def unused_number(self) -> int:
        """A number that no segment of this writer has or had in this boot."""
        there = [
            name.number
            for name in self._directory.segments()
            if (name.boot, name.writer) == (self._directory.boot, self._writer)
        ]
        return max([self._slot.number, *there]) + 1

    @property
    def wal_bytes(self) -> int:
        """The size of the WAL of the segment that is being written."""
        return self._current.wal_bytes if self._current else 0

    def write(self, number: int, rows: Sequence[ChunkRow]) -> None:
        """Write rows to a segment, all or none; when it returns they are on disk."""
        if self._current is None or number != self._number:
            self.begin(number)
        assert self._current is not None
        self._current.append(rows)

    def begin(self, number: int) -> None:
        """Make a segment, and go on with it; the one before is finished."""
        path = self._directory.segment(SegmentName(self._directory.boot, self._writer, number))
        if not path.exists():  # It may be there since an attempt that failed later.
            segment.create(path)
        following = SegmentWriter(path)
        self._let_go()
        self._current, self._number = following, number
        self._slot.number = number

    def _let_go(self) -> None:
        """Close a finished segment beside: it may take as long as writing it once more."""
        if self._current is not None:
            closing = threading.Thread(target=self._current.close, name="close segment")
            closing.start()
            self._closing = [*(one for one in self._closing if one.is_alive()), closing]
            self._current = None

    def erase(self) -> None:
        """Try to make sure that rows that could not be written do not come back (see `segment`)."""
        if self._current is not None:
            with contextlib.suppress(sqlite3.Error):
                self._current.erase()

    def probe(self) -> None:
        """Write a file of some size and remove it: whether there is room worth going on with."""
        path = self._directory.path / f"probe-{self._writer}.new"
        try:
            fill(path, _PROBE_BYTES)
        finally:
            path.unlink(missing_ok=True)

    def close(self) -> None:
        """Let go of all files."""
        self._let_go()
        for closing in self._closing:
            closing.join()
