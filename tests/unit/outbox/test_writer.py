"""The side of ingest: groups, segments, budgets, and a disk that does not take what it is given."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import pytest

from gateway.outbox import reserve, segment, segment_store, writer
from gateway.outbox.claim import Claim
from gateway.outbox.commit_queue import WriterSettings
from gateway.outbox.interface import (
    BudgetExhausted,
    OutboxUnavailable,
    Position,
    StoredChunk,
)
from gateway.outbox.link_client import LinkClient
from gateway.outbox.outcome_link import RemoteOutcomes
from gateway.outbox.reader import SqliteReader
from gateway.outbox.segment import ChunkRow, SegmentWriter
from gateway.outbox.unusable import OutboxInUse, OutboxUnusable
from gateway.outbox.writer import SqliteWriter
from gateway.records import Chunk, Kind, Lane, Record

ITEMS = Lane("shop", Kind.ITEMS)
PATIENT = WriterSettings(linger_s=60.0, pause_s=60.0)
FULL = sqlite3.OperationalError("database or disk is full")


@asynccontextmanager
async def _writing(
    claim: Claim, slot: int = 0, settings: WriterSettings | None = None, **budgets: int
) -> AsyncIterator[SqliteWriter]:
    nobody = RemoteOutcomes(LinkClient("nowhere"))  # nobody asks
    opened = SqliteWriter.open(claim.path, slot, budgets, nobody, settings)
    try:
        yield opened
    finally:
        await opened.close()


async def _read(claim: Claim) -> list[StoredChunk]:
    reader = SqliteReader.open(claim.path)
    try:
        await reader.lanes()
        return await reader.read(ITEMS, after=None, max_records=10_000, max_bytes=1 << 30)
    finally:
        await reader.close()


async def _ids(claim: Claim) -> list[str]:
    return [one.chunk.records[0].record_id for one in await _read(claim)]


def _segments(claim: Claim) -> list[str]:
    return sorted(path.name for path in claim.path.glob("*.segment"))


@pytest.fixture
def commits(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return how many chunks each commit wrote, as it grows."""
    sizes: list[int] = []
    append = SegmentWriter.append

    def counting(writing: SegmentWriter, rows: Sequence[ChunkRow]) -> None:
        written = list(rows)
        append(writing, written)
        sizes.append(len(written))

    monkeypatch.setattr(SegmentWriter, "append", counting)
    return sizes


async def test_appends_share_a_commit(
    claim: Claim, chunk: Callable[..., Chunk], commits: list[int]
) -> None:
    """All that come while the first lingers are written with it."""
    async with _writing(claim, settings=WriterSettings(linger_s=0.05)) as writing:
        await asyncio.gather(*(writing.append([chunk(str(i))]) for i in range(50)))
    assert commits == [50]
    assert await _ids(claim) == [str(i) for i in range(50)]


@pytest.mark.parametrize("limit", [{"group_chunks": 2}, {"group_bytes": 200}])
async def test_a_full_group_does_not_wait(
    claim: Claim, chunk: Callable[..., Chunk], commits: list[int], limit: dict[str, int]
) -> None:
    """A group is committed when it has reached either limit, whatever the linger."""
    async with _writing(claim, settings=replace(PATIENT, **limit)) as writing:
        stored = [writing.append([chunk(str(i))]) for i in range(5)]
        await asyncio.gather(*stored[:4])
        assert not stored[4].done()
    assert commits == [2, 2, 1]


async def test_a_group_goes_once_nothing_joins_it(
    claim: Claim, chunk: Callable[..., Chunk], commits: list[int]
) -> None:
    """One that is alone does not wait the whole linger."""
    settings = WriterSettings(linger_s=60.0, pause_s=0.001)
    async with _writing(claim, settings=settings) as writing:
        await writing.append([chunk("a")])
    assert commits == [1]


async def test_a_group_goes_after_the_linger_though_others_join(
    claim: Claim, chunk: Callable[..., Chunk]
) -> None:
    """Who comes all the time does not hold back the first."""
    settings = WriterSettings(linger_s=0.01, pause_s=0.005)
    async with _writing(claim, settings=settings) as writing:
        first = writing.append([chunk("first")])
        others: list[asyncio.Future[tuple[Position, ...]]] = []
        async with asyncio.timeout(60):
            while not first.done():
                others.append(writing.append([chunk(str(len(others)))]))
                await asyncio.sleep(0)
        await asyncio.gather(*others)


async def test_a_group_of_many_chunks_is_one_commit(
    claim: Claim, chunk: Callable[..., Chunk], commits: list[int]
) -> None:
    """It takes several statements; all rows are there, in order."""
    async with _writing(claim, settings=replace(PATIENT, group_chunks=150)) as writing:
        await asyncio.gather(*(writing.append([chunk(str(i))]) for i in range(150)))
    assert commits == [150]
    assert await _ids(claim) == [str(i) for i in range(150)]


