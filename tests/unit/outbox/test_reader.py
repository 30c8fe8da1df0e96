"""The side of delivery: draining, copying, sharing commits, waking, and what outlives a restart."""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from gateway.outbox import backlog, draining, outcomes, queries
from gateway.outbox.changes import Changes, Removed
from gateway.outbox.claim import Claim
from gateway.outbox.commit_queue import WriterSettings
from gateway.outbox.delivery_db import DeliveryDb
from gateway.outbox.interface import (
    DELIVERED,
    PENDING,
    SUPERSEDED,
    OutboxUnavailable,
    Position,
    RecordRef,
    Settlement,
    StoredChunk,
)
from gateway.outbox.reader import ReaderSettings, SqliteReader
from gateway.outbox.segment import SegmentReader
from gateway.outbox.sqlite import SqliteOutbox
from gateway.outbox.writer import SqliteWriter
from gateway.records import Chunk, Kind, Lane

ITEMS = Lane("shop", Kind.ITEMS)
USERS = Lane("shop", Kind.USERS)

MakeChunk = Callable[..., Chunk]


def _open(path: Path, *, segment_bytes: int = 64 << 20, **reading: float) -> SqliteOutbox:
    return SqliteOutbox.open(
        path,
        {},
        WriterSettings(linger_s=0.0, segment_bytes=segment_bytes),
        ReaderSettings(**{"linger_s": 0.0, **reading}),  # type: ignore[arg-type]  # of floats
    )


async def _append(outbox: SqliteOutbox, *chunks: Chunk) -> list[Position]:
    return [(await outbox.append([chunk]))[0] for chunk in chunks]


async def _read(outbox: SqliteOutbox, lane: Lane = ITEMS) -> list[StoredChunk]:
    await outbox.lanes()
    return await outbox.read(lane, after=None, max_records=10_000, max_bytes=1 << 30)


def _ids(stored: Sequence[StoredChunk]) -> list[str]:
    return [one.chunk.records[0].record_id for one in stored]


async def _deliver(outbox: SqliteOutbox, positions: Sequence[Position]) -> None:
    await outbox.settle(
        [Settlement(RecordRef(one, index)) for one in positions for index in range(one.records)]
    )


async def _tidy(outbox: SqliteOutbox) -> None:
    for _ in range(2):  # The first looks since when a segment rests.
        await outbox.reader._run(outbox.reader._store.tidy)


def _segments(path: Path) -> list[Path]:
    return sorted(path.glob("*.segment"))


async def test_drained_segments_go(tmp_path: Path, chunk: MakeChunk) -> None:
    """All but the one that is being written; that one when the gateway has ended."""
    outbox = _open(tmp_path, segment_bytes=5_000)
    positions = await _append(outbox, *(chunk(str(i), size_bytes=1000) for i in range(20)))
    await outbox.lanes()
    assert len(_segments(tmp_path)) > 4
    await _deliver(outbox, positions)
    await outbox.lanes()
    await _tidy(outbox)
    assert len(_segments(tmp_path)) == 1
    await outbox.close()
    assert _segments(tmp_path) == []


