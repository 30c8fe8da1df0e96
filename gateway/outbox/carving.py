"""Chunks read from the bytes of a database file and its WAL, without SQLite.

For files that SQLite refuses: each leaf page of a table is read for itself, and of it each cell; a
chunk's checksum says whether it was read as it was written. Rows that were deleted may come up too.

Format: https://www.sqlite.org/fileformat2.html
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from gateway.outbox.codec import CHECKED_FROM, MAGICS, ChunkDamaged, WrittenChunk, decode
from gateway.outbox.database import PAGE_BYTES

_PAGE_SIZES = frozenset(1 << bits for bits in range(9, 17))
_FILE_HEADER_BYTES = 100
_WAL_HEADER_BYTES = 32
_FRAME_HEADER_BYTES = 24
_PAGE_HEADER_BYTES = 8
_TABLE_LEAF = 0x0D
_MORE = 0x80
_FIRST_BLOB_TYPE = 12
_INTEGER_BYTES = (0, 1, 2, 3, 4, 6, 8, 8, 0, 0)
_UNREADABLE = (IndexError, struct.error, ValueError, ChunkDamaged)


class CarvedChunk(NamedTuple):
    """A chunk that was found whole.

    Attributes:
        row: the number of its row.
    """

    row: int
    written: WrittenChunk


def carve(database: Path) -> Iterator[CarvedChunk]:
    """Yield every chunk that can be read, each once."""
    pages = _Pages(database)
    seen: set[tuple[int, bytes]] = set()
    for page in pages.all():
        for row, payload in _cells(page, pages):
            blob = _blob_in(payload)
            if blob is None or (row, blob[:CHECKED_FROM]) in seen:
                continue
            seen.add((row, blob[:CHECKED_FROM]))
            yield CarvedChunk(row, decode(blob))


class _Pages:
    """The pages of a database and of its WAL."""

    def __init__(self, database: Path) -> None:
        self._file = database.read_bytes()
        wal = database.with_name(database.name + "-wal")
        self._wal = wal.read_bytes() if wal.exists() else b""
        self._page_bytes = self._found_page_bytes()
        self._frame_bytes = _FRAME_HEADER_BYTES + self._page_bytes
        self._in_wal = dict(self._frames())
        self.usable_bytes = self._page_bytes

    def _found_page_bytes(self) -> int:
        for header, layout, at in ((self._file, ">H", 16), (self._wal, ">I", 8)):
            if len(header) >= at + struct.calcsize(layout):
                (found,) = struct.unpack_from(layout, header, at)
                if found in _PAGE_SIZES or found == 1:
                    return 1 << 16 if found == 1 else int(found)
        return PAGE_BYTES

    def _frames(self) -> Iterator[tuple[int, int]]:
        """Yield of each frame the number of its page and where that begins; later ones count."""
        last = len(self._wal) - self._frame_bytes
        for at in range(_WAL_HEADER_BYTES, last + 1, self._frame_bytes):
            (number,) = struct.unpack_from(">I", self._wal, at)
            yield number, at + _FRAME_HEADER_BYTES

    def all(self) -> Iterator[bytes]:
        """Yield the content of every page, each version of it."""
        yield self._file[_FILE_HEADER_BYTES : self._page_bytes]
        for at in range(self._page_bytes, len(self._file), self._page_bytes):
            yield self._file[at : at + self._page_bytes]
        for number, at in self._frames():
            skipped = _FILE_HEADER_BYTES if number == 1 else 0
            yield self._wal[at + skipped : at + self._page_bytes]

    def page(self, number: int) -> bytes:
        """Return the newest version of a page."""
        if number in self._in_wal:
            at = self._in_wal[number]
            return self._wal[at : at + self._page_bytes]
        at = (number - 1) * self._page_bytes
        return self._file[at : at + self._page_bytes]


def _cells(page: bytes, pages: _Pages) -> Iterator[tuple[int, bytes]]:
    """Yield row number and payload of each cell of a leaf page that can be read."""
    if len(page) < _PAGE_HEADER_BYTES or page[0] != _TABLE_LEAF:
        return
    # Offsets count from the start of the page, of which the first has the file's header before it.
    start = len(page) - pages.usable_bytes
    (count,) = struct.unpack_from(">H", page, 3)
    for index in range(count):
        try:
            (at,) = struct.unpack_from(">H", page, _PAGE_HEADER_BYTES + 2 * index)
            size, at = _varint(page, at + start)
            row, at = _varint(page, at)
            yield row, _payload(page, at, size, pages)
        except _UNREADABLE:
            continue


def _payload(page: bytes, at: int, size: int, pages: _Pages) -> bytes:
    """Return a payload, which may go on in overflow pages."""
    usable = pages.usable_bytes
    if size <= usable - 35:
        return page[at : at + size]
    least = (usable - 12) * 32 // 255 - 23
    local = least + (size - least) % (usable - 4)
    local = local if local <= usable - 35 else least
    parts = [page[at : at + local]]
    (following,) = struct.unpack_from(">I", page, at + local)
    left = size - local
    while left > 0:
        overflow = pages.page(following)
        (following,) = struct.unpack_from(">I", overflow)
        parts.append(overflow[4 : 4 + min(left, usable - 4)])
        left -= usable - 4
    return b"".join(parts)


def _blob_in(payload: bytes) -> bytes | None:
    """Return the chunk among the columns of a row; None where there is none, or it is damaged."""
    try:
        end, at = _varint(payload, 0)
        content = end
        while at < end:
            kind, at = _varint(payload, at)
            size = _INTEGER_BYTES[kind] if kind < _FIRST_BLOB_TYPE else (kind - 12) // 2
            column = payload[content : content + size]
            if column.startswith(MAGICS):
                decode(column)
                return column
            content += size
    except _UNREADABLE:
        return None
    return None


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """Return a number of 1 to 9 bytes, and where the next byte is."""
    value = 0
    for length in range(8):
        byte = data[at + length]
        value = value << 7 | byte & ~_MORE
        if not byte & _MORE:
            return value, at + length + 1
    return value << 8 | data[at + 8], at + 9
