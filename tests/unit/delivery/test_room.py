"""Lanes share what may be held in memory."""

from collections.abc import Callable

from gateway.delivery.pending import Pending
from gateway.delivery.room import Room
from gateway.delivery.steps import LookAhead
from gateway.delivery.window import Window

MakePending = Callable[..., Pending]


def _holding(room: Room, records: list[Pending]) -> Window:
    window = Window(LookAhead())
    room.add(window)
    for one in records:
        window.hold([one])
    return window


def test_a_full_room_leaves_each_lane_a_little(pending: MakePending) -> None:
    """One that holds much waits; one that holds little reads, whoever has filled the room."""
    room = Room(max_bytes=2_000_000)
    records = [pending(str(number)) for number in range(2_000)]
    large = _holding(room, records)
    small = _holding(room, records[:1_999])
    assert (room.may_read(large), room.may_read(small)) == (False, True)
    for one in records:
        small.let_go([one]) if small.records else None
        large.let_go([one])
    assert (room.may_read(large), room.used_bytes) == (True, 0)


def test_what_a_lane_held_that_is_gone_counts_no_more(pending: MakePending) -> None:
    """A lane that is begun anew reads its records anew."""
    room = Room()
    window = _holding(room, [pending("a")])
    assert room.used_bytes > 0
    del window
    assert room.used_bytes == 0
