"""Items, users and actions: of several records of one ID the newest counts."""

from collections.abc import Iterator, Sequence
from heapq import merge
from itertools import islice, takewhile
from operator import attrgetter
from typing import TYPE_CHECKING

from gateway.delivery.pending import MAX_BATCH_RECORDS, Batch, Pending, due_at_s
from gateway.delivery.turns import Turns

if TYPE_CHECKING:
    from gateway.records import Origin

_REMEMBERED = 10_000
"""Of so many IDs it is remembered which record was delivered last. Of those before them it is noted
in the outbox, which tells of a replay, when that is read, that it is superseded."""

_ACCEPTED_AT = attrgetter("accepted_at")


class LatestQueue:
    """Ten records of different IDs make a call (PutItems, PutUsers, PutActions).

    Of several that wait for one ID only the newest is sent: the one that was accepted last, which a
    replay may not be. It takes the place in the queue of the one that it replaces, so that an ID
    that changes all the time is still sent. An ID is in one call at a time, and in none until what
    became of the one before is noted: else that one would be sent again after a newer one.

    Args:
        linger_s: how long a record may wait for nine others.
    """

    def __init__(self, linger_s: float) -> None:
        self.of_one_caller = False
        self._linger_s = linger_s
        self._waiting = Turns()
        self._in_flight: dict[str, Pending] = {}
        # Of each ID the newest, if there is one, by their times: the hold of a lane is constant.
        self._held: dict[str, tuple[float, Pending | None]] = {}
        self._delivered: dict[str, Origin] = {}

    def add(self, pending: Pending) -> bool:
        delivered = self._delivered.get(pending.record_id)
        if delivered is not None and pending.accepted_at < delivered:
            return False
        self._put(pending)
        return True

    def due_at_s(self, now_s: float) -> float | None:
        self._release(now_s)
        due = [until_s for until_s, _ in islice(self._held.values(), 1)]
        free_at_s = due_at_s(self._free(), self._linger_s)
        return min([*due, *([] if free_at_s is None else [free_at_s])], default=None)

    def take(self, now_s: float) -> Batch:
        self._release(now_s)
        batch = self._free()
        for pending in batch:
            self._waiting.remove(pending.record_id)
            self._in_flight[pending.record_id] = pending
        return batch

    def done(self, batch: Batch) -> None:
        for pending in batch:
            if self._in_flight.get(pending.record_id) is pending:
                del self._in_flight[pending.record_id]

    def delivered(self, batch: Batch, *, not_before_s: float | None = None) -> Batch:
        superseded = [older for pending in batch for older in self._superseded(pending)]
        if not_before_s is not None:
            for pending in batch:
                self._hold(pending.record_id, None, not_before_s)
        return superseded

    def _superseded(self, delivered: Pending) -> Iterator[Pending]:
        """Take out what is older than what was delivered: replays, and what is given up unsent."""
        record_id, accepted_at = delivered.record_id, delivered.accepted_at
        self._remember(record_id, accepted_at)
        _, held = self._held.get(record_id, (0.0, None))
        if held is not None:
            yield from _cut(held, accepted_at)
            if held.accepted_at < accepted_at:
                del self._held[record_id]
                yield held
        waiting = self._waiting.get(record_id)
        if waiting is not None:
            yield from _cut(waiting, accepted_at)
            if waiting.accepted_at < accepted_at:
                self._waiting.remove(record_id)
                yield waiting

    def _remember(self, record_id: str, accepted_at: "Origin") -> None:
        before = self._delivered.pop(record_id, accepted_at)
        self._delivered[record_id] = max(before, accepted_at)
        if len(self._delivered) > _REMEMBERED:
            del self._delivered[next(iter(self._delivered))]

    def put_back(
        self, batch: Batch, *, last: bool = False, not_before_s: float | None = None
    ) -> None:
        self.done(batch)
        for pending in batch if last else reversed(batch):
            if not_before_s is None:
                self._put(pending, first=not last)
            else:
                self._hold(pending.record_id, pending, not_before_s)

    def _hold(self, record_id: str, pending: Pending | None, until_s: float) -> None:
        """Hold an ID back; of two records of it that are held the newer stands for both."""
        _, before = self._held.pop(record_id, (0.0, None))
        held = _newer(before, pending) if before and pending else before or pending
        self._held[record_id] = until_s, held

    def _put(self, pending: Pending, *, first: bool = False) -> None:
        """Let a record wait; of it and the one that waits for its ID the newer stands for both."""
        record_id = pending.record_id
        waiting = self._waiting.get(record_id)
        if waiting is None:
            self._waiting.put(record_id, pending, first=first)
            return
        if _newer(waiting, pending) is pending:
            self._waiting.put(record_id, pending)

    def _free(self) -> Batch:
        return self._waiting.choose(
            MAX_BATCH_RECORDS,
            lambda record_id: record_id not in self._in_flight and record_id not in self._held,
            of_one_caller=self.of_one_caller,
        )

    def _release(self, now_s: float) -> None:
        while self._held:
            record_id, (until_s, pending) = next(iter(self._held.items()))
            if until_s > now_s:
                return
            del self._held[record_id]
            if pending is not None:
                self._put(pending)


def _newer(one: Pending, other: Pending) -> Pending:
    """Return the newer of two records of an ID; it stands for the other from now on."""
    older, newer = sorted((one, other), key=_ACCEPTED_AT)
    newer.predecessors = _chained(older, newer.predecessors)
    newer.since_s = min(newer.since_s, older.since_s)
    return newer


def _cut(newest: Pending, accepted_at: "Origin") -> Batch:
    """Take those predecessors out that were accepted before that."""
    older = list(takewhile(lambda one: one.accepted_at < accepted_at, newest.predecessors))
    if older:
        newest.predecessors = newest.predecessors[len(older) :]
    return older


def _chained(older: Pending, others: Sequence[Pending]) -> Batch:
    """Return a record and its predecessors, and others besides, as predecessors of a newer one."""
    before, older.predecessors = older.predecessors, ()
    # A list is not copied: an ID may have been updated a hundred thousand times.
    chain = before if isinstance(before, list) else [*before]
    chain.append(older)
    return list(merge(chain, others, key=_ACCEPTED_AT)) if others else chain
