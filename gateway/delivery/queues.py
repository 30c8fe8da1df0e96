"""What waits in a lane, and which of it goes into the next call.

Three ways to batch, one interface. A queue decides and remembers; it neither sends nor knows time
beyond what it is told.
"""

from collections import OrderedDict, deque
from itertools import islice
from typing import Protocol

from gateway.delivery.pending import Batch, Pending
from gateway.records import Kind

MAX_BATCH_RECORDS = 10
"""Most records of one call: the list maxima of botocore's model `personalize-events`."""


class Queue(Protocol):
    """The records of a lane that wait, in the order in which they may be sent."""

    def add(self, pending: Pending) -> None:
        """Put a record, newer than all before it, at the end."""

    def due_at_s(self, now_s: float) -> float | None:
        """Return from when on a batch is due; None until a record is added, done or put back."""

    def take(self, now_s: float) -> Batch:
        """Take out the next batch: the records of one call, at most ten; none if none is due."""

    def done(self, batch: Batch) -> None:
        """Forget records that were taken and are settled."""

    def put_back(self, batch: Batch, *, not_before_s: float | None = None) -> None:
        """Return records that were taken to the front.

        Args:
            batch: the records, in the order in which they were taken.
            not_before_s: set where Personalize may have them already and may still be at work on
                them: until then no record of the same ID is sent beside them.
        """


def queue_of(kind: Kind, linger_s: float) -> Queue:
    """Return an empty queue that batches as the kind's operation needs."""
    if kind is Kind.EVENTS:
        return SessionQueue(linger_s)
    if kind.replaces:
        return LatestQueue(linger_s)
    return ArrivalQueue(linger_s)


class ArrivalQueue:
    """Any ten records make a call, in the order of arrival (PutActionInteractions).

    Args:
        linger_s: how long a record may wait for nine others.
    """

    def __init__(self, linger_s: float) -> None:
        self._linger_s = linger_s
        self._waiting: deque[Pending] = deque()

    def add(self, pending: Pending) -> None:
        self._waiting.append(pending)

    def due_at_s(self, now_s: float) -> float | None:
        del now_s
        if not self._waiting:
            return None
        first = self._waiting[0].since_s
        return first if len(self._waiting) >= MAX_BATCH_RECORDS else first + self._linger_s

    def take(self, now_s: float) -> Batch:
        del now_s
        return [self._waiting.popleft() for _ in range(min(MAX_BATCH_RECORDS, len(self._waiting)))]

    def done(self, batch: Batch) -> None:
        pass

    def put_back(self, batch: Batch, *, not_before_s: float | None = None) -> None:
        del not_before_s  # The event ID makes a second arrival harmless.
        self._waiting.extendleft(reversed(batch))


class SessionQueue:
    """A call holds events of one session and user, which PutEvents names once for all of them.

    Full batches go first, then whatever session has waited longest: while the quota is the limit,
    the others fill up meanwhile.

    Args:
        linger_s: how long an event may wait for nine others of its session and user.
    """

    def __init__(self, linger_s: float) -> None:
        self._linger_s = linger_s
        self._sessions: OrderedDict[_SessionKey, deque[Pending]] = OrderedDict()
        self._full: dict[_SessionKey, None] = {}

    def add(self, pending: Pending) -> None:
        key = _session_key(pending)
        events = self._sessions.setdefault(key, deque())
        events.append(pending)
        if len(events) >= MAX_BATCH_RECORDS:
            self._full[key] = None

    def due_at_s(self, now_s: float) -> float | None:
        del now_s
        if not self._sessions:
            return None
        if self._full:
            return 0.0
        return next(iter(self._sessions.values()))[0].since_s + self._linger_s

    def take(self, now_s: float) -> Batch:
        del now_s
        key = next(iter(self._full or self._sessions))
        events = self._sessions[key]
        batch = [events.popleft() for _ in range(min(MAX_BATCH_RECORDS, len(events)))]
        if len(events) < MAX_BATCH_RECORDS:
            self._full.pop(key, None)
        if events:
            self._sessions.move_to_end(key)
        else:
            del self._sessions[key]
        return batch

    def done(self, batch: Batch) -> None:
        pass

    def put_back(self, batch: Batch, *, not_before_s: float | None = None) -> None:
        del not_before_s  # The event ID makes a second arrival harmless.
        key = _session_key(batch[0])
        events = self._sessions.setdefault(key, deque())
        events.extendleft(reversed(batch))
        self._sessions.move_to_end(key, last=False)
        if len(events) >= MAX_BATCH_RECORDS:
            self._full[key] = None


_SessionKey = tuple[str, str | None]


def _session_key(pending: Pending) -> _SessionKey:
    return pending.record.session_id, pending.record.user_id


class LatestQueue:
    """Ten records of different IDs make a call (PutItems, PutUsers, PutActions).

    Of several that wait for one ID only the newest is sent. It takes the place in the queue of the
    one that it replaces, so that an ID that changes all the time is still sent. An ID is in one
    call at a time.

    Args:
        linger_s: how long a record may wait for nine others.
    """

    def __init__(self, linger_s: float) -> None:
        self._linger_s = linger_s
        self._waiting: OrderedDict[str, Pending] = OrderedDict()
        self._busy: set[str] = set()
        self._held: deque[tuple[float, Batch]] = deque()

    def add(self, pending: Pending) -> None:
        older = self._waiting.get(pending.record.record_id)
        if older is not None:
            pending.predecessors = [*older.predecessors, older]
            older.predecessors = []
            pending.since_s = older.since_s
        self._waiting[pending.record.record_id] = pending

    def due_at_s(self, now_s: float) -> float | None:
        self._release(now_s)
        due = [until_s for until_s, _ in islice(self._held, 1)]
        free = self._free()
        if free:
            full = len(free) >= MAX_BATCH_RECORDS
            due.append(free[0].since_s + (0.0 if full else self._linger_s))
        return min(due, default=None)

    def take(self, now_s: float) -> Batch:
        self._release(now_s)
        batch = self._free()
        for pending in batch:
            del self._waiting[pending.record.record_id]
            self._busy.add(pending.record.record_id)
        return batch

    def done(self, batch: Batch) -> None:
        self._busy.difference_update(pending.record.record_id for pending in batch)

    def put_back(self, batch: Batch, *, not_before_s: float | None = None) -> None:
        if not_before_s is not None:
            self._held.append((not_before_s, batch))
            return
        self.done(batch)
        for pending in reversed(batch):
            self._put_first(pending)

    def _put_first(self, pending: Pending) -> None:
        newer = self._waiting.get(pending.record.record_id)
        if newer is not None:
            newer.predecessors = [*pending.predecessors, pending, *newer.predecessors]
            pending.predecessors = []
        else:
            self._waiting[pending.record.record_id] = pending
            self._waiting.move_to_end(pending.record.record_id, last=False)

    def _free(self) -> Batch:
        free = (
            pending for record_id, pending in self._waiting.items() if record_id not in self._busy
        )
        return list(islice(free, MAX_BATCH_RECORDS))

    def _release(self, now_s: float) -> None:
        while self._held and self._held[0][0] <= now_s:
            self.put_back(self._held.popleft()[1])
