"""What was in flight when the process died."""

from pathlib import Path

from gateway.delivery.journal import Journal, key
from gateway.outbox.interface import Position, RecordRef


def _ref(row: int) -> RecordRef:
    return RecordRef(Position((1, 10**15 + row), 2, row), row % 7)


def test_what_has_ended_is_no_suspect(tmp_path: Path) -> None:
    """A process that ends in order leaves nothing."""
    journal = Journal(tmp_path / "in-flight")
    calls = [journal.begin([_ref(1), _ref(2)]), journal.begin([_ref(3)])]
    for call in calls:
        journal.end(call)
    journal.close()
    assert Journal(tmp_path / "in-flight").suspects == {}


def test_an_orderly_end_is_no_crash(tmp_path: Path) -> None:
    """What was in flight is remembered, for its outcome is unknown, and held against nobody."""
    for _ in range(3):
        journal = Journal(tmp_path / "in-flight")
        journal.begin([_ref(1)])
        journal.close()
    assert Journal(tmp_path / "in-flight").suspects == {key(_ref(1)): 0}


def test_each_crash_counts_for_what_was_in_flight(tmp_path: Path) -> None:
    """The counts are kept, also over a crash with other records."""
    for refs in ([_ref(1), _ref(2)], [_ref(1)], [_ref(3)]):
        journal = Journal(tmp_path / "in-flight")
        journal.begin(refs)  # and the process dies
    counts = Journal(tmp_path / "in-flight").suspects
    assert counts == {key(_ref(1)): 2, key(_ref(2)): 1, key(_ref(3)): 1}
    assert Journal(tmp_path / "in-flight").suspects == counts


def test_more_calls_than_it_has_room_for_are_made_all_the_same(tmp_path: Path) -> None:
    """They are only not noted."""
    journal = Journal(tmp_path / "in-flight")
    calls = [journal.begin([_ref(row)]) for row in range(5000)]
    assert calls.count(None) == 5000 - 4096
    journal.end(None)
    assert len(Journal(tmp_path / "in-flight").suspects) == 4096
