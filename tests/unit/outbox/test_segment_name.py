"""Names of segments, and the places in them that positions mean."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.outbox.segment_name import Place, SegmentName

NAMES = st.builds(SegmentName, st.integers(1, 1 << 40), st.integers(0, 63), st.integers(1, 1 << 30))


@given(NAMES)
def test_a_file_name_says_the_name(name: SegmentName) -> None:
    """Written and read, it is the same."""
    assert SegmentName.of_file(name.file_name) == name


@pytest.mark.parametrize(
    "file_name",
    ["ingest-1-2-3.segment-wal", "ingest-1-2.segment", "delivery.db", "ingest-1-2-3.segment.new"],
)
def test_other_files_are_no_segments(file_name: str) -> None:
    """Neither what SQLite keeps beside a segment, nor one that is being made."""
    assert SegmentName.of_file(file_name) is None


@given(NAMES, st.integers(1, (1 << 32) - 1), st.integers(0, 1 << 62))
def test_a_position_means_a_place(name: SegmentName, row: int, stamp_ns: int) -> None:
    """No map is needed from one to the other."""
    place = Place(name, row)
    assert Place.of(place.position(stamp_ns, 3)) == place


@given(NAMES, st.integers(1, 1 << 31), st.integers(1, 1 << 31))
def test_positions_of_one_moment_rise_with_segment_and_row(
    name: SegmentName, row: int, other: int
) -> None:
    """Two chunks of a writer with the same stamp are told apart in the order of writing."""
    following = name._replace(number=name.number + 1)
    assert name.position(row, 5, 1) < following.position(other, 5, 1)
    assert (name.position(row, 5, 1) < name.position(other, 5, 1)) == (row < other)
