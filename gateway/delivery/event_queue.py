"""Events: a call holds those of one session and user."""

from collections import OrderedDict, deque

from gateway.delivery.pending import MAX_BATCH_RECORDS, Batch, Pending, Session


class EventQueue:
    """A call holds events of one session and user, which PutEvents names once for all of them.

    Its batches are of one caller in any case.

    Args:
        linger_s: how long an event may wait for nine others of its session and user.
    """

    def __init__(self, linger_s: float) -> None:
        self.of_one_caller = False
        self._linger_s = linger_s
        self._callers: OrderedDict[str, _Sessions] = OrderedDict()

    def add(self, pending: Pending) -> bool:
        sessions = self._callers.get(pending.caller)
        if sessions is None:
            sessions = self._callers[pending.caller] = _Sessions(self._linger_s)
        sessions.add(pending)
        return True

    def due_at_s(self, now_s: float) -> float | None:
        earliest_s: float | None = None
        for sessions in self._callers.values():
            due_at_s = sessions.due_at_s()
            if due_at_s <= now_s:
                return due_at_s
            earliest_s = due_at_s if earliest_s is None else min(earliest_s, due_at_s)
        return earliest_s

    def take(self, now_s: float) -> Batch:
        for caller, sessions in self._callers.items():
            if sessions.due_at_s() <= now_s:
                batch = sessions.take(now_s)
                self._callers.move_to_end(caller)
                if not sessions:
                    del self._callers[caller]
                return batch
        return []

    def done(self, batch: Batch) -> None:
        pass

    def delivered(self, batch: Batch, *, not_before_s: float | None = None) -> Batch:
        del batch, not_before_s
        return []

    def put_back(
        self, batch: Batch, *, last: bool = False, not_before_s: float | None = None
    ) -> None:
        del not_before_s  # The event ID makes a second arrival harmless.
        caller = batch[0].caller
        sessions = self._callers.setdefault(caller, _Sessions(self._linger_s))
        sessions.put_back(batch, last=last)
        self._callers.move_to_end(caller, last=last)


class _Sessions:
    """The events of one caller, by session and user.

    Full batches go first, then whatever session has waited longest: while the quota is the limit,
    the others fill up meanwhile. A session that has waited for long goes before full batches, so
    that no stream of those can hold it for ever.
    """

    def __init__(self, linger_s: float) -> None:
        self._linger_s = linger_s
        self._patience_s = max(1.0, 10 * linger_s)
        # Lists, not deques, of which each takes the room of 64 events: most sessions have a few.
        self._waiting: OrderedDict[Session, Batch] = OrderedDict()
        self._full: deque[Batch] = deque()

    def __bool__(self) -> bool:
        return bool(self._waiting or self._full)

    def add(self, pending: Pending) -> None:
        pending.record_id = ""  # It is in the element, too.
        session = pending.session
        events = self._waiting.get(session)
        if events is None:
            self._waiting[session] = [pending]
            return
        pending.session = events[0].session  # They are equal: one is enough in memory.
        events.append(pending)
        if len(events) == MAX_BATCH_RECORDS:
            del self._waiting[session]
            self._full.append(events)

    def due_at_s(self) -> float:
        return 0.0 if self._full else self._oldest_s() + self._linger_s

    def take(self, now_s: float) -> Batch:
        if self._full and (not self._waiting or not self._is_overdue(now_s)):
            return self._full.popleft()
        return self._waiting.popitem(last=False)[1]

    def _is_overdue(self, now_s: float) -> bool:
        """Whether a session has waited for longer than it may, and than the full batches."""
        oldest_s = self._oldest_s()
        return oldest_s + self._patience_s <= now_s and oldest_s < self._full[0][0].since_s

    def put_back(self, batch: Batch, *, last: bool) -> None:
        session = batch[0].session
        events = [*batch, *self._waiting.pop(session, ())]
        first, rest = events[:MAX_BATCH_RECORDS], events[MAX_BATCH_RECORDS:]
        if len(first) == MAX_BATCH_RECORDS:
            (self._full.append if last else self._full.appendleft)(first)
            first = rest
        if first:
            self._waiting[session] = first
            self._waiting.move_to_end(session, last=last)

    def _oldest_s(self) -> float:
        return next(iter(self._waiting.values()))[0].since_s
