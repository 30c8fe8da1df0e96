"""The outbox: the durable queue between acceptance and delivery.

It has two sides, which may be in different processes: ingest appends, delivery reads and settles.
What every implementation promises is held by the suite in `tests/contract/test_outbox.py`.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum, StrEnum, auto
from typing import Protocol

from gateway.errors import GatewayError
from gateway.records import Chunk, Lane


class BudgetExhausted(GatewayError):
    """Expected error: the outbox holds as much for a dataset group as it may; nothing was stored.

    Attributes:
        retry_after_s: when some of it may have drained, in seconds.
    """

    def __init__(self, dataset_group: str, *, budget_bytes: int, retry_after_s: float) -> None:
        super().__init__(
            f"the outbox holds {budget_bytes} bytes for dataset group {dataset_group!r}, its budget"
        )
        self.dataset_group = dataset_group
        self.budget_bytes = budget_bytes
        self.retry_after_s = retry_after_s


class OutboxUnavailable(GatewayError):
    """Expected error: the outbox cannot be written (disk full, I/O error); nothing was stored."""


class DeadLettersFull(OutboxUnavailable):
    """Expected error: the dead letters of a dataset group have used up their budget.

    Nothing of the settlement was noted. A lane that goes on would only meet it again: it parks.
    """

    def __init__(self, dataset_group: str, *, budget_bytes: int) -> None:
        super().__init__(
            f"the dead letters of dataset group {dataset_group!r} hold {budget_bytes} bytes, "
            "their budget"
        )
        self.dataset_group = dataset_group
        self.budget_bytes = budget_bytes


class OutcomeState(Enum):
    """What became of a record; all but PENDING are final."""

    PENDING = auto()
    DELIVERED = auto()
    SUPERSEDED = auto()
    DISCARDED = auto()
    DEAD_LETTERED = auto()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a record.

    Attributes:
        dead_letter_id: names the dead letter, where it is one.
        reason: the error code for which it is one; bounded and free of personal data.
    """

    state: OutcomeState
    dead_letter_id: str = ""
    reason: str = ""


PENDING = Outcome(OutcomeState.PENDING)
DELIVERED = Outcome(OutcomeState.DELIVERED)
SUPERSEDED = Outcome(OutcomeState.SUPERSEDED)
DISCARDED = Outcome(OutcomeState.DISCARDED)


Stamp = tuple[int, int]
"""Boot number and CLOCK_MONOTONIC in ns: moments of all processes of a machine, in one order."""


# Positions and what refers to them are never changed. They are not frozen, because delivery makes
# several for each record and a frozen one takes four times as long: 1.2 µs.


@dataclass(slots=True, order=True, unsafe_hash=True)
class Position:
    """Where a chunk is. Positions of a lane rise in the order in which chunks were accepted.

    Attributes:
        stamp: moment of admission, comparable across the processes of one machine.
        writer: which process wrote the chunk.
        row: which of that process's chunks it is; rises, but not by one.
        records: how many records the chunk has. Not part of what a position is: it is noted here so
            that an ingest process can say "pending" of each of them while delivery does not answer.
    """

    stamp: Stamp
    writer: int
    row: int
    records: int = field(default=0, compare=False, repr=False)


@dataclass(slots=True, unsafe_hash=True)
class StoredChunk:
    """A chunk as delivery reads it.

    Attributes:
        settled: indices of the records whose outcome is final already; they are not to be sent.
        superseded: it is a replay, and a newer record of its ID was delivered: it is not to be
            sent either, but to be settled so.
    """

    position: Position
    chunk: Chunk
    settled: frozenset[int] = frozenset()
    superseded: bool = False


@dataclass(slots=True, unsafe_hash=True)
class RecordRef:
    """One record in the outbox."""

    position: Position
    index: int


class DeadLetterReason(StrEnum):
    """The kind of cause for which a record is a dead letter; the value is its name in storage."""

    REFUSED = "refused"
    """Personalize refused it."""

    EXPIRED = "expired"
    """It waited longer than it may, counting only time in which its lane could send."""

    INTERNAL = "internal"
    """Delivery crashed or failed on it again and again: a fault of the gateway."""


