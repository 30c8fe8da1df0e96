import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.importing.csv_rows import NOT_UTF8, RawRow, read_rows


def rows_of(text: str) -> list[RawRow]:
    """Return the rows of a text that was opened as files are."""
    return [*read_rows(io.StringIO(text, newline=""))]


cells = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
tables = st.lists(st.lists(cells, min_size=2, max_size=4).filter(any), max_size=8)


@given(tables, st.sampled_from(["\n", "\r\n"]))
def test_what_a_csv_writer_writes_is_read(table: list[list[str]], end: str) -> None:
    """Each row has its cells, and the number of the line at which it begins."""
    text = io.StringIO(newline="")
    lines = []
    for row in table:
        lines.append(1 + len([*io.StringIO(text.getvalue(), newline="")]))
        csv.writer(text, lineterminator=end, quoting=csv.QUOTE_ALL).writerow(row)
    found = rows_of(text.getvalue())
    assert [row.cells for row in found] == table
    assert [row.line for row in found] == lines
    assert "".join(row.text for row in found) == text.getvalue()


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_end_of_line_is_one(end: str) -> None:
    """Empty lines are no rows, but they count."""
    text = end.join(["a,b", "", '"c', 'd",e', "f,g"])
    assert [(row.line, row.cells) for row in rows_of(text)] == [
        (1, ["a", "b"]),
        (3, [f"c{end}d", "e"]),
        (5, ["f", "g"]),
    ]


def test_quote_that_nothing_closes_costs_its_own_row_alone() -> None:
    """Reading begins anew at the line after it, whether the file ends or another quote comes."""
    text = 'a,b\nc,"d\ne,f\n"g",h\ni,"j\nk,l\n'
    assert [(row.line, row.cells, bool(row.fault)) for row in rows_of(text)] == [
        (1, ["a", "b"], False),
        (2, (), True),
        (3, ["e", "f"], False),
        (4, ["g", "h"], False),
        (5, (), True),
        (6, ["k", "l"], False),
    ]


def test_cell_beyond_the_limit_costs_its_own_row_alone() -> None:
    """An open quote in a long file does not swallow it."""
    after = "x,y\n" * 50_000
    found = rows_of(f'a,"b\n{after}')
    assert [found[0].line, found[0].text, len(found)] == [1, 'a,"b\n', 50_001]
    assert "larger than field limit" in found[0].fault


def test_bytes_that_are_not_utf8_come_through() -> None:
    """They are a fault of their row, whose text can be written as it was."""
    text = b"a,b\n\xffc,d\n\xc3\xa4,f\n".decode(errors="surrogateescape")
    found = rows_of(text)
    assert [row.fault for row in found] == ["", NOT_UTF8, ""]
    assert found[1].text.encode(errors="surrogateescape") == b"\xffc,d\n"