async def test_a_parked_lane_does_not_keep_the_segments_of_others(
    tmp_path: Path, chunk: MakeChunk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its chunks are copied once, are read as before, and are gone when they are settled."""
    monkeypatch.setattr(draining, "QUIET_S", 0.0)
    outbox = _open(tmp_path, segment_bytes=50_000)
    flowing = [chunk(f"i{n}", size_bytes=5000) for n in range(60)]
    parked = [chunk(f"u{n}", f"v{n}", lane=USERS) for n in range(60)]
    positions = [
        position
        for pair in zip(flowing, parked, strict=True)
        for position in await outbox.append(pair)
    ]
    await outbox.settle([Settlement(RecordRef(positions[1], 0))])
    before = await _read(outbox, USERS)
    await _deliver(outbox, positions[::2])
    await _tidy(outbox)
    assert len(_segments(tmp_path)) == 1
    assert await _read(outbox, USERS) == before
    for _ in range(2):
        assert await outbox.outcomes_so_far([positions[1]]) == [(DELIVERED, PENDING)]
        await outbox.close()
        outbox = _open(tmp_path)
        assert await _read(outbox, USERS) == before
        assert outbox._claim.used_bytes("shop") == sum(one.chunk.size_bytes for one in before)
    await _deliver(outbox, [one.position for one in before])
    assert await outbox.lanes() == frozenset()
    await _tidy(outbox)
    await outbox.close()
    assert _segments(tmp_path) == []


async def test_disk_space_of_copied_chunks_is_given_back(
    tmp_path: Path, chunk: MakeChunk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file of notes shrinks when they are gone."""
    monkeypatch.setattr(draining, "QUIET_S", 0.0)
    outbox = _open(tmp_path, segment_bytes=1 << 20)
    chunks = [chunk(f"i{n}", size_bytes=50_000) for n in range(200)]
    positions = await _append(outbox, *chunks)
    await outbox.lanes()
    await _deliver(outbox, [one for n, one in enumerate(positions) if n % 3])
    await _tidy(outbox)
    outbox.reader._store.kept.database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    file = tmp_path / "delivery.db"
    full_bytes = file.stat().st_size
    assert full_bytes > 2_000_000
    await _deliver(outbox, positions)
    for _ in range(5):
        await _tidy(outbox)
    await outbox.close()
    assert file.stat().st_size < full_bytes / 2


async def test_a_segment_that_is_being_drained_is_not_copied(
    tmp_path: Path, chunk: MakeChunk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only one of which nothing was settled for a while is."""
    monkeypatch.setattr(draining, "QUIET_S", 600.0)
    outbox = _open(tmp_path, segment_bytes=5_000)
    pairs = [[chunk(f"{one}{n}", size_bytes=400) for one in "ab"] for n in range(20)]
    positions = [(await outbox.append(pair))[0] for pair in pairs]
    await outbox.lanes()
    await _deliver(outbox, positions)
    await _tidy(outbox)
    assert outbox.reader._store.kept.database.execute(queries.SURVIVOR_ROWS).fetchall() == []
    assert len(_segments(tmp_path)) > 10
    await outbox.close()


async def test_more_segments_are_read_than_are_open(
    tmp_path: Path, chunk: MakeChunk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a large backlog a few are open at a time, each is scanned once."""
    scanned: list[int] = []
    scan = SegmentReader.scan

    def counting(reader: SegmentReader, *arguments: int) -> list[object]:
        found = scan(reader, *arguments)
        scanned.append(len(found))
        return list(found)

    monkeypatch.setattr(SegmentReader, "scan", counting)
    outbox = _open(tmp_path, segment_bytes=10_000)
    lanes = [ITEMS, USERS]
    await _append(outbox, *(chunk(str(n), lane=lanes[n % 2], size_bytes=4_000) for n in range(120)))
    assert len(_segments(tmp_path)) > 30
    for lane, first in zip(lanes, (0, 1), strict=True):
        found: list[StoredChunk] = []
        while step := await outbox.read(
            lane, after=found[-1].position if found else None, max_records=7, max_bytes=1 << 30
        ):
            found += step
        assert _ids(found) == [str(n) for n in range(first, 120, 2)]
    assert sum(scanned) == 120
    await outbox.close()


async def test_settlements_share_a_commit(
    tmp_path: Path, chunk: MakeChunk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All calls that come while the first lingers are one transaction."""
    commits: list[int] = []
    keep = DeliveryDb.keep

    def counting(kept: DeliveryDb, changes: Changes) -> list[Removed]:
        commits.append(len(changes.outcomes))
        return keep(kept, changes)

    monkeypatch.setattr(DeliveryDb, "keep", counting)
    outbox = _open(tmp_path, linger_s=0.02)
    positions = await _append(outbox, *(chunk(str(i)) for i in range(10)))
    await asyncio.gather(*(_deliver(outbox, [one]) for one in positions))
    assert commits == [10]
    await outbox.settle([])
    await outbox.close()


async def test_settlements_that_cannot_be_written_are_not_noted(
    tmp_path: Path, chunk: MakeChunk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each call is told; the records stay, and are settled when it works again."""
    outbox = _open(tmp_path, linger_s=0.01)
    positions = await _append(outbox, chunk("a"), chunk("b"))
    before = await _read(outbox)
    used_bytes = outbox._claim.used_bytes("shop")
    with monkeypatch.context() as patched:
        full = sqlite3.OperationalError("database or disk is full")
        patched.setattr(DeliveryDb, "keep", _raising(full))
        errors = await asyncio.gather(
            *(_deliver(outbox, [one]) for one in positions), return_exceptions=True
        )
    assert [type(error) for error in errors] == [OutboxUnavailable] * 2
    assert await _read(outbox) == before
    assert await outbox.outcomes_so_far(positions) == [(PENDING,)] * 2
    assert outbox._claim.used_bytes("shop") == used_bytes
    await _deliver(outbox, positions)
    assert await outbox.outcomes(positions) == [(DELIVERED,)] * 2
    await outbox.close()


def _raising(error: Exception) -> Callable[..., None]:
    def raising(*_: object) -> None:
        raise error

    return raising


async def test_a_settlement_whose_caller_has_left_is_noted(
    tmp_path: Path, chunk: MakeChunk
) -> None:
    """The records were delivered, whoever waits."""
    outbox = _open(tmp_path, linger_s=0.01)
    (position,) = await _append(outbox, chunk("a"))
    settling = asyncio.ensure_future(_deliver(outbox, [position]))
    await asyncio.sleep(0)
    settling.cancel()
    assert await outbox.outcomes([position]) == [(DELIVERED,)]
    await outbox.close()


async def test_who_waits_for_an_outcome_ends_a_linger(tmp_path: Path, chunk: MakeChunk) -> None:
    """Also where it began before: neither news nor what is settled waits for more then."""
    outbox = _open(tmp_path, linger_s=600.0, hurried_linger_s=0.0)
    (position,) = await _append(outbox, chunk("a"))
    await outbox.appended()
    appended = asyncio.ensure_future(outbox.appended())
    settling = asyncio.ensure_future(_deliver(outbox, [position]))
    await _append(outbox, chunk("b"))
    assert (appended.done(), settling.done()) == (False, False)
    async with asyncio.timeout(60):
        assert await outbox.outcomes([position]) == [(DELIVERED,)]
        await asyncio.gather(appended, settling)
    await outbox.close()


async def test_what_is_settled_twice_counts_once(tmp_path: Path, chunk: MakeChunk) -> None:
    """In one call, in two of one commit, and after its segment is gone."""
    outbox = _open(tmp_path, linger_s=0.01)
    (position,) = await _append(outbox, chunk("a", "b"))
    first, second = (Settlement(RecordRef(position, index)) for index in range(2))
    again = Settlement(RecordRef(position, 0), superseded=True)
    await asyncio.gather(outbox.settle([first, again]), outbox.settle([again, second]))
    assert await outbox.outcomes([position]) == [(DELIVERED, DELIVERED)]
    assert outbox._claim.used_bytes("shop") == 0
    await outbox.close()
    outbox = _open(tmp_path)
    await outbox.settle([again])
    assert outbox._claim.used_bytes("shop") == 0
    assert await outbox.outcomes([position]) == [(DELIVERED, DELIVERED)]
    await outbox.close()


async def test_outcomes_outlive_a_restart(tmp_path: Path, chunk: MakeChunk) -> None:
    """Of chunks settled in part and whole, also after their segment is gone."""
    outbox = _open(tmp_path)
    part, whole = await _append(outbox, chunk("a", "b"), chunk("c"))
    await outbox.settle([Settlement(RecordRef(part, 0), superseded=True)])
    await outbox.settle([Settlement(RecordRef(whole, 0), superseded=True)])
    await outbox.close()
    outbox = _open(tmp_path)
    expected = [(SUPERSEDED, PENDING), (SUPERSEDED,)]
    assert await outbox.outcomes_so_far([part, whole]) == expected
    await outbox.close()


async def test_outcomes_are_forgotten_at_last(
    tmp_path: Path, chunk: MakeChunk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is known that the record is settled, and taken for delivered."""
    monkeypatch.setattr(outcomes.RecentOutcomes.__init__, "__defaults__", (1,))
    outbox = _open(tmp_path)
    positions = await _append(outbox, chunk("a"), chunk("b"))
    await outbox.settle([Settlement(RecordRef(one, 0), superseded=True) for one in positions])
    assert await outbox.outcomes(positions) == [(DELIVERED,), (SUPERSEDED,)]
    await outbox.close()


async def test_a_large_backlog_is_found_piece_by_piece(
    tmp_path: Path, chunk: MakeChunk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Delivery begins with the first, is told as long as there is more, and misses nothing."""
    outbox = _open(tmp_path)
    users = [chunk(f"u{n}", lane=USERS) for n in range(5)]
    await _append(outbox, *(chunk(f"i{n}") for n in range(30)), *users)
    await outbox.close()
    monkeypatch.setattr(backlog, "_SCAN_CHUNKS", 10)
    outbox = _open(tmp_path)
    assert await outbox.lanes() == {ITEMS}
    told = 0
    async with asyncio.timeout(60):
        while USERS not in await outbox.lanes():
            await outbox.appended()
            told += 1
    assert told >= 2
    assert len(await _read(outbox)) == 30
    assert _ids(await _read(outbox, USERS)) == [f"u{n}" for n in range(5)]
    await outbox.close()


async def test_lanes_are_none_only_if_none_has_a_record(
    tmp_path: Path, chunk: MakeChunk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is settled at the front of a large backlog does not make it look empty."""
    outbox = _open(tmp_path)
    positions = await _append(outbox, *(chunk(str(n)) for n in range(30)))
    await _deliver(outbox, positions[:-1])
    await outbox.close()
    monkeypatch.setattr(backlog, "_SCAN_CHUNKS", 10)
    outbox = _open(tmp_path)
    assert await outbox.lanes() == {ITEMS}
    assert _ids(await _read(outbox)) == ["29"]
    await outbox.close()


@pytest.mark.parametrize("poll_s", [600.0, 0.01])
async def test_sleeping_delivery_is_woken(
    tmp_path: Path, chunk: MakeChunk, monkeypatch: pytest.MonkeyPatch, poll_s: float
) -> None:
    """By the bell; where that is not heard, it looks from time to time."""
    outbox = _open(tmp_path, poll_s=poll_s)
    if poll_s < 1:
        monkeypatch.setattr(outbox.writer._bell, "ring", lambda: None)
    waiting = asyncio.ensure_future(outbox.appended())
    await asyncio.sleep(0.02)
    assert not waiting.done()
    await _append(outbox, chunk("a"))
    await asyncio.wait_for(waiting, 60)
    await outbox.close()


async def test_what_a_process_without_successor_left_is_read(
    tmp_path: Path, chunk: MakeChunk
) -> None:
    """The gateway is started again with fewer ingest processes."""
    claim = Claim.take(tmp_path, writers=3)
    reader = SqliteReader.open(claim.path)
    for slot in range(3):
        writer = SqliteWriter.open(claim.path, slot, {}, reader)
        await writer.append([chunk(str(slot))])
        await writer.close()
    await reader.close()
    claim.close()
    outbox = _open(tmp_path)
    await _append(outbox, chunk("3"))
    assert _ids(await _read(outbox)) == ["0", "1", "2", "3"]
    await outbox.close()


async def test_a_delivery_process_that_is_started_again_keeps_the_budget(
    claim: Claim, chunk: MakeChunk
) -> None:
    """What the one before gave back is not given back again, nor taken away."""
    size = chunk("a").size_bytes
    reader = SqliteReader.open(claim.path)
    writer = SqliteWriter.open(claim.path, 0, {}, reader)
    positions = [(await writer.append([chunk(one)]))[0] for one in "abc"]
    await reader.settle([Settlement(RecordRef(positions[0], 0))])
    await reader.close()
    reader = SqliteReader.open(claim.path)
    assert claim.used_bytes("shop") == 2 * size
    await reader.settle([Settlement(RecordRef(positions[1], 0))])
    assert claim.used_bytes("shop") == size
    await writer.close()
    await reader.close()


async def test_lane_states_are_kept(tmp_path: Path) -> None:
    """The last of each lane, over a restart."""
    outbox = _open(tmp_path)
    assert await outbox.reader.lane_states() == {}
    await outbox.reader.keep_lane_state(ITEMS, b"one")
    await outbox.reader.keep_lane_state(ITEMS, b"two")
    await outbox.reader.keep_lane_state(USERS, b"\x00")
    await outbox.close()
    outbox = _open(tmp_path)
    assert await outbox.reader.lane_states() == {ITEMS: b"two", USERS: b"\x00"}
    await outbox.close()


async def test_lane_states_that_cannot_be_kept_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was kept before still is."""
    outbox = _open(tmp_path)
    await outbox.reader.keep_lane_state(ITEMS, b"one")
    with monkeypatch.context() as patched:
        patched.setattr(DeliveryDb, "write", _raising(sqlite3.OperationalError("full")))
        with pytest.raises(OutboxUnavailable):
            await outbox.reader.keep_lane_state(ITEMS, b"two")
    assert await outbox.reader.lane_states() == {ITEMS: b"one"}
    await outbox.close()