async def test_what_was_admitted_is_written_at_the_end(
    claim: Claim, chunk: Callable[..., Chunk]
) -> None:
    """Closing does not wait for the linger, and answers."""
    async with _writing(claim, settings=PATIENT) as writing:
        stored = writing.append([chunk("a")])
    assert stored.done()
    assert [one.position for one in await _read(claim)] == list(stored.result())


async def test_a_full_segment_is_followed_by_the_next(
    claim: Claim, chunk: Callable[..., Chunk]
) -> None:
    """Chunks go on in order through as many segments as they need."""
    async with _writing(claim, settings=WriterSettings(segment_bytes=1000)) as writing:
        await asyncio.gather(*(writing.append([chunk(str(i), size_bytes=200)]) for i in range(20)))
    assert len(_segments(claim)) == 5
    assert await _ids(claim) == [str(i) for i in range(20)]


async def test_a_segment_whose_wal_is_full_is_followed_by_the_next(
    claim: Claim, chunk: Callable[..., Chunk]
) -> None:
    """Every commit writes pages, however little is in them."""
    async with _writing(claim, settings=WriterSettings(segment_bytes=50_000)) as writing:
        for i in range(20):
            await writing.append([chunk(str(i))])
    assert len(_segments(claim)) > 1
    assert await _ids(claim) == [str(i) for i in range(20)]


async def test_a_request_without_chunks_is_stored_at_once(claim: Claim) -> None:
    """There is nothing to wait for."""
    async with _writing(claim, settings=PATIENT) as writing:
        assert await writing.append([]) == ()


async def test_a_chunk_without_records_is_a_mistake(claim: Claim) -> None:
    """It would never be settled."""
    async with _writing(claim) as writing:
        with pytest.raises(ValueError, match="without records"):
            await writing.append([Chunk(ITEMS, "web", "route", ())])


async def test_what_cannot_be_encoded_is_not_admitted(
    claim: Claim, chunk: Callable[..., Chunk]
) -> None:
    """An error of the caller's leaves neither a gap in the rows nor bytes in the budget."""
    bad = Chunk(ITEMS, "\ud800", "route", (Record("x", b"{}"),))
    async with _writing(claim) as writing:
        with pytest.raises(UnicodeEncodeError):
            await writing.append([chunk("x"), bad])
        await writing.append([chunk("a")])
        assert claim.used_bytes("shop") == chunk("a").size_bytes
    assert await _ids(claim) == ["a"]


async def _healthy(writing: SqliteWriter) -> None:
    async with asyncio.timeout(60):
        while writing.unhealthy:  # noqa: ASYNC110 - a thread sets it
            await asyncio.sleep(0.001)


class Disk:
    """A disk that can be told to fail: the next so many writes of rows, and all of a probe."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.failures = 0
        self.full = False
        self.erased = 0
        self._append, self._erase = SegmentWriter.append, SegmentWriter.erase
        self._fill = reserve.fill
        disk = self

        def append(writing: SegmentWriter, rows: Sequence[ChunkRow]) -> None:
            if disk.failures or disk.full:
                disk.failures = max(0, disk.failures - 1)
                raise FULL
            disk._append(writing, rows)

        def erase(writing: SegmentWriter) -> None:
            disk.erased += 1
            disk._erase(writing)

        monkeypatch.setattr(SegmentWriter, "append", append)
        monkeypatch.setattr(SegmentWriter, "erase", erase)
        monkeypatch.setattr(segment_store, "fill", self.fill)

    def fill(self, path: Path, size_bytes: int) -> None:
        if self.full:
            raise OSError(28, "No space left on device")
        self._fill(path, size_bytes)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    """Return a disk that works until it is told otherwise."""
    return Disk(monkeypatch)


async def test_a_group_that_cannot_be_written_is_refused_whole(
    claim: Claim, chunk: Callable[..., Chunk], disk: Disk
) -> None:
    """All of it and all that waits behind; the budget has it back; afterwards it goes on."""
    settings = WriterSettings(linger_s=0.01, group_chunks=2)
    async with _writing(claim, settings=settings, shop=1 << 20) as writing:
        await writing.append([chunk("before")])
        disk.failures = 1
        failed = [writing.append([chunk(str(i))]) for i in range(5)]
        errors = await asyncio.gather(*failed, return_exceptions=True)
        assert [type(error) for error in errors] == [OutboxUnavailable] * 5
        assert claim.used_bytes("shop") == chunk("before").size_bytes
        await _healthy(writing)
        await writing.append([chunk("after")])
    assert disk.erased == 1
    assert await _ids(claim) == ["before", "after"]
    assert len(_segments(claim)) == 2


async def test_an_error_that_nobody_foresaw_refuses_a_group_like_any_other(
    claim: Claim, chunk: Callable[..., Chunk], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for ever, and the next segment is tried."""

    def broken(_: SegmentWriter, __: Sequence[ChunkRow]) -> NoReturn:
        raise ZeroDivisionError

    async with _writing(claim) as writing:
        with monkeypatch.context() as patched:
            patched.setattr(SegmentWriter, "append", broken)
            with pytest.raises(OutboxUnavailable, match="ZeroDivisionError"):
                await writing.append([chunk("a")])
        await _healthy(writing)
        await writing.append([chunk("b")])
    assert await _ids(claim) == ["b"]


