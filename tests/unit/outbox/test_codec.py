"""A chunk survives being written down, and a blob shows what happened to it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.outbox.codec import ChunkDamaged, WrittenChunk, check, decode, encode
from gateway.records import Chunk, Kind, Lane, Origin, Record

WORDS = st.text(max_size=12)
NUMBERS = st.integers(0, (1 << 63) - 1)
RECORDS = st.builds(Record, WORDS, st.binary(max_size=40), WORDS, st.none() | WORDS)
CHUNKS = st.builds(
    Chunk,
    st.builds(Lane, WORDS, st.sampled_from(Kind)),
    WORDS,
    WORDS,
    st.lists(RECORDS, min_size=1, max_size=12).map(tuple),
    WORDS,
)
UINTS = st.integers(0, (1 << 32) - 1)
ORIGINS = st.builds(Origin, NUMBERS, NUMBERS, UINTS, NUMBERS, UINTS)
REPLAYS = st.builds(replace, CHUNKS, origin=ORIGINS, dead_letter_id=WORDS)
ONE = Chunk(Lane("shop", Kind.ITEMS), "web", "storefront", (Record("a", b"{}"),))


@given(CHUNKS | REPLAYS, NUMBERS, NUMBERS, NUMBERS)
def test_a_chunk_comes_back_with_what_was_noted(
    chunk: Chunk, boot: int, stamp_ns: int, accepted_at_ms: int
) -> None:
    """Every member is as it was, also empty, non-ASCII and absent ones."""
    blob = encode(chunk, (boot, stamp_ns), accepted_at_ms)
    assert decode(blob) == WrittenChunk((boot, stamp_ns), accepted_at_ms, chunk)
    check(blob, stamp_ns, chunk.lane, len(chunk.records), chunk.size_bytes)


@given(CHUNKS | REPLAYS, st.data())
def test_no_byte_can_change_unseen(chunk: Chunk, data: st.DataObject) -> None:
    """A blob of which one bit is another, or which was cut off, is no chunk."""
    blob = bytearray(encode(chunk, (1, 2), 3))
    at = data.draw(st.integers(0, len(blob) - 1))
    changed = bytes(blob[:at]) + bytes([blob[at] ^ 1 << at % 8]) + bytes(blob[at + 1 :])
    for broken in (changed, bytes(blob[:at])):
        with pytest.raises(ChunkDamaged):
            decode(broken)


@pytest.mark.parametrize(
    ("stamp_ns", "lane", "records", "size_bytes"),
    [
        (8, ("shop", "items"), 1, 2),
        (7, ("shop", "users"), 1, 2),
        (7, ("shopi", "tems"), 1, 2),
        (7, ("shop", "items"), 2, 2),
        (7, ("shop", "items"), 1, 3),
    ],
)
def test_columns_that_say_something_else_are_seen(
    stamp_ns: int, lane: tuple[str, str], records: int, size_bytes: int
) -> None:
    """The checksum covers the blob; the columns beside it are held against it."""
    blob = encode(ONE, (1, 7), 3)
    check(blob, 7, ("shop", "items"), 1, 2)
    with pytest.raises(ChunkDamaged):
        check(blob, stamp_ns, lane, records, size_bytes)


@pytest.mark.parametrize("blob", [None, "text", 7, b"", b"pgc"])
def test_what_is_no_blob_is_damage(blob: object) -> None:
    """A damaged row may hold anything."""
    with pytest.raises(ChunkDamaged):
        check(blob, 7, ("shop", "items"), 1, 2)


def test_a_blob_of_another_form_is_no_chunk() -> None:
    """The form is in the first bytes, and one cannot be taken for another."""
    blob = encode(ONE, (1, 2), 3)
    with pytest.raises(ChunkDamaged, match="does not begin"):
        decode(blob[:3] + b"\x03" + blob[4:])
    with pytest.raises(ChunkDamaged, match="checksum"):
        decode(blob[:3] + b"\x02" + blob[4:])


def test_what_version_1_wrote_is_read() -> None:
    """What is accepted now is written as it was then: the very bytes."""
    blob = bytes.fromhex(
        "70676301 6716acb7 0100000000000000 0200000000000000 0300000000000000 01000000 17000000"
        "04000000 05000000 03000000 0a000000 00000000 01000000 00000000 ffffffff 02000000"
        "73686f70 6974656d73 776562 73746f726566726f6e74 61 7b7d"
    )
    assert decode(blob) == WrittenChunk((1, 2), 3, ONE)
    assert encode(ONE, (1, 2), 3) == blob
