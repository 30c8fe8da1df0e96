"""A disk without room: nothing is lost, nothing is half there, and it goes on by itself."""

import asyncio
import contextlib
from pathlib import Path

import pytest

from gateway.outbox.commit_queue import WriterSettings
from gateway.outbox.interface import OutboxUnavailable, RecordRef, Settlement
from gateway.outbox.reader import ReaderSettings
from gateway.outbox.sqlite import SqliteOutbox
from gateway.records import Chunk, Kind, Lane, Record

LANE = Lane("shop", Kind.ITEMS)
WRITING = WriterSettings(linger_s=0.0, segment_bytes=2 << 20, probe_interval_s=0.05)


def _chunk(name: str) -> Chunk:
    return Chunk(LANE, "web", "route", (Record(name, b"x" * 60_000),))


async def _fill(outbox: SqliteOutbox) -> list[str]:
    """Append until the disk is full; return what was answered."""
    answered: list[str] = []
    while len(answered) < 1000:
        try:
            await outbox.append([_chunk(str(len(answered)))])
        except OutboxUnavailable:
            return answered
        answered.append(str(len(answered)))
    pytest.fail("the disk is not full")


async def _ids(outbox: SqliteOutbox) -> list[str]:
    await outbox.lanes()
    stored = await outbox.read(LANE, after=None, max_records=10_000, max_bytes=1 << 30)
    return [one.chunk.records[0].record_id for one in stored]


async def _healthy(outbox: SqliteOutbox) -> None:
    async with asyncio.timeout(60):
        while outbox.writer.unhealthy:  # noqa: ASYNC110 - a thread sets it
            await asyncio.sleep(0.01)


async def test_a_disk_that_the_outbox_has_filled_is_drained(small_disk: Path) -> None:
    """What was answered is there, delivery can note what it delivers, appends are taken again."""
    outbox = SqliteOutbox.open(small_disk / "outbox", {}, WRITING, ReaderSettings(linger_s=0.0))
    answered = await _fill(outbox)
    assert len(answered) > 20
    assert await _ids(outbox) == answered
    stored = await outbox.read(LANE, after=None, max_records=10_000, max_bytes=1 << 30)
    for one in stored:
        await outbox.settle([Settlement(RecordRef(one.position, 0))])
    await outbox.reader._run(outbox.reader._store.tidy)
    await _healthy(outbox)
    await outbox.append([_chunk("after")])
    assert await _ids(outbox) == ["after"]
    await outbox.close()


async def test_a_full_disk_loses_nothing_over_a_restart(small_disk: Path) -> None:
    """What was answered is there after it; what was not is not."""
    outbox = SqliteOutbox.open(small_disk / "outbox", {}, WRITING)
    answered = await _fill(outbox)
    await outbox.close()
    outbox = SqliteOutbox.open(small_disk / "outbox", {}, WRITING)
    assert await _ids(outbox) == answered
    await outbox.close()


async def test_room_that_others_make_is_used(small_disk: Path) -> None:
    """The disk is full of somebody else's files, and then it is not."""
    outbox = SqliteOutbox.open(small_disk / "outbox", {}, WRITING)
    other = small_disk / "other"
    with contextlib.suppress(OSError), other.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(1 << 16))
    answered = await _fill(outbox)
    assert outbox.writer.unhealthy
    other.unlink()
    await _healthy(outbox)
    await outbox.append([_chunk("after")])
    assert await _ids(outbox) == [*answered, "after"]
    await outbox.close()
