from collections.abc import Sequence

import pytest
from personalize_gateway.v1.ingest_service_pb2 import IngestRecord

from gateway.importing.row import Problem, Row
from gateway.importing.tally import Tally
from gateway.importing.window import Settled

SENT = Row(3, (), IngestRecord())
NOT_SENT = Row(4, ())


class Kept:
    """A file of refused rows in memory, or one that cannot be written."""

    def __init__(self, *, full: bool = False) -> None:
        self.rows: list[tuple[int, int]] = []
        self._full = full

    def write(self, row: Row, problems: Sequence[Problem]) -> None:
        if self._full:
            raise OSError(28, "No space left on device")
        self.rows.append((row.line, len(problems)))

    def close(self) -> None:
        pass


def test_refused_rows_are_counted_and_written() -> None:
    """A rule counts once for each row, however often the row breaks it."""
    kept = Kept()
    tally = Tally(kept)
    finite, pattern = Problem("a", "FINITE", ""), Problem("b", "PATTERN", "")
    tally.add(Settled(5, []))
    tally.add(Settled(4, [(SENT, [pattern, finite, finite]), (NOT_SENT, [finite])]))
    assert (tally.rows, tally.accepted, tally.refused, tally.not_sent) == (9, 7, 2, 1)
    assert [*tally.rules.items()] == [("FINITE", 2), ("PATTERN", 1)]
    assert kept.rows == [(3, 3), (4, 1)]


def test_batch_whose_refused_rows_cannot_be_written_does_not_count() -> None:
    """It is sent again when the import goes on, and nothing is lost."""
    tally = Tally(Kept(full=True))
    with pytest.raises(OSError, match="No space"):
        tally.add(Settled(4, [(SENT, [])]))
    assert (tally.rows, tally.refused) == (0, 0)
