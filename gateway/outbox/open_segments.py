"""The segments that delivery has open: the last few that it used."""

import sqlite3
from collections import OrderedDict
from collections.abc import Callable

from gateway.outbox import database
from gateway.outbox.directory import Directory
from gateway.outbox.reserve import Reserve
from gateway.outbox.segment import SegmentReader
from gateway.outbox.segment_name import SegmentName

_MAX_OPEN = 16


class OpenSegments:
    """Opens segments when they are wanted, and closes those that were not wanted for longest."""

    def __init__(
        self, directory: Directory, open_segment: Callable[..., SegmentReader] = SegmentReader
    ) -> None:
        self._directory = directory
        self._reserve = Reserve(directory.reserve)
        self._open_segment = open_segment
        self._readers: OrderedDict[SegmentName, SegmentReader] = OrderedDict()

    def get(self, name: SegmentName) -> SegmentReader:
        """Return a segment's reader, for use until the next call."""
        if name not in self._readers:
            self._readers[name] = self._open(name)
            if len(self._readers) > _MAX_OPEN:
                self._readers.popitem(last=False)[1].close()
        self._readers.move_to_end(name)
        return self._readers[name]

    def _open(self, name: SegmentName) -> SegmentReader:
        """Open a segment. That takes some room for its -shm; where there is none, the reserve."""
        path = self._directory.segment(name)
        try:
            return self._open_segment(path)
        except sqlite3.Error:
            if not self._reserve.give_up():
                raise
        return self._open_segment(path)

    def release(self, name: SegmentName) -> None:
        """Close a segment if it is open.

        If nobody else has it open, this moves its WAL into it. What a writer that was killed in the
        middle of a commit had written of it is there from now on, or gone for good.
        """
        if name in self._readers:
            self._readers.pop(name).close()

    def remove(self, name: SegmentName) -> None:
        """Remove a segment's file. It goes first, and is then closed without a last write."""
        database.remove(self._directory.segment(name))
        self.release(name)

    def close(self) -> None:
        """Close all."""
        while self._readers:
            self._readers.popitem()[1].close()