@dataclass(frozen=True, slots=True)
class DeadLetterCause:
    """Why a record will never be delivered.

    Attributes:
        code: the error code, bounded and free of personal data.
        detail: what Personalize said; may quote the record.
        attempts: how often it was sent.
        reason: the kind of cause.
    """

    code: str
    detail: str = field(repr=False)
    attempts: int
    reason: DeadLetterReason = DeadLetterReason.REFUSED


@dataclass(slots=True, unsafe_hash=True)
class Settlement:
    """Delivery's final word on one record.

    Attributes:
        superseded: it was never sent, because a newer record of its ID was delivered.
        discarded: it was not delivered, because an operator took it out.
        dead_letter: why it becomes a dead letter; None where it does not.
    """

    record: RecordRef
    superseded: bool = False
    discarded: bool = False
    dead_letter: DeadLetterCause | None = None


class OutboxWriter(Protocol):
    """The side of ingest. Safe to use from many tasks of one event loop at once."""

    def append(
        self, chunks: Sequence[Chunk], mirrors: Sequence[Chunk] = ()
    ) -> asyncio.Future[tuple[Position, ...]]:
        """Admit the chunks of one request, all or none; awaited, say where each is stored.

        The call itself checks the budgets and fixes the order: chunks of one lane get positions in
        the order of the calls. It never blocks and needs no loop's turn. What it returns is done
        when the chunks are as durable as the implementation makes them; cancelling that wait leaves
        it open whether they were stored.

        Args:
            chunks: the request's own.
            mirrors: copies for other dataset groups. Each is stored with the request, by the same
                commit, if the budget of its dataset group has room beside what the request takes of
                it; else it is shed: counted, and no reason to refuse or delay the request. Without
                chunks of its own the request is the mirrors that are not shed: they are stored as
                durably, and there is nothing to wait for where none is left.

        Returns:
            The positions of `chunks`, in their order; none of the mirrors.

        Raises:
            BudgetExhausted: from the call, never for a mirror; nothing was stored.
            OutboxUnavailable: from the wait; nothing was stored.
            ValueError: from the call: a chunk or a mirror has no records.
        """

    async def outcomes(self, positions: Sequence[Position]) -> list[tuple[Outcome, ...]]:
        """Wait until the outcome of every record of these chunks is final, and return them.

        Takes positions that this writer's `append` returned. Waits without limit: the caller sets
        the time-out, cancels, and asks `outcomes_so_far`.
        """

    async def outcomes_so_far(self, positions: Sequence[Position]) -> list[tuple[Outcome, ...]]:
        """Return the outcomes of these chunks' records as they are now, without waiting."""


class OutboxReader(Protocol):
    """The side of delivery. Safe to use from many tasks of one event loop at once."""

    async def lanes(self) -> frozenset[Lane]:
        """Return the lanes that hold a record without a final outcome; none only if none does.

        Of a large backlog left by an earlier start some may be found later; `appended` tells then.
        """

    async def read(
        self, lane: Lane, *, after: Position | None, max_records: int, max_bytes: int
    ) -> list[StoredChunk]:
        """Return the next chunks of a lane, those after `after`.

        The order is that of the positions, with one freedom: of chunks that were appended at the
        same time by different writers either may come first, also where that is not the order of
        their positions. A chunk whose append was answered before another's was called, or which the
        same writer was given before, comes before it. Reading forward misses nothing.

        Leaves out chunks that are settled whole. Returns as many as keep within both limits, but at
        least one where there is one.

        Raises:
            OutboxUnusable: what is stored cannot be read as it was written.
        """

    async def settle(self, settlements: Sequence[Settlement]) -> None:
        """Note final outcomes, all in one transaction; a dead letter is stored by the same.

        A record that is settled already keeps its first outcome. Chunks that are settled whole are
        given up, and their bytes go back to the budget.

        Raises:
            OutboxUnavailable: nothing was noted; the records would be sent again after a restart.
            DeadLettersFull: the same, for as long as there is no room for the dead letters.
        """

    async def caught_up(self) -> None:
        """Wait until `lanes` and `read` know of all whose append was answered before the call.

        Also of what earlier starts have left, however much that is.

        Raises:
            OutboxUnusable: what is stored cannot be read as it was written.
        """

    async def appended(self) -> None:
        """Wait until something was appended since the call before this one returned."""


class Outbox(OutboxWriter, OutboxReader, Protocol):
    """Both sides in one process."""

    async def close(self) -> None:
        """Let go of files. Nothing else may be called afterwards."""
