"""Rows of text in columns, for people and for programs that read lines."""

from collections.abc import Iterator, Sequence

NOTHING = "-"
"""Stands in a cell that has nothing to say, so that programs find the columns."""


def lines_of(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield rows as lines, the first being the headings.

    A line is as long as it is: whoever copies a name, an ID or an ARN wants it whole.
    """
    shown = [[cell or NOTHING for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    for row in shown:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(cells).rstrip()
