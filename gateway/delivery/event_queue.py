"""Events: a call holds those of one session and user."""

from collections import OrderedDict

from gateway.delivery.pending import MAX_BATCH_RECORDS, Batch, Pending


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
        self._sessions_of(pending.caller).add(pending)
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

    def delivered(self, batch: Batch) -> Batch:
        del batch
        return []

    def put_back(
        self, batch: Batch, *, last: bool = False, not_before_s: float | None = None
    ) -> None:
        del not_before_s  # The event ID makes a second arrival harmless.
        caller = batch[0].caller
        self._sessions_of(caller).put_back(batch, last=last)
        self._callers.move_to_end(caller, last=last)

    def _sessions_of(self, caller: str) -> "_Sessions":
        return self._callers.setdefault(caller, _Sessions(self._linger_s))


_SessionKey = tuple[str, str | None]


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
        self._waiting: OrderedDict[_SessionKey, Batch] = OrderedDict()
        self._full: dict[_SessionKey, None] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, pending: Pending) -> None:
        key = _session_key(pending)
        events = self._waiting.setdefault(key, [])
        events.append(pending)
        if len(events) >= MAX_BATCH_RECORDS:
            self._full[key] = None

    def due_at_s(self) -> float:
        return 0.0 if self._full else self._oldest_s() + self._linger_s

    def take(self, now_s: float) -> Batch:
        full = self._full and self._oldest_s() + self._patience_s > now_s
        key = next(iter(self._full if full else self._waiting))
        events = self._waiting[key]
        batch = events[:MAX_BATCH_RECORDS]
        del events[:MAX_BATCH_RECORDS]
        if len(events) < MAX_BATCH_RECORDS:
            self._full.pop(key, None)
        if events:
            self._waiting.move_to_end(key)
        else:
            del self._waiting[key]
        return batch

    def put_back(self, batch: Batch, *, last: bool) -> None:
        key = _session_key(batch[0])
        events = self._waiting.setdefault(key, [])
        events[:0] = batch
        self._waiting.move_to_end(key, last=last)
        if len(events) >= MAX_BATCH_RECORDS:
            self._full[key] = None

    def _oldest_s(self) -> float:
        return next(iter(self._waiting.values()))[0].since_s


def _session_key(pending: Pending) -> _SessionKey:
    return pending.record.session_id, pending.record.user_id
