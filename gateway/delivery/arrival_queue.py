"""Action interactions: any ten records make a call."""

from collections import OrderedDict, deque
from itertools import chain, islice

from gateway.delivery.pending import MAX_BATCH_RECORDS, Batch, Pending, due_at_s


class ArrivalQueue:
    """Any ten records make a call (PutActionInteractions), one of each caller in turn.

    Args:
        linger_s: how long a record may wait for nine others.
    """

    def __init__(self, linger_s: float) -> None:
        self.of_one_caller = False
        self._linger_s = linger_s
        self._callers: OrderedDict[str, deque[Pending]] = OrderedDict()

    def add(self, pending: Pending) -> bool:
        pending.record_id = ""  # It is in the element, too.
        self._of(pending.caller).append(pending)
        return True

    def _of(self, caller: str) -> deque[Pending]:
        """Return what waits of a caller; of a new one, whose turn is the last."""
        waiting = self._callers.get(caller)
        if waiting is None:
            waiting = self._callers[caller] = deque()
        return waiting

    def due_at_s(self, now_s: float) -> float | None:
        del now_s
        callers = islice(self._callers.values(), 1 if self.of_one_caller else MAX_BATCH_RECORDS)
        batch = [*islice(chain.from_iterable(callers), MAX_BATCH_RECORDS)]
        return due_at_s(batch, self._linger_s)

    def take(self, now_s: float) -> Batch:
        del now_s
        batch: Batch = []
        turn = MAX_BATCH_RECORDS if self.of_one_caller else 1
        while self._callers and len(batch) < MAX_BATCH_RECORDS:
            caller, waiting = self._callers.popitem(last=False)
            batch += [waiting.popleft() for _ in range(min(turn, len(waiting)))]
            if waiting:
                self._callers[caller] = waiting
            if self.of_one_caller:
                break
        return batch

    def done(self, batch: Batch) -> None:
        pass

    def delivered(self, batch: Batch, *, not_before_s: float | None = None) -> Batch:
        del batch, not_before_s
        return []

    def put_back(
        self, batch: Batch, *, last: bool = False, not_before_s: float | None = None
    ) -> None:
        del not_before_s  # The event ID makes a second arrival harmless.
        for pending in batch if last else reversed(batch):
            waiting = self._of(pending.caller)
            if last:
                waiting.append(pending)
            else:
                waiting.appendleft(pending)
                self._callers.move_to_end(pending.caller, last=False)