async def test_what_is_written_is_answered_whatever_happens_to_the_file_then(
    claim: Claim, chunk: Callable[..., Chunk], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A WAL whose size cannot be asked for is followed by the next."""

    def gone(_: SegmentWriter) -> int:
        raise FileNotFoundError

    async with _writing(claim) as writing:
        monkeypatch.setattr(SegmentWriter, "wal_bytes", property(gone))
        for name in "ab":
            await writing.append([chunk(name)])
    assert await _ids(claim) == ["a", "b"]
    assert len(_segments(claim)) == 2


async def test_a_full_disk_is_probed_until_it_is_not(
    claim: Claim, chunk: Callable[..., Chunk], disk: Disk
) -> None:
    """Meanwhile appends are refused at once, and say why."""
    async with _writing(claim, settings=WriterSettings(probe_interval_s=0.01)) as writing:
        disk.full = True
        with pytest.raises(OutboxUnavailable, match="disk is full"):
            await writing.append([chunk("a")])
        assert writing.unhealthy == "the outbox cannot be written: database or disk is full"
        refused = writing.append([chunk("b")])
        assert refused.done()
        assert isinstance(refused.exception(), OutboxUnavailable)
        disk.full = False
        await _healthy(writing)
        await writing.append([chunk("c")])
    assert await _ids(claim) == ["c"]


async def test_a_disk_that_is_full_at_the_start_is_no_error(
    claim: Claim, chunk: Callable[..., Chunk], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process starts, is not healthy, and becomes so."""
    create = segment.create
    full = True

    def creating(path: Path) -> None:
        if full:
            raise FULL
        create(path)

    monkeypatch.setattr(segment, "create", creating)
    async with _writing(claim, settings=WriterSettings(probe_interval_s=0.01)) as writing:
        assert writing.unhealthy
        full = False
        await _healthy(writing)
        await writing.append([chunk("a")])
    assert await _ids(claim) == ["a"]


async def test_a_caller_that_gave_up_disturbs_nobody(
    claim: Claim, chunk: Callable[..., Chunk]
) -> None:
    """Others of its group are answered; its chunk may be stored."""
    async with _writing(claim, settings=WriterSettings(linger_s=0.02)) as writing:
        first, second = writing.append([chunk("a")]), writing.append([chunk("b")])
        first.cancel()
        await second
    assert await _ids(claim) == ["a", "b"]


async def test_budgets_hold_across_processes(claim: Claim, chunk: Callable[..., Chunk]) -> None:
    """What one process admitted counts for the other, from the call on."""
    size = chunk("a").size_bytes
    async with (
        _writing(claim, 0, PATIENT, shop=2 * size) as one,
        _writing(claim, 1, PATIENT, shop=2 * size) as other,
    ):
        stored = [one.append([chunk("a")]), other.append([chunk("b")])]
        with pytest.raises(BudgetExhausted):
            await one.append([chunk("c")])
        other.replace_budgets({"shop": 3 * size})
        stored.append(other.append([chunk("c")]))
    await asyncio.gather(*stored)
    assert claim.used_bytes("shop") == 3 * size


async def test_a_successor_gives_back_what_was_never_written(
    claim: Claim, chunk: Callable[..., Chunk]
) -> None:
    """What a process had admitted when it was killed does not fill the budget."""
    async with _writing(claim) as writing:
        await writing.append([chunk("a")])
        writing._slot.admit(0, 1000)
    async with _writing(claim) as writing:
        assert claim.used_bytes("shop") == chunk("a").size_bytes
        await writing.append([chunk("b")])
    assert await _ids(claim) == ["a", "b"]
    assert _segments(claim) == ["ingest-1-0-1.segment", "ingest-1-0-2.segment"]


async def test_a_slot_is_one_process_s(claim: Claim, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second one waits for the first to end, and then gives up."""
    monkeypatch.setattr(writer, "_PREDECESSOR_S", 0.0)
    async with _writing(claim):
        with pytest.raises(OutboxInUse, match="process"):
            await _writing(claim).__aenter__()


async def test_a_directory_that_nobody_has_claimed_is_not_written(tmp_path: Path) -> None:
    """Without the claim there is no memory to share."""
    claim = Claim.take(tmp_path)
    claim.close()
    with pytest.raises(OutboxUnusable, match="claimed"):
        await _writing(claim).__aenter__()
    Claim.take(tmp_path).close()
