"""The durable outbox against a model: whatever is done to it, it holds what the model holds."""

import asyncio
import shutil
from collections.abc import Awaitable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from gateway.outbox import draining
from gateway.outbox.commit_queue import WriterSettings
from gateway.outbox.dead_letters import dead_letter_id
from gateway.outbox.interface import (
    DELIVERED,
    PENDING,
    SUPERSEDED,
    DeadLetterCause,
    Outcome,
    OutcomeState,
    Position,
    RecordRef,
    Settlement,
    StoredChunk,
)
from gateway.outbox.reader import ReaderSettings
from gateway.outbox.sqlite import SqliteOutbox
from gateway.records import Chunk, Kind, Lane, Origin, Record

MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - syncs cost nothing there
LANES = [Lane("shop", Kind.EVENTS), Lane("shop", Kind.ITEMS), Lane("outlet", Kind.ITEMS)]
CAUSE = DeadLetterCause("InvalidInputException", "bad", 2)
DEAD = Outcome(OutcomeState.DEAD_LETTERED)
SIZES = st.lists(st.integers(1, 4), min_size=1, max_size=3)

Result = TypeVar("Result")


@dataclass
class Kept:
    """A chunk as the model has it."""

    position: Position
    chunk: Chunk
    outcomes: list[Outcome] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.outcomes = [PENDING] * len(self.chunk.records)

    @property
    def open(self) -> bool:
        return PENDING in self.outcomes

    def stored(self, letters: Mapping[str, "Letter"]) -> StoredChunk:
        settled = frozenset(i for i, one in enumerate(self.outcomes) if one is not PENDING)
        letter = letters.get(self.chunk.dead_letter_id)
        superseded = self.chunk.origin is not None and (letter is None or letter.superseded)
        return StoredChunk(self.position, self.chunk, settled, superseded)

    def origin(self, index: int) -> Origin:
        """Where a record was accepted first."""
        at = self.position
        return self.chunk.origin or Origin(*at.stamp, at.writer, at.row, index)


@dataclass
class Letter:
    """A dead letter as the model has it; one that is replayed is hidden."""

    lane: Lane
    record: Record
    origin: Origin
    superseded: bool = False
    replayed: bool = False


