"""Records that wait, made in one line."""

from collections.abc import Callable
from itertools import count

import pytest

from gateway.delivery.pending import Pending
from gateway.outbox.interface import Position, RecordRef
from gateway.records import Record

MakePending = Callable[..., Pending]


@pytest.fixture
def pending() -> MakePending:
    """Make a record that waits: its ID, its session and user, since when."""
    rows = count()

    def make(
        record_id: str,
        *,
        session: str = "",
        user: str | None = None,
        since_s: float = 0.0,
        caller: str = "web",
    ) -> Pending:
        row = next(rows)
        ref = RecordRef(Position((0, row), 0, row), 0)
        element = f"{record_id}#{row}".encode()
        return Pending(ref, Record(record_id, element, session, user), caller, "", since_s)

    return make
