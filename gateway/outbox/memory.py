"""An outbox in memory: for tests, and for a gateway whose records may be lost with its process."""

import asyncio
import uuid
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic_ns

from gateway.outbox.interface import (
    DELIVERED,
    DISCARDED,
    PENDING,
    SUPERSEDED,
    BudgetExhausted,
    Outcome,
    OutcomeState,
    Position,
    RecordRef,
    Settlement,
    StoredChunk,
)
from gateway.outbox.mirrors import with_room
from gateway.records import Chunk, Lane

_RETRY_AFTER_S = 1.0


@dataclass(slots=True)
class _Entry:
    chunk: Chunk
    outcomes: list[Outcome]
    settled: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def open(self) -> bool:
        return PENDING in self.outcomes

    def settled_indices(self) -> frozenset[int]:
        return frozenset(i for i, outcome in enumerate(self.outcomes) if outcome is not PENDING)


@dataclass(slots=True)
class _LaneEntries:
    """The open chunks of a lane, and their positions in order.

    `order` may name chunks that are settled: they are swept out once they are more than half of it,
    so that a read costs what it returns and not what was ever stored.
    """

    open: dict[Position, _Entry] = field(default_factory=dict)
    order: list[Position] = field(default_factory=list)

    def add(self, position: Position, entry: _Entry) -> None:
        self.open[position] = entry
        self.order.append(position)

    def remove(self, position: Position) -> None:
        del self.open[position]
        if len(self.order) > 2 * len(self.open):
            self.order = list(self.open)

    def entries_after(self, after: Position | None) -> Iterator[tuple[Position, _Entry]]:
        start = 0 if after is None else bisect_right(self.order, after)
        for index in range(start, len(self.order)):
            position = self.order[index]
            if position in self.open:
                yield position, self.open[position]


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A record that will never be delivered, with what was the matter with it."""

    dead_letter_id: str
    chunk: Chunk
    settlement: Settlement


class MemoryOutbox:
    """An outbox that lasts as long as its process.

    Keeps the outcomes of the last chunks that were settled whole, so that whoever appended them can
    still ask.

    Args:
        budgets_bytes: how much each dataset group may hold; one that is not named may hold any
            amount.
        keep_settled: how many chunks that are settled whole are remembered.
    """

    def __init__(
        self,
        budgets_bytes: Mapping[str, int] | None = None,
        *,
        keep_settled: int = 10_000,
        clock_ns: Callable[[], int] = monotonic_ns,
    ) -> None:
        self.dead_letters: list[DeadLetter] = []
        self._budgets_bytes = dict(budgets_bytes or {})
        self._used_bytes: dict[str, int] = {}
        self._lanes: dict[Lane, _LaneEntries] = {}
        self._settled: dict[Position, _Entry] = {}
        self._keep_settled = keep_settled
        self._clock_ns = clock_ns
        self._rows = 0
        self._news = asyncio.Event()

    def __repr__(self) -> str:
        lanes = ", ".join(f"{lane}: {len(kept.open)}" for lane, kept in self._lanes.items())
        return f"<MemoryOutbox {lanes or 'empty'}>"

    def append(
        self, chunks: Sequence[Chunk], mirrors: Sequence[Chunk] = ()
    ) -> asyncio.Future[tuple[Position, ...]]:
        if not all(chunk.records for chunk in (*chunks, *mirrors)):
            raise ValueError("a chunk without records would never be settled")
        admitted = [*chunks, *with_room(mirrors, self._checked(chunks), self._has_room)]
        positions = tuple(self._store(chunk) for chunk in admitted)
        stored = asyncio.get_running_loop().create_future()
        stored.set_result(positions[: len(chunks)])
        if admitted:
            self._news.set()
        return stored

    def _checked(self, chunks: Sequence[Chunk]) -> dict[str, int]:
        """Return what chunks take of each dataset group, which has room for it."""
        added: dict[str, int] = {}
        for chunk in chunks:
            group = chunk.lane.dataset_group
            added[group] = added.get(group, 0) + chunk.size_bytes
        for group, size_bytes in added.items():
            if not self._has_room(group, size_bytes):
                budget = self._budgets_bytes[group]
                raise BudgetExhausted(group, budget_bytes=budget, retry_after_s=_RETRY_AFTER_S)
        return added

    def _has_room(self, dataset_group: str, size_bytes: int) -> bool:
        budget = self._budgets_bytes.get(dataset_group)
        return budget is None or self._used_bytes.get(dataset_group, 0) + size_bytes <= budget

    def _store(self, chunk: Chunk) -> Position:
        self._rows += 1
        position = Position(stamp=(0, self._clock_ns()), writer=0, row=self._rows)
        kept = self._lanes.setdefault(chunk.lane, _LaneEntries())
        kept.add(position, _Entry(chunk, [PENDING] * len(chunk.records)))
        group = chunk.lane.dataset_group
        self._used_bytes[group] = self._used_bytes.get(group, 0) + chunk.size_bytes
        return position

    async def outcomes(self, positions: Sequence[Position]) -> list[tuple[Outcome, ...]]:
        entries = [self._entry(position) for position in positions]
        for entry in entries:
            await entry.settled.wait()
        return [tuple(entry.outcomes) for entry in entries]

    async def outcomes_so_far(self, positions: Sequence[Position]) -> list[tuple[Outcome, ...]]:
        return [tuple(self._entry(position).outcomes) for position in positions]

    async def lanes(self) -> frozenset[Lane]:
        return frozenset(lane for lane, kept in self._lanes.items() if kept.open)

    async def read(
        self, lane: Lane, *, after: Position | None, max_records: int, max_bytes: int
    ) -> list[StoredChunk]:
        found: list[StoredChunk] = []
        records = size_bytes = 0
        kept = self._lanes.get(lane)
        for position, entry in kept.entries_after(after) if kept else ():
            records += len(entry.chunk.records)
            size_bytes += entry.chunk.size_bytes
            if found and (records > max_records or size_bytes > max_bytes):
                break
            found.append(StoredChunk(position, entry.chunk, entry.settled_indices()))
        return found

    async def settle(self, settlements: Sequence[Settlement]) -> None:
        for settlement in settlements:
            self._settle_one(settlement)

    def _settle_one(self, settlement: Settlement) -> None:
        ref = settlement.record
        entry = self._entry(ref.position)
        if entry.outcomes[ref.index] is not PENDING:
            return
        entry.outcomes[ref.index] = self._outcome(settlement, entry.chunk)
        if not entry.open:
            self._give_up(ref, entry)

    def _outcome(self, settlement: Settlement, chunk: Chunk) -> Outcome:
        if settlement.superseded:
            return SUPERSEDED
        if settlement.discarded:
            return DISCARDED
        if settlement.dead_letter is None:
            return DELIVERED
        dead_letter = DeadLetter(uuid.uuid4().hex, chunk, settlement)
        self.dead_letters.append(dead_letter)
        return Outcome(
            OutcomeState.DEAD_LETTERED, dead_letter.dead_letter_id, settlement.dead_letter.code
        )

    def _give_up(self, ref: RecordRef, entry: _Entry) -> None:
        self._lanes[entry.chunk.lane].remove(ref.position)
        self._used_bytes[entry.chunk.lane.dataset_group] -= entry.chunk.size_bytes
        self._settled[ref.position] = entry
        if len(self._settled) > self._keep_settled:
            del self._settled[next(iter(self._settled))]
        entry.settled.set()

    async def caught_up(self) -> None:
        """Nothing is ever behind."""

    async def appended(self) -> None:
        await self._news.wait()
        self._news.clear()

    async def close(self) -> None:
        """Nothing to let go of."""

    def _entry(self, position: Position) -> _Entry:
        for entries in (*(kept.open for kept in self._lanes.values()), self._settled):
            if position in entries:
                return entries[position]
        raise KeyError(f"no chunk at {position}")