class OutboxMachine(RuleBasedStateMachine):
    """Appends, mirrors, reads, settles, replays, tidies, closes and crashes."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(mkdtemp(dir=MEMORY))
        self.runner = asyncio.Runner()
        self.crashes = 0
        self.names = 0
        self.kept: list[Kept] = []
        self.letters: dict[str, Letter] = {}
        self.outbox: SqliteOutbox

    def run(self, wait: Awaitable[Result]) -> Result:
        async def awaited() -> Result:
            return await wait

        return self.runner.run(awaited())

    @property
    def path(self) -> Path:
        return self.folder / f"outbox-{self.crashes}"

    @initialize()
    def open(self) -> None:
        async def opened() -> SqliteOutbox:
            writing = WriterSettings(linger_s=0.0, segment_bytes=25_000)
            return SqliteOutbox.open(self.path, {}, writing, ReaderSettings(linger_s=0.0))

        self.outbox = self.run(opened())

    @rule(data=st.data(), requests=st.lists(SIZES, min_size=1, max_size=4))
    def append(self, data: st.DataObject, requests: list[list[int]]) -> None:
        for sizes in requests:
            self.append_request(data, sizes)

    def append_request(self, data: st.DataObject, sizes: list[int]) -> None:
        self.store([self.chunk(data.draw(st.sampled_from(LANES)), size) for size in sizes])

    def store(self, chunks: list[Chunk], mirrors: Sequence[Chunk] = ()) -> None:
        async def appended() -> tuple[Position, ...]:
            return await self.outbox.append(chunks, mirrors)

        positions = self.run(appended())
        self.kept += [Kept(*pair) for pair in zip(positions, chunks, strict=True)]

    @rule(data=st.data(), size=st.integers(1, 4))
    def mirror(self, data: st.DataObject, size: int) -> None:
        """Store a copy with a request, or alone: it is there like any other."""
        lane, other = data.draw(st.permutations(LANES))[:2]
        own = [self.chunk(lane, size)] if data.draw(st.booleans()) else []
        copy = self.chunk(other, size)
        self.store(own, [copy])
        found = self.run(self.outbox.read(other, after=None, max_records=10_000, max_bytes=1 << 20))
        assert found[-1].chunk == copy
        self.kept.append(Kept(found[-1].position, copy))

    @rule(data=st.data(), hides=st.booleans())
    def replay(self, data: st.DataObject, *, hides: bool) -> None:
        """Store again what is a dead letter; who does it may die before it hides that."""
        chosen = [
            name
            for name, one in self.letters.items()
            if one.lane.kind.replaces and not one.replayed
        ]
        if not chosen:
            return
        name = data.draw(st.sampled_from(chosen))
        letter = self.letters[name]
        self.store([Chunk(letter.lane, "web", "route", (letter.record,), "", letter.origin, name)])
        if hides:
            assert self.run(self.outbox.dead_letters.replayed([name])) == 1
            letter.replayed = True

    def chunk(self, lane: Lane, size: int) -> Chunk:
        self.names += size
        numbers = range(self.names - size, self.names)
        records = tuple(Record(f"r{n % 7}", b"%d" % n * 20, "s", "u") for n in numbers)
        return Chunk(lane, "web", "route", records)

    @rule(data=st.data())
    def settle(self, data: st.DataObject) -> None:
        refs = [RecordRef(one.position, i) for one in self.kept for i in range(len(one.outcomes))]
        if not refs:
            return
        chosen = data.draw(st.lists(st.sampled_from(refs), max_size=12))
        settlements = [
            Settlement(
                ref,
                superseded=(how := data.draw(st.integers(0, 2))) == 1,
                dead_letter=CAUSE if how == 2 else None,
            )
            for ref in chosen
        ]
        self.settle_all(settlements)

    def settle_all(self, settlements: list[Settlement]) -> None:
        self.run(self.outbox.settle(settlements))
        noted = [ref for one in settlements for ref in self.note(one)]
        for kept, index in noted:
            self.supersede(kept, index)
        for kept, _ in noted:
            if kept.chunk.lane.kind.replaces:
                self.letters.pop(kept.chunk.dead_letter_id, None)

    def note(self, settlement: Settlement) -> Iterator[tuple[Kept, int]]:
        """Note a settlement, unless there is one of the record already."""
        (kept,) = [one for one in self.kept if one.position == settlement.record.position]
        index = settlement.record.index
        if kept.outcomes[index] is PENDING:
            final = SUPERSEDED if settlement.superseded else DELIVERED
            kept.outcomes[index] = DEAD if settlement.dead_letter else final
            if settlement.dead_letter:
                self.letters[dead_letter_id(settlement.record)] = Letter(
                    kept.chunk.lane, kept.chunk.records[index], kept.origin(index)
                )
            yield kept, index

    def supersede(self, kept: Kept, index: int) -> None:
        """Of an ID, what is delivered supersedes the dead letters that were accepted before it."""
        lane, record_id = kept.chunk.lane, kept.chunk.records[index].record_id
        if kept.outcomes[index] is not DELIVERED or not lane.kind.replaces:
            return
        for letter in self.letters.values():
            if (letter.lane, letter.record.record_id) == (lane, record_id):
                letter.superseded |= letter.origin < kept.origin(index)

    @rule(keep_every=st.integers(2, 6))
    def drain(self, keep_every: int) -> None:
        """Settle most of what is open: it empties segments, or leaves little in them."""
        opened = [one for one in self.kept if one.open]
        chosen = [
            Settlement(RecordRef(one.position, index))
            for number, one in enumerate(opened)
            if number % keep_every
            for index in range(len(one.outcomes))
        ]
        self.settle_all(chosen)
        self.tidy()

    @rule(data=st.data(), limit=st.integers(1, 6))
    def read_on(self, data: st.DataObject, limit: int) -> None:
        """Read a lane in steps, from any chunk or from the start: what is after it comes, once."""
        lane = data.draw(st.sampled_from(LANES))
        of_lane = [one for one in self.kept if one.chunk.lane == lane]
        start = data.draw(st.sampled_from([None, *of_lane]))
        after = start.position if start else None
        expected = [
            one.stored(self.letters)
            for one in of_lane
            if one.open and (not after or one.position > after)
        ]
        found: list[StoredChunk] = []
        while step := self.run(
            self.outbox.read(lane, after=after, max_records=limit, max_bytes=1 << 20)
        ):
            assert len(step) == 1 or sum(len(one.chunk.records) for one in step) <= limit
            found += step
            after = step[-1].position
        assert found == expected

    @rule()
    def tidy(self) -> None:
        """Remove what is drained, and copy what is left of what is mostly drained."""
        reader = self.outbox.reader
        self.run(reader._run(reader._store.tidy))
        self.run(reader._run(reader._store.tidy))  # The first looks since when a segment rests.

    @rule()
    def reopen(self) -> None:
        self.run(self.outbox.close())
        self.open()

    @rule()
    def crash(self) -> None:
        """Go on with the files as they are: what memory had, the shared one too, is gone."""
        before = self.path
        self.crashes += 1
        self.path.mkdir()
        for file in before.iterdir():
            if file.is_file() and not file.name.endswith("-shm"):
                shutil.copy(file, self.path)
        self.run(self.outbox.close())
        shutil.rmtree(before)
        self.open()

    @invariant()
    def holds_what_the_model_holds(self) -> None:
        if not hasattr(self, "outbox"):
            return
        opened = [one for one in self.kept if one.open]
        assert self.run(self.outbox.lanes()) == {one.chunk.lane for one in opened}
        for lane in LANES:
            found = self.run(
                self.outbox.read(lane, after=None, max_records=10_000, max_bytes=1 << 20)
            )
            assert found == [one.stored(self.letters) for one in opened if one.chunk.lane == lane]
        for group in ("shop", "outlet"):
            sizes = [one.chunk.size_bytes for one in opened if one.chunk.lane[0] == group]
            assert self.outbox._claim.used_bytes(group) == sum(sizes)

    @invariant()
    def says_what_became_of_each_record(self) -> None:
        if not hasattr(self, "outbox"):
            return
        positions = [one.position for one in self.kept]
        found = self.run(self.outbox.outcomes_so_far(positions))
        assert [[one.state for one in outcomes] for outcomes in found] == [
            [one.state for one in kept.outcomes] for kept in self.kept
        ]
        page = self.run(self.outbox.dead_letters.find(limit=10_000))
        assert {
            one.dead_letter_id: (one.lane, one.record, one.origin, one.superseded)
            for one in page.dead_letters
        } == {
            name: (one.lane, one.record, one.origin, one.superseded)
            for name, one in self.letters.items()
            if not one.replayed
        }

    def teardown(self) -> None:
        if hasattr(self, "outbox"):
            self.run(self.outbox.close())
        self.runner.close()
        shutil.rmtree(self.folder)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take a segment for resting at once."""
    monkeypatch.setattr(draining, "QUIET_S", 0.0)


TestOutbox = OutboxMachine.TestCase
TestOutbox.settings = settings(
    max_examples=15,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
