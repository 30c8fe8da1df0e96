"""Causes are found before what they caused, whatever happens while delivery reads."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.outbox import segment
from gateway.outbox.claim import Claim
from gateway.outbox.codec import encode
from gateway.outbox.directory import Directory
from gateway.outbox.locks import FileLock
from gateway.outbox.open_segments import OpenSegments
from gateway.outbox.progress import DoneRows
from gateway.outbox.scan import FoundChunk, Scanner
from gateway.outbox.segment import ChunkRow, ScannedRow, SegmentReader, SegmentWriter
from gateway.outbox.segment_name import SegmentName
from gateway.outbox.segment_states import SegmentStates
from gateway.outbox.shared import Shared, path_for
from gateway.records import Chunk, Kind, Lane, Record

WRITERS = 3

MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - syncs cost nothing there

_ADMIT, _COMMIT, _ROLL = "admit", "commit", "roll"

Name = tuple[SegmentName, int]


class NoSurvivors:
    """Nothing was copied."""

    def copied(self) -> dict[SegmentName, DoneRows]:
        return {}

    def survivors(self, boot: int) -> Iterator[tuple[SegmentName, ScannedRow]]:
        del boot
        return iter(())


@dataclass
class Writer:
    """An ingest process, one step at a time: what it admitted, wrote, and answered."""

    number: int
    world: "World"
    waiting: list[tuple[int, ChunkRow]] = field(default_factory=list)
    segment_number: int = 1
    next_row: int = 1
    writing: int = 0
    open: SegmentWriter | None = None
    last: Name | None = None

    def admit(self) -> None:
        """Stamp a chunk; whatever was answered anywhere may have caused it."""
        stamp_ns = self.world.now_ns()
        chunk = Chunk(Lane("shop", Kind.ITEMS), "web", "route", (Record("a", b"{}"),))
        blob = encode(chunk, (1, stamp_ns), 0)
        row = ChunkRow(self.next_row, stamp_ns, "shop", "items", 1, 2, blob)
        name = (SegmentName(1, self.number, self.segment_number), self.next_row)
        self.world.causes[name] = frozenset(self.world.answered) | (
            {self.last} if self.last else set()
        )
        self.waiting.append((self.segment_number, row))
        self.last = name
        self.next_row += 1

    def roll(self) -> None:
        """Let what is admitted from now on go to another segment."""
        if self.next_row > 1:
            self.segment_number += 1
            self.next_row = 1

    def commit(self) -> None:
        """Write some of what waits, all for one segment, and answer."""
        if not self.waiting:
            return
        number = self.waiting[0][0]
        rows = [row for to, row in self.waiting if to == number][:2]
        self.waiting = self.waiting[len(rows) :]
        self._turn_to(number)
        assert self.open is not None
        self.open.append(rows)
        slot = self.world.shared.slot(self.number)
        slot.wrote(len(rows), {})
        self.world.answered |= {(SegmentName(1, self.number, number), row.row) for row in rows}

    def _turn_to(self, number: int) -> None:
        if number == self.writing:
            return
        path = self.world.directory.segment(SegmentName(1, self.number, number))
        segment.create(path)
        if self.open is not None:
            self.open.close()
        self.open, self.writing = SegmentWriter(path), number
        self.world.shared.slot(self.number).number = number


class World:
    """Three writers, and a clock that moves with every look at it."""

    def __init__(self, path: Path) -> None:
        self.claim = Claim.take(path / "outbox", writers=WRITERS)
        self.directory = Directory.join(self.claim.path)
        self.shared = Shared.open(path_for(self.claim.path), boot=1)
        self._ticks = count(1)
        self.causes: dict[Name, frozenset[Name]] = {}
        self.answered: set[Name] = set()
        self.quiet = False
        self.locks = []
        self.writers = [Writer(number, self) for number in range(WRITERS)]
        for number in range(WRITERS):
            self.locks.append(FileLock.take(self.directory.writer_lock(number, 1)))
            self.shared.slot(number).take_over(1)

    def now_ns(self) -> int:
        return next(self._ticks)

    def finish(self) -> None:
        """Write what waits; from now on nobody does anything."""
        self.quiet = True
        for writer in self.writers:
            while writer.waiting:
                writer.commit()

    def do(self, writer: int, act: str) -> None:
        one = self.writers[writer]
        {_ADMIT: one.admit, _COMMIT: one.commit, _ROLL: one.roll}[act]()

    def close(self) -> None:
        for writer in self.writers:
            if writer.open is not None:
                writer.open.close()
        for lock in self.locks:
            lock.release()
        self.shared.close()
        self.directory.close()
        self.claim.close()


ACT = st.sampled_from([_ADMIT, _ADMIT, _COMMIT, _COMMIT, _ROLL])
ACTS = st.lists(st.tuples(st.integers(0, WRITERS - 1), ACT), max_size=6)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_causes_are_found_first_and_all_is_found_once(data: st.DataObject) -> None:
    """Writers admit, commit and roll between any two looks of a round, at clock or file."""
    with TemporaryDirectory(dir=MEMORY) as folder:
        world = World(Path(folder))
        found: list[Name] = []

        def opened(path: Path) -> SegmentReader:
            return MeddledReader(path, world, data)

        def meddled_clock_ns() -> int:
            _meddle(world, data)
            now_ns = world.now_ns()
            _meddle(world, data)
            return now_ns

        files = OpenSegments(world.directory, opened)
        scanner = Scanner(
            world.directory,
            world.shared,
            SegmentStates(),
            files,
            {},
            NoSurvivors(),
            clock_ns=meddled_clock_ns,
        )
        try:
            for _ in range(data.draw(st.integers(1, 4))):
                _meddle(world, data)
                scanner.advance(1000, lambda one: found.append(_name(one)))
            world.finish()
            scanner.advance(1000, lambda one: found.append(_name(one)))
        finally:
            scanner.close()
            files.close()
            world.close()
        for place, name in enumerate(found):
            assert not world.causes[name] - set(found[:place]), "found before what caused it"
        assert sorted(found) == sorted(world.causes)
        assert not scanner.unfinished


def test_a_segment_finished_during_a_round_is_read_on_in_the_next(tmp_path: Path) -> None:
    """What was stamped after the round began is not passed over when its segment is finished."""
    world = World(tmp_path)
    files = OpenSegments(world.directory)
    found: list[Name] = []

    def clock_ns() -> int:
        now_ns = world.now_ns()
        for act in (_ADMIT, _COMMIT, _ROLL, _ADMIT, _COMMIT):
            world.do(0, act)
        return now_ns

    scanner = Scanner(
        world.directory,
        world.shared,
        SegmentStates(),
        files,
        {},
        NoSurvivors(),
        clock_ns=clock_ns,
    )
    for _ in range(3):
        scanner.advance(1000, lambda one: found.append(_name(one)))
    places = [(1, 1), (2, 1), (2, 2), (3, 1)]
    assert found == [(SegmentName(1, 0, number), row) for number, row in places]
    scanner.close()
    files.close()
    world.close()


class MeddledReader(SegmentReader):
    """A segment before each reading of which writers go on."""

    def __init__(self, path: Path, world: World, data: st.DataObject) -> None:
        super().__init__(path)
        self._world = world
        self._data = data

    def scan(self, after_row: int, limit: int) -> list[ScannedRow]:
        _meddle(self._world, self._data)
        return super().scan(after_row, limit)


def _meddle(world: World, data: st.DataObject) -> None:
    for writer, act in () if world.quiet else data.draw(ACTS):
        world.do(writer, act)


def _name(found: FoundChunk) -> Name:
    return found.segment.name, found.row
