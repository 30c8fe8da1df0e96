"""Items, users and actions: of several records of one ID the newest counts."""

from collections import deque
from itertools import islice
from typing import TYPE_CHECKING

from gateway.delivery.pending import MAX_BATCH_RECORDS, Batch, Pending, due_at_s
from gateway.delivery.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Hashable


class LatestQueue:
    """Ten records of different IDs make a call (PutItems, PutUsers, PutActions).

    Of several that wait for one ID only the newest is sent. It takes the place in the queue of the
    one that it replaces, so that an ID that changes all the time is still sent. An ID is in one
    call at a time.

    Args:
        linger_s: how long a record may wait for nine others.
    """

    def __init__(self, linger_s: float) -> None:
        self.of_one_caller = False
        self._linger_s = linger_s
        self._waiting = Turns()
        self._busy: set[Hashable] = set()
        self._held: deque[tuple[float, Batch]] = deque()

    def add(self, pending: Pending) -> None:
        older = self._waiting.get(pending.record.record_id)
        if older is not None:
            pending.predecessors = [*older.predecessors, older]
            older.predecessors = []
            pending.since_s = older.since_s
        self._waiting.put(pending.record.record_id, pending)

    def due_at_s(self, now_s: float) -> float | None:
        self._release(now_s)
        due = [until_s for until_s, _ in islice(self._held, 1)]
        free_at_s = due_at_s(self._free(), self._linger_s)
        return min([*due, *([] if free_at_s is None else [free_at_s])], default=None)

    def take(self, now_s: float) -> Batch:
        self._release(now_s)
        batch = self._free()
        for pending in batch:
            self._waiting.remove(pending.record.record_id)
            self._busy.add(pending.record.record_id)
        return batch

    def done(self, batch: Batch) -> None:
        self._busy.difference_update(pending.record.record_id for pending in batch)

    def put_back(
        self, batch: Batch, *, last: bool = False, not_before_s: float | None = None
    ) -> None:
        if not_before_s is not None:
            self._busy.update(pending.record.record_id for pending in batch)
            self._held.append((not_before_s, batch))
            return
        self.done(batch)
        for pending in batch if last else reversed(batch):
            self._put_back_one(pending, first=not last)

    def _put_back_one(self, pending: Pending, *, first: bool) -> None:
        newer = self._waiting.get(pending.record.record_id)
        if newer is not None:
            newer.predecessors = [*pending.predecessors, pending, *newer.predecessors]
            pending.predecessors = []
        else:
            self._waiting.put(pending.record.record_id, pending, first=first)

    def _free(self) -> Batch:
        return self._waiting.choose(
            MAX_BATCH_RECORDS,
            lambda record_id: record_id not in self._busy,
            of_one_caller=self.of_one_caller,
        )

    def _release(self, now_s: float) -> None:
        while self._held and self._held[0][0] <= now_s:
            self.put_back(self._held.popleft()[1], last=True)
