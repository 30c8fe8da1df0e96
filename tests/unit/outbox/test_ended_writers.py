"""What a writer that was killed in a commit had written: found in its place, or never."""

import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.outbox import segment
from gateway.outbox.claim import Claim
from gateway.outbox.codec import encode
from gateway.outbox.directory import Directory
from gateway.outbox.interface import RecordRef, Settlement
from gateway.outbox.locks import FileLock
from gateway.outbox.reader import SqliteReader
from gateway.outbox.segment import ChunkRow, SegmentReader, SegmentWriter
from gateway.outbox.segment_name import SegmentName
from gateway.outbox.shared import Shared, path_for
from gateway.records import Chunk, Kind, Lane, Record

LANE = Lane("shop", Kind.ITEMS)


def _row(row: int, stamp_ns: int, record_id: str) -> ChunkRow:
    chunk = Chunk(LANE, "web", "route", (Record(record_id, b"{}"),))
    blob = encode(chunk, (1, stamp_ns), 0)
    return ChunkRow(row, stamp_ns, "shop", "items", 1, 2, blob)


# Another process, so that it can end without closing its files.
_APPENDER = """
import pickle, sys
from pathlib import Path
from gateway.outbox.segment import SegmentWriter
writer = SegmentWriter(Path(sys.argv[1]))
print(flush=True)
while True:
    writer.append([pickle.load(sys.stdin.buffer)])
    print(flush=True)
"""


class Process:
    """An ingest process of which every step is told."""

    def __init__(self, claim: Claim, slot: int, first: int = 1) -> None:
        self._directory = Directory.join(claim.path)
        self._shared = Shared.open(path_for(claim.path), boot=1)
        self.slot = self._shared.slot(slot)
        self._lock = FileLock.take(self._directory.writer_lock(slot, first))
        self.slot.take_over(first)
        self.path = self._directory.segment(SegmentName(1, slot, first))
        segment.create(self.path)
        self._appender = subprocess.Popen(  # noqa: S603  # our own interpreter, our own script
            [sys.executable, "-c", _APPENDER, str(self.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._await()
        self.slot.number = first

    def _await(self) -> None:
        assert self._appender.stdout is not None
        assert self._appender.stdout.readline() == b"\n"

    def append(self, row: ChunkRow) -> None:
        """Write a chunk, and say so."""
        assert self._appender.stdin is not None
        pickle.dump(row, self._appender.stdin)
        self._appender.stdin.flush()
        self._await()
        self.slot.wrote(1, {})

    def die_in_commit(self, row: ChunkRow) -> None:
        """End after all of a commit is in the file, and before anybody was told, SQLite included.

        Its other connections go by the wal-index, in which the commit is not.
        """
        twin = self.path.with_name("twin.db")
        for suffix in ("", "-wal"):
            shutil.copy(f"{self.path}{suffix}", f"{twin}{suffix}")
        other = SegmentWriter(twin)
        other.append([row])
        told = self.path.with_name(self.path.name + "-wal").stat().st_size
        untold = Path(f"{twin}-wal").read_bytes()[told:]
        other.close()
        with Path(f"{self.path}-wal").open("ab") as wal:
            wal.write(untold)
        self.die()

    def die(self) -> None:
        """End without closing anything."""
        self._appender.kill()
        self._appender.communicate()
        self._lock.release()
        self._shared.close()
        self._directory.close()


def _rows_after_crash(path: Path) -> int:
    """Return how many chunks are in a segment for those who would open it after a crash."""
    copy = path.with_name("copy.db")
    for suffix in ("", "-wal"):
        if Path(f"{path}{suffix}").exists():
            shutil.copy(f"{path}{suffix}", f"{copy}{suffix}")
    reader = SegmentReader(copy)
    count = len(reader.scan(0, 10))
    reader.close()
    return count


async def _found(reader: SqliteReader) -> list[str]:
    await reader.lanes()
    stored = await reader.read(LANE, after=None, max_records=100, max_bytes=1000)
    return [one.chunk.records[0].record_id for one in stored]


@pytest.mark.parametrize("was_open", [False, True])
async def test_a_chunk_nobody_was_told_of_never_comes_late(claim: Claim, *, was_open: bool) -> None:
    """It was sent again to another process, and a newer one after it: it is not after those."""
    clock = iter(range(100, 10_000, 100)).__next__
    reader = SqliteReader.open(claim.path, clock_ns=clock)
    first, second = Process(claim, 0), Process(claim, 1)
    first.append(_row(1, 10, "before"))
    if was_open:
        assert await _found(reader) == ["before"]
    first.die_in_commit(_row(2, 20, "untold"))
    second.append(_row(1, 30, "again"))
    second.append(_row(2, 40, "newer"))
    found = await _found(reader)
    # Closing a file that was open clears it of what nobody was told of; opening it first finds it.
    assert found == ["before", *([] if was_open else ["untold"]), "again", "newer"]
    # It stays so, also if delivery is killed now.
    assert _rows_after_crash(first.path) == (1 if was_open else 2)
    await reader.close()
    second.die()


async def test_a_process_that_takes_the_slot_is_not_the_one_that_ended(claim: Claim) -> None:
    """Delivery looks again at what the first left, though somebody has the slot."""
    clock = iter(range(100, 10_000, 100)).__next__
    reader = SqliteReader.open(claim.path, clock_ns=clock)
    first = Process(claim, 0)
    first.append(_row(1, 10, "before"))
    first.die_in_commit(_row(2, 20, "untold"))
    following = Process(claim, 0, first=2)
    following.append(_row(1, 30, "newer"))
    assert await _found(reader) == ["before", "untold", "newer"]
    await reader.close()
    following.die()


async def test_what_ended_writers_left_drains(claim: Claim) -> None:
    """Their segments go once they are settled."""
    clock = iter(range(100, 10_000, 100)).__next__
    reader = SqliteReader.open(claim.path, clock_ns=clock)
    first = Process(claim, 0)
    first.append(_row(1, 10, "a"))
    first.die()
    assert await _found(reader) == ["a"]
    (stored,) = await reader.read(LANE, after=None, max_records=100, max_bytes=1000)
    await reader.settle([Settlement(RecordRef(stored.position, 0))])
    await reader.close()
    assert list(claim.path.glob("*.segment*")) == []


def test_the_wal_index_hides_what_its_writer_did_not_tell(claim: Claim) -> None:
    """What these tests rest on: a reader that is open does not see it, the first to open does."""
    process = Process(claim, 0)
    process.append(_row(1, 10, "told"))
    reader = SegmentReader(process.path)
    assert len(reader.scan(0, 10)) == 1
    process.die_in_commit(_row(2, 20, "untold"))
    assert len(reader.scan(0, 10)) == 1
    assert _rows_after_crash(process.path) == 2
    reader.close()
