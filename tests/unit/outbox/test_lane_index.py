"""The index of a lane against a plain list."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.outbox.interface import Position
from gateway.outbox.lane_index import LaneIndex


def _position(key: int) -> Position:
    return Position((1, key), 0, key)


@given(st.lists(st.integers(0, 2), max_size=60), st.randoms(use_true_random=False))
def test_what_is_open_is_found_in_order(steps: list[int], random: object) -> None:
    """Adding, reading on and settling in any order: nothing open is passed over or found twice."""
    del random
    index, done, added = LaneIndex(), set[int](), 0
    read: list[int] = []
    for step in steps:
        if step == 0:
            for _ in range(400):
                index.add(added)
                added += 1
        elif step == 1 and added:
            place = index.place_after(_position(read[-1]), read[-1]) if read else 0
            assert place is not None
            for at, key in enumerate(index.keys(place, 300), place + 1):
                if key not in done:
                    read.append(key)
                    index.read_to(_position(key), at)
        else:
            settled = [key for key in read if key not in done][::-2]
            done.update(settled)
            index.settled(len(settled), lambda keys: [key for key in keys if key not in done])
    assert read == list(range(len(read)))
    assert index.open == added - len(done)
    left = [key for key in index.keys(0, len(index)) if key not in done]
    assert left == [key for key in range(added) if key not in done]
    assert len(index) <= 2 * index.open + 1024 + 400


def test_a_chunk_that_is_gone_has_no_place() -> None:
    """Who asks for it has to look at positions; so with a chunk whose segment is gone."""
    index = LaneIndex()
    index.add(7)
    assert index.place_after(_position(7), 7) == 1
    assert index.place_after(_position(8), 8) is None
    assert index.place_after(_position(8), None) is None


def test_reading_to_the_end_is_known() -> None:
    """Only after the last chunk that was read, and until another comes."""
    index = LaneIndex()
    index.add(1)
    index.read_to(_position(1), 1)
    assert index.is_read(_position(1))
    assert not index.is_read(_position(0))
    index.add(2)
    assert not index.is_read(_position(1))
