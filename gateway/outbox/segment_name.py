"""How segments are named, and which rows of the outbox are in which."""

import re
from typing import NamedTuple, Self

from gateway.outbox.interface import Position

_ROW_BITS = 32
_ROW_MASK = (1 << _ROW_BITS) - 1
_FILE = re.compile(r"ingest-(\d+)-(\d+)-(\d+)\.segment")


class SegmentName(NamedTuple):
    """Names a segment; names sort in the order in which a writer made them.

    Attributes:
        boot: which start of the gateway.
        writer: which of its ingest processes; one that is started again keeps the number.
        number: which of that writer's segments.
    """

    boot: int
    writer: int
    number: int

    @property
    def file_name(self) -> str:
        """The name of the segment's file."""
        return f"ingest-{self.boot}-{self.writer}-{self.number}.segment"

    @classmethod
    def of_file(cls, file_name: str) -> Self | None:
        """Return what a file's name says; None where it is not that of a segment."""
        found = _FILE.fullmatch(file_name)
        return cls(*map(int, found.groups())) if found else None

    def position(self, row: int, stamp_ns: int, records: int) -> Position:
        """Return the position of the chunk in a row."""
        boot, writer, number = self
        return Position((boot, stamp_ns), writer, number << _ROW_BITS | row, records)


class Place(NamedTuple):
    """Where a chunk is: the segment and the row in it. The same is said by its position."""

    segment: SegmentName
    row: int

    @property
    def writer_row(self) -> int:
        """Which of its writer's chunks it is: `Position.row`."""
        return self.segment.number << _ROW_BITS | self.row

    @classmethod
    def of(cls, position: Position) -> Self:
        """Return the place that a position means."""
        number, row = position.row >> _ROW_BITS, position.row & _ROW_MASK
        return cls(SegmentName(position.stamp[0], position.writer, number), row)

    def position(self, stamp_ns: int, records: int) -> Position:
        """Return the position of the chunk that is here."""
        return self.segment.position(self.row, stamp_ns, records)
