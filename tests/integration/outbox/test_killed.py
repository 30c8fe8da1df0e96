"""Processes killed in the middle of their work: what was answered is there."""

import asyncio
import contextlib
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from random import Random

import pytest

from gateway.outbox.claim import Claim
from gateway.outbox.commit_queue import WriterSettings
from gateway.outbox.interface import Position, StoredChunk
from gateway.outbox.reader import SqliteReader
from gateway.outbox.sqlite import SqliteOutbox
from gateway.records import Chunk, Kind, Lane, Record

APPENDER = Path(__file__).with_name("appender.py")
SETTLER = Path(__file__).with_name("settler.py")
ROUNDS = 3
ANSWERED = 21
"""So many appends are answered before a kill, at least: the second commit has begun."""


class Child:
    """A process that prints what it has done, without end."""

    def __init__(self, process: asyncio.subprocess.Process, first_lines: Sequence[str]) -> None:
        self._process = process
        self._first_lines = first_lines

    @classmethod
    async def start(cls, script: Path, *arguments: object, lines: int = 1) -> "Child":
        """Start it, and wait until it has printed so many lines."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, script, *map(str, arguments), stdout=asyncio.subprocess.PIPE
        )
        assert process.stdout is not None
        first_lines = []
        for _ in range(lines):
            line = (await process.stdout.readline()).decode().strip()
            assert line, "it ended before it began"
            first_lines.append(line)
        return cls(process, first_lines)

    async def kill(self) -> list[str]:
        """Kill it; return what it had printed."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        output, _ = await self._process.communicate()
        complete = output.decode().rpartition("\n")[0]
        return [*self._first_lines, *complete.splitlines()]


class Reading:
    """Reads all lanes on, from where it was."""

    def __init__(self, reader: SqliteReader) -> None:
        self.reader = reader
        self._after: dict[Lane, Position] = {}
        self.found: list[StoredChunk] = []

    async def go_on(self) -> list[StoredChunk]:
        """Read what came since, and return all that was read."""
        for lane in await self.reader.lanes():
            after = self._after.get(lane)
            stored = await self.reader.read(lane, after=after, max_records=10**6, max_bytes=1 << 30)
            if stored:
                self._after[lane] = stored[-1].position
            self.found += stored
        return self.found


def _pair(number: int) -> Chunk:
    records = tuple(Record(f"{number}-{index}", b"x" * 100) for index in range(2))
    return Chunk(Lane("shop", Kind.ITEMS), "web", "route", records)


def _ids(stored: Iterable[StoredChunk]) -> list[str]:
    return [record.record_id for one in stored for record in one.chunk.records]


@pytest.mark.parametrize("delivery_lives", [False, True])
async def test_what_a_killed_ingest_process_answered_is_there(
    tmp_path: Path, *, delivery_lives: bool
) -> None:
    """At whatever moment it is killed; with delivery reading meanwhile, or only afterwards."""
    random = Random(0)
    path = tmp_path / "outbox"
    claim = Claim.take(path, writers=2)
    reading = Reading(SqliteReader.open(path)) if delivery_lives else None
    answered: set[str] = set()
    for number in range(ROUNDS):
        appenders = await asyncio.gather(
            *(
                Child.start(APPENDER, path, slot, f"{number}-{slot}", lines=ANSWERED)
                for slot in range(2)
            )
        )
        for appender in appenders:
            await asyncio.sleep(random.uniform(0.0, 0.1))
            if reading is not None:
                await reading.go_on()
            answered |= set(await appender.kill())
    if reading is None:
        claim.close()
        claim = Claim.take(path)
        reading = Reading(SqliteReader.open(path))
    found = _ids(await reading.go_on())
    assert answered - set(found) == set()
    assert len(found) == len(set(found))
    assert len(answered) >= 2 * ANSWERED * ROUNDS
    await reading.reader.close()
    claim.close()


async def test_a_file_that_cannot_grow_is_followed_by_another(tmp_path: Path) -> None:
    """An append is refused whole where its file is at its limit; the next is taken elsewhere."""
    claim = Claim.take(tmp_path / "outbox")
    appender = await Child.start(APPENDER, claim.path, 0, "a", 2 * 1024 * 1024)
    async with asyncio.timeout(60):
        while len(list(claim.path.glob("*.segment"))) < 3:  # noqa: ASYNC110 - another makes them
            await asyncio.sleep(0.05)
    lines = await appender.kill()
    claim.close()
    claim = Claim.take(claim.path)
    reader = SqliteReader.open(claim.path)
    found = _ids(await Reading(reader).go_on())
    told = {line for line in lines if line == "refused" or line.startswith("a-")}  # not its log
    assert told - set(found) == {"refused"}
    await reader.close()
    claim.close()


async def test_what_a_killed_delivery_process_settled_stays_settled(tmp_path: Path) -> None:
    """And what it had not is there for the next one, in its order."""
    random = Random(0)
    outbox = SqliteOutbox.open(tmp_path / "outbox", {}, WriterSettings(segment_bytes=50_000))
    await asyncio.gather(*(outbox.append([_pair(n)]) for n in range(2000)))
    expected = [f"{number}-{index}" for number in range(2000) for index in range(2)]
    await outbox.close()
    for _ in range(ROUNDS):
        claim = Claim.take(tmp_path / "outbox")
        settler = await Child.start(SETTLER, claim.path, 1000)  # Some are left for the next.
        await asyncio.sleep(random.uniform(0.0, 0.1))
        settled = set(await settler.kill())
        claim.close()
        outbox = SqliteOutbox.open(claim.path, {})
        left = [
            f"{one.chunk.records[index].record_id}"
            for one in await Reading(outbox.reader).go_on()
            for index in range(2)
            if index not in one.settled
        ]
        await outbox.close()
        expected = [name for name in expected if name in set(left)]
        assert left == expected
        assert settled.isdisjoint(left)
