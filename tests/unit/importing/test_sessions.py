from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.importing.sessions import Moment, Sessions

GAP_S = 1800

moments = st.lists(
    st.builds(Moment, st.sampled_from(["anna", "ben", "cleo"]), st.integers(0, 20_000)), max_size=40
)


def ids_of(rows: list[Moment], gap_s: float = GAP_S) -> dict[Moment, str]:
    """Return the session of each row."""
    sessions = Sessions(gap_s)
    for row in rows:
        sessions.add(row)
    sessions.close()
    return {row: sessions.session_id(row) for row in rows}


def expected_groups(rows: list[Moment]) -> set[frozenset[Moment]]:
    """Return the rows of each session, by the definition of a session alone."""
    groups: list[list[Moment]] = []
    for _, of_user in groupby(sorted(set(rows)), key=lambda row: row.user_id):
        before: Moment | None = None
        for row in of_user:
            if before is None or row.seconds - before.seconds > GAP_S:
                groups.append([])
            groups[-1].append(row)
            before = row
    return {frozenset(group) for group in groups}


@given(moments)
def test_rows_without_a_long_gap_share_a_session(rows: list[Moment]) -> None:
    """Two rows are in one session where, and only where, no gap between them ends it."""
    by_session: dict[str, set[Moment]] = {}
    for row, session_id in ids_of(rows).items():
        by_session.setdefault(session_id, set()).add(row)
    assert {frozenset(group) for group in by_session.values()} == expected_groups(rows)


@given(moments, st.randoms())
def test_order_of_rows_does_not_matter(rows: list[Moment], random: object) -> None:
    """The same rows in another order get the same sessions."""
    shuffled = [*rows]
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis says no type
    assert ids_of(rows) == ids_of(shuffled)


@pytest.mark.parametrize(("pause_s", "sessions"), [(GAP_S, 1), (GAP_S + 1, 2)])
def test_gap_itself_does_not_end_a_session(pause_s: int, sessions: int) -> None:
    """Only a longer pause does."""
    rows = [Moment("anna", 100), Moment("anna", 100 + pause_s)]
    assert len(set(ids_of(rows).values())) == sessions


def test_session_id_is_the_same_in_every_release() -> None:
    """It decides on event IDs, so another derivation would make another import of a file."""
    assert ids_of([Moment("anna", 1787462253)]) == {
        Moment("anna", 1787462253): "7087602ec19c09f9d7b47522f1e03b9a"
    }
