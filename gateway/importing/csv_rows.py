"""The rows of a CSV file with their line numbers, whatever state it is in.

A row that is malformed costs no row but itself: after a quote that nothing closes, reading begins
anew at the line after the one with the quote.
"""

import csv
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from gateway.importing.row import Cells

NOT_UTF8 = "is not UTF-8"


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row before it is known what its cells mean.

    Attributes:
        line: of the file, from 1, at which it begins.
        cells: empty where the text is no row.
        text: as it stands in the file. Bytes that are not UTF-8 are lone surrogates in it.
        fault: why it cannot be used; empty where it can.
    """

    line: int
    cells: Cells = field(repr=False)
    text: str = field(repr=False)
    fault: str = ""


def read_rows(lines: Iterable[str]) -> Iterator[RawRow]:
    """Yield the rows of a file; empty lines are none.

    Args:
        lines: with their ends, as a file opened with `newline=""` and `errors="surrogateescape"`
            has them.
    """
    source = _Lines(lines)
    reader = csv.reader(source, strict=True)
    while True:
        line = source.begin_row()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            fault = f"is no CSV (is a quote not closed?): {error}"
            yield RawRow(line, (), source.first_alone(), fault)
            continue
        if cells:
            text = source.text
            yield RawRow(line, cells, text, "" if _is_text(text) else NOT_UTF8)


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


class _Lines:
    """Lines that can be read again."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self._again: deque[str] = deque()
        self._row: list[str] = []
        self._line = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._lines)
        self._line += 1
        self._row.append(line)
        return line

    @property
    def text(self) -> str:
        """The lines of the row."""
        return "".join(self._row)

    def begin_row(self) -> int:
        """Return the number of the line that is read next, with which a row begins."""
        self._row = []
        return self._line + 1

    def first_alone(self) -> str:
        """Return the first line of the row; the others are read again."""
        first, *others = self._row
        self._again.extendleft(reversed(others))
        self._line -= len(others)
        return first
