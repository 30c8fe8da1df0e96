"""The bits of done rows say what a set would."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.outbox.progress import PAGE_ROWS, DoneRows

ROWS = st.integers(1, 3 * PAGE_ROWS)


@given(st.lists(st.sets(ROWS, max_size=20), max_size=5), st.sets(ROWS, max_size=20))
def test_done_rows_are_a_set(steps: list[set[int]], others: set[int]) -> None:
    """Rows are done once they were in a replaced page, and after being kept and read again."""
    done, model = DoneRows(), set[int]()
    kept: dict[int, bytes] = {}
    for rows in steps:
        pages = done.with_rows(rows)
        assert all(row not in done for row in rows - model)
        done.replace(pages)
        kept.update(pages)
        model |= rows
    again = DoneRows(kept)
    for row in model | others:
        assert (row in done, row in again) == (row in model,) * 2


@given(st.sets(ROWS, max_size=20), st.sets(ROWS, max_size=20))
def test_all_but_some_rows_are_done(rows: set[int], others: set[int]) -> None:
    """What is not among them is done, however far away."""
    done = DoneRows.all_but(rows)
    assert {row for row in rows | others if row not in done} == rows


def test_open_rows_are_those_that_are_not_done() -> None:
    """From the first to the last, both included."""
    done = DoneRows()
    done.replace(done.with_rows([1, 3, 4]))
    assert done.open_rows(6) == [2, 5, 6]
