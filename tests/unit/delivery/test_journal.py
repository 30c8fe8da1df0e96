"""What was in flight when the process died."""

from pathlib import Path

from gateway.delivery.journal import Journal, key
from gateway.outbox.interface import Position, RecordRef
from gateway.records import Kind, Lane

ITEMS, USERS = Lane("shop", Kind.ITEMS), Lane("shop", Kind.USERS)


def _ref(row: int) -> RecordRef:
    return RecordRef(Position((1, 10**15 + row), 2, row), row % 7)


def test_what_has_ended_is_no_suspect(tmp_path: Path) -> None:
    """A process that ends in order leaves nothing."""
    journal = Journal(tmp_path / "in-flight")
    calls = [journal.begin(ITEMS, [_ref(1), _ref(2)], 0.0), journal.begin(ITEMS, [_ref(3)], 0.0)]
    for call in calls:
        journal.end(call)
    journal.close()
    assert Journal(tmp_path / "in-flight").suspects(ITEMS) == {}


def test_an_orderly_end_is_no_crash(tmp_path: Path) -> None:
    """What was in flight is remembered, for its outcome is unknown, and held against nobody."""
    for _ in range(3):
        journal = Journal(tmp_path / "in-flight")
        journal.begin(ITEMS, [_ref(1)], 0.0)
        journal.close()
    assert Journal(tmp_path / "in-flight").suspects(ITEMS) == {key(_ref(1)): 0}


def test_each_crash_counts_for_what_was_in_flight(tmp_path: Path) -> None:
    """The counts are kept, also over a crash with other records."""
    for refs in ([_ref(1), _ref(2)], [_ref(1)], [_ref(3)]):
        journal = Journal(tmp_path / "in-flight")
        journal.begin(ITEMS, refs, 0.0)  # and the process dies
    counts = Journal(tmp_path / "in-flight").suspects(ITEMS)
    assert counts == {key(_ref(1)): 2, key(_ref(2)): 1, key(_ref(3)): 1}
    assert Journal(tmp_path / "in-flight").suspects(ITEMS) == counts


def test_beyond_the_second_a_crash_counts_only_for_what_was_in_flight_by_itself(
    tmp_path: Path,
) -> None:
    """What was there together with others may be a bystander each time."""
    for _ in range(5):
        journal = Journal(tmp_path / "in-flight")
        journal.begin(ITEMS, [_ref(1)], 0.0)
        journal.begin(USERS, [_ref(2)], 0.0)  # and the process dies
    journal = Journal(tmp_path / "in-flight")
    assert {**journal.suspects(ITEMS), **journal.suspects(USERS)} == {
        key(_ref(1)): 2,
        key(_ref(2)): 2,
    }
    for _ in range(3):
        Journal(tmp_path / "in-flight").begin(ITEMS, [_ref(1)], 0.0)
    assert Journal(tmp_path / "in-flight").suspects(ITEMS) == {key(_ref(1)): 5}


def test_what_has_returned_is_no_bystander_and_no_suspect(tmp_path: Path) -> None:
    """Its outcome is not noted yet, so it is remembered; what kills is the other one."""
    for _ in range(3):
        journal = Journal(tmp_path / "in-flight")
        journal.returned(journal.begin(USERS, [_ref(1)], 0.0))
        journal.begin(ITEMS, [_ref(2)], 0.0)  # and the process dies
    journal = Journal(tmp_path / "in-flight")
    assert journal.suspects(USERS) == {key(_ref(1)): 0}
    assert journal.suspects(ITEMS) == {key(_ref(2)): 3}


def test_more_calls_than_it_has_room_for_are_made_all_the_same(tmp_path: Path) -> None:
    """They are only not noted."""
    journal = Journal(tmp_path / "in-flight")
    calls = [journal.begin(ITEMS, [_ref(row)], 0.0) for row in range(5000)]
    assert calls.count(None) == 5000 - 4096
    journal.end(None)
    assert len(Journal(tmp_path / "in-flight").suspects(ITEMS)) == 4096


def test_what_may_still_be_taken_is_remembered_and_held_against_nobody(tmp_path: Path) -> None:
    """A call that ended without an answer, until its time is over; it was not what killed."""
    for _ in range(3):
        journal = Journal(tmp_path / "in-flight")
        for row, until_s in ((1, 10.0), (2, 11.0)):
            call = journal.begin(ITEMS, [_ref(row)], 0.0)
            journal.returned(call)
            journal.hold(call, until_s)
        journal.begin(ITEMS, [_ref(3)], 10.0)  # and the process dies
    counts = Journal(tmp_path / "in-flight").suspects(ITEMS)
    assert counts == {key(_ref(2)): 0, key(_ref(3)): 3}


def test_what_is_held_makes_room_when_its_time_is_over(tmp_path: Path) -> None:
    """A day of time-outs does not fill the journal."""
    journal = Journal(tmp_path / "in-flight")
    for row in range(10_000):
        slot = journal.begin(ITEMS, [_ref(row)], float(row))
        assert slot is not None
        journal.returned(slot)
        journal.hold(slot, row + 100.0)


def test_each_lane_has_its_own_suspects(tmp_path: Path) -> None:
    """Also after another crash, at which nothing of it was in flight."""
    journal = Journal(tmp_path / "in-flight")
    journal.begin(ITEMS, [_ref(1)], 0.0)
    journal.begin(USERS, [_ref(2)], 0.0)
    Journal(tmp_path / "in-flight").begin(USERS, [_ref(2)], 0.0)
    journal = Journal(tmp_path / "in-flight")
    assert journal.has_suspects
    assert journal.suspects(ITEMS) == {key(_ref(1)): 1}
    assert journal.suspects(USERS) == {key(_ref(2)): 2}
