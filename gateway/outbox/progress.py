"""How far chunks have come: of each record what became of it, of each segment what is done."""

from collections.abc import Iterable, Mapping
from enum import IntEnum

PAGE_ROWS = 4096
_PAGE_BYTES = PAGE_ROWS // 8


class State(IntEnum):
    """What became of a record, as the byte that is stored. All but PENDING are final."""

    PENDING = 0
    DELIVERED = 1
    SUPERSEDED = 2
    DEAD_LETTERED = 3
    DISCARDED = 4


class DoneRows:
    """Which rows of a segment are settled whole: a bit a row, kept in pages of 4096 rows.

    Args:
        pages: what was kept.
        elsewhere: whether rows of pages that were not kept are done.
    """

    def __init__(
        self, pages: Mapping[int, bytes] | None = None, *, elsewhere: bool = False
    ) -> None:
        self._pages = {number: bytearray(bits) for number, bits in (pages or {}).items()}
        self._blank = (b"\xff" if elsewhere else b"\0") * _PAGE_BYTES

    def __contains__(self, row: int) -> bool:
        page = self._pages.get(row // PAGE_ROWS, self._blank)
        return bool(page[row % PAGE_ROWS >> 3] >> (row & 7) & 1)

    def with_rows(self, rows: Iterable[int]) -> dict[int, bytes]:
        """Return the pages that change when rows are done, as they are then. Changes nothing."""
        changed: dict[int, bytearray] = {}
        for row in rows:
            number = row // PAGE_ROWS
            if number not in changed:
                changed[number] = bytearray(self._pages.get(number, self._blank))
            changed[number][row % PAGE_ROWS >> 3] |= 1 << (row & 7)
        return {number: bytes(bits) for number, bits in changed.items()}

    def replace(self, pages: Mapping[int, bytes]) -> None:
        """Take pages in place of those that are there."""
        self._pages.update((number, bytearray(bits)) for number, bits in pages.items())

    def open_rows(self, last: int) -> list[int]:
        """Return the rows that are not done, from 1 to the last."""
        return [row for row in range(1, last + 1) if row not in self]

    @classmethod
    def all_but(cls, rows: Iterable[int]) -> "DoneRows":
        """Return that every row is done but these."""
        done = cls(elsewhere=True)
        for row in rows:
            page = done._pages.setdefault(row // PAGE_ROWS, bytearray(done._blank))
            page[row % PAGE_ROWS >> 3] &= ~(1 << (row & 7))
        return done
