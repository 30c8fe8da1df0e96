"""Action interactions: any ten records make a call."""

from gateway.delivery.pending import MAX_BATCH_RECORDS, Batch, Pending, due_at_s
from gateway.delivery.turns import Turns


class ArrivalQueue:
    """Any ten records make a call (PutActionInteractions).

    Args:
        linger_s: how long a record may wait for nine others.
    """

    def __init__(self, linger_s: float) -> None:
        self.of_one_caller = False
        self._linger_s = linger_s
        self._waiting = Turns()

    def add(self, pending: Pending) -> bool:
        self._waiting.put(pending, pending)
        return True

    def due_at_s(self, now_s: float) -> float | None:
        del now_s
        return due_at_s(self._next(), self._linger_s)

    def take(self, now_s: float) -> Batch:
        del now_s
        batch = self._next()
        for pending in batch:
            self._waiting.remove(pending)
        return batch

    def done(self, batch: Batch) -> None:
        pass

    def delivered(self, batch: Batch) -> Batch:
        del batch
        return []

    def put_back(
        self, batch: Batch, *, last: bool = False, not_before_s: float | None = None
    ) -> None:
        del not_before_s  # The event ID makes a second arrival harmless.
        for pending in batch if last else reversed(batch):
            self._waiting.put(pending, pending, first=not last)

    def _next(self) -> Batch:
        return self._waiting.choose(
            MAX_BATCH_RECORDS, lambda _: True, of_one_caller=self.of_one_caller
        )
