"""Dead letters: the records that Personalize will never take, kept with the reason."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from gateway.outbox.interface import DeadLetterReason, RecordRef
from gateway.records import Kind, Lane, Origin, Record


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A record that will never be delivered, with what was the matter with it.

    Attributes:
        dead_letter_id: names it, for as long as the outbox lives.
        caller: who sent it.
        route: the route by which it came.
        code: the error code, bounded and free of personal data.
        detail: what Personalize said; may quote the record.
        attempts: how often it was sent.
        accepted_at_ms: when the gateway took it, ms since the epoch.
        dead_at_ms: when it became a dead letter, likewise.
        origin: where the record was accepted first.
        superseded: whether a newer record of its ID was delivered since.
    """

    dead_letter_id: str
    lane: Lane
    caller: str
    route: str
    record: Record
    reason: DeadLetterReason
    code: str
    detail: str
    attempts: int
    accepted_at_ms: int
    dead_at_ms: int
    origin: Origin
    superseded: bool = False


@dataclass(frozen=True, slots=True)
class DeadLetterFilter:
    """Chooses dead letters: those that fit all that is not None.

    Attributes:
        since_ms: those that became one at this time or later, ms since the epoch.
        until_ms: those that became one before this time.
        ids: those with one of these IDs.
    """

    dataset_group: str | None = None
    kind: Kind | None = None
    reason: DeadLetterReason | None = None
    since_ms: int | None = None
    until_ms: int | None = None
    ids: Collection[str] | None = None


EVERY = DeadLetterFilter()


class DeadLetterPage(NamedTuple):
    """Some of the dead letters that were asked for.

    Attributes:
        dead_letters: those, the oldest first.
        next_after: where the next page begins; None after the last.
    """

    dead_letters: list[DeadLetter]
    next_after: int | None


@dataclass(frozen=True, slots=True)
class DeadLetterTotals:
    """How many dead letters there are.

    Attributes:
        size_bytes: what their elements count for in the budget of dead letters.
    """

    count: int
    size_bytes: int


class DeadLetters(Protocol):
    """Shows dead letters and lets them go. They come into being when delivery settles.

    Raises:
        OutboxUnavailable: from each method: they cannot be read or written now; nothing was done.
    """

    async def find(
        self, chosen: DeadLetterFilter = EVERY, *, after: int = 0, limit: int = 100
    ) -> DeadLetterPage:
        """Return a page of those chosen, in the order in which they became dead letters.

        Args:
            chosen: which.
            after: `next_after` of the page before; 0 for the first. One that is deleted or comes
                between two pages shifts nothing.
            limit: how many at most.
        """

    async def totals(self, chosen: DeadLetterFilter = EVERY) -> DeadLetterTotals:
        """Return how many are chosen, and how many bytes."""

    async def delete(self, ids: Sequence[str]) -> int:
        """Delete for good those that are there; return how many were.

        Who replays one as new calls this only once its replacement is stored.
        """

    async def replayed(self, ids: Sequence[str]) -> int:
        """Hide those that are there and whose replay is stored; return how many were.

        They are kept, without the record, until the replay is settled: meanwhile they can be
        superseded still, and the replay with them (`StoredChunk.superseded`).
        """

    async def supersede(self, lane: Lane, record_id: str) -> int:
        """Mark those of a record's ID as superseded; return how many were not yet.

        Delivery does it by itself when it delivers a newer record of the ID.
        """


def dead_letter_id(ref: RecordRef) -> str:
    """Return the ID of the dead letter that a record becomes, should it become one."""
    boot, stamp_ns = ref.position.stamp
    return f"{boot:x}-{stamp_ns:x}-{ref.position.writer:x}-{ref.position.row:x}-{ref.index:x}"


def origin_of(dead_letter_id: str) -> Origin:
    """Return where the record that became a dead letter was in the outbox."""
    return Origin(*(int(part, 16) for part in dead_letter_id.split("-")))
