"""The segments that delivery has open: the last few that it used."""

from collections import OrderedDict
from collections.abc import Callable

from gateway.outbox import database
from gateway.outbox.directory import Directory
from gateway.outbox.segment import SegmentReader
from gateway.outbox.segment_name import SegmentName

_MAX_OPEN = 16


class OpenSegments:
    """Opens segments when they are wanted, and closes those that were not wanted for longest."""

    def __init__(
        self, directory: Directory, open_segment: Callable[..., SegmentReader] = SegmentReader
    ) -> None:
        self._directory = directory
        self._open_segment = open_segment
        self._readers: OrderedDict[SegmentName, SegmentReader] = OrderedDict()

    def get(self, name: SegmentName) -> SegmentReader:
        """Return a segment's reader, for use until the next call."""
        if name not in self._readers:
            self._readers[name] = self._open_segment(self._directory.segment(name))
            if len(self._readers) > _MAX_OPEN:
                self._readers.popitem(last=False)[1].close()
        self._readers.move_to_end(name)
        return self._readers[name]

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
