"""What follows when a call has ended: what is final by it, and what is sent again and when."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from gateway.delivery.open_time import OpenTime
from gateway.delivery.pace import Pace
from gateway.delivery.pending import Batch, Pending
from gateway.delivery.queues import Queue
from gateway.delivery.quota import Quota
from gateway.delivery.refusals import DEAD_LETTER_LIMIT, Refusals
from gateway.delivery.steps import LaneLimits
from gateway.delivery.window import Window
from gateway.errors import CallError, CallFailed, CallRefused, CallThrottled, LaneBlocked
from gateway.outbox.interface import DeadLetterCause, DeadLetterReason, Settlement

MAX_UNFORESEEN = 5
"""After so many errors that nobody foresaw a record becomes a dead letter."""

INTERNAL = "INTERNAL"
"""The code of such a dead letter: the fault is the gateway's."""


def outcome_unknown(error: Exception | None) -> bool:
    """Return whether Personalize may have taken a call that failed so, or may be taking it yet.

    Of an error that nobody foresaw nobody can say that it came before the call was made.
    """
    if isinstance(error, CallError):
        return error.outcome_unknown
    return error is not None


@dataclass(frozen=True, slots=True)
class Results:
    """Takes the results of a lane's calls, and changes the parts of the lane by them.

    Attributes:
        prepared: batches that are to be sent before all others.
    """

    queue: Queue
    quota: Quota
    pace: Pace
    refusals: Refusals
    open_time: OpenTime
    limits: LaneLimits
    window: Window
    prepared: deque[Batch]

    def taken_in(self, batch: Batch, error: Exception | None, now_s: float) -> list[Settlement]:
        """Take the result of a call; see `LaneState.finished`."""
        if error is None:
            return self._delivered(batch)
        if outcome_unknown(error):
            for pending in batch:
                pending.may_be_taken = True
        if not isinstance(error, CallError):
            return self._unforeseen(batch, now_s)
        if isinstance(error, CallRefused):
            return self._refused(batch, error, now_s)
        self._pause(error, now_s)
        young = [pending for pending in batch if not self._too_old(pending, now_s)]
        self._put_back(young, error, now_s)
        old = [pending for pending in batch if pending not in young]
        return self._expired(old, error, now_s)

    def _too_old(self, pending: Pending, now_s: float) -> bool:
        boot, stamp_ns = pending.ref.position.stamp
        return self.open_time.since(boot, stamp_ns / 1e9, now_s) >= self.limits.max_age_s

    def _expired(self, batch: Batch, error: CallError, now_s: float) -> list[Settlement]:
        return [
            settlement
            for pending in batch
            for settlement in self.given_up(
                pending,
                DeadLetterCause(
                    error.code, error.detail, pending.attempts, DeadLetterReason.EXPIRED
                ),
                now_s,
            )
        ]

    def _pause(self, error: CallError, now_s: float) -> None:
        if isinstance(error, LaneBlocked):
            self.pace.blocked(now_s, error.code)
        elif isinstance(error, CallThrottled):
            self.quota.throttled(now_s)
            self.pace.failed(now_s, error.code, at_least_s=error.retry_after_s or 0.0)
        else:
            self.pace.failed(now_s, error.code)

    def _put_back(self, batch: Batch, error: CallError, now_s: float) -> None:
        if not batch:
            return
        if not outcome_unknown(error):
            # A fault may be that of these records: others are tried before them.
            self.queue.put_back(batch, last=isinstance(error, CallFailed))
            return
        self._hold(batch, now_s)

    def _hold(self, batch: Batch, now_s: float, *, last: bool = False) -> None:
        """Put records back that Personalize may have taken, or may be taking yet."""
        not_before_s = now_s + self.limits.unknown_hold_s
        self.queue.put_back(batch, last=last, not_before_s=not_before_s)

    def _delivered(self, batch: Batch) -> list[Settlement]:
        self.pace.succeeded()
        self.refusals.call_taken(len(batch))
        self.queue.of_one_caller = self.refusals.careful
        older = [one for pending in batch for one in pending.predecessors]
        older += self.queue.delivered(batch)
        self.window.let_go(batch)
        for pending in batch:
            pending.final = True
        return [*self.superseded(older), *[Settlement(pending.ref) for pending in batch]]

    def superseded(self, records: Iterable[Pending]) -> list[Settlement]:
        """Let records go of whose IDs newer ones are delivered; return what is to be noted."""
        return [self.settled(pending, superseded=True) for pending in records]

    def _refused(self, batch: Batch, error: CallRefused, now_s: float) -> list[Settlement]:
        self.refusals.call_refused()
        self.queue.of_one_caller = True
        if len(batch) == 1 and self.refusals.too_many:
            self.pace.blocked(now_s, DEAD_LETTER_LIMIT)
            self.queue.put_back(batch)
            return []
        self.pace.succeeded()  # A refusal is an answer, too.
        if len(batch) > 1:
            self._split(batch)
            return []
        self.refusals.record_refused()
        cause = DeadLetterCause(error.code, error.detail, batch[0].attempts)
        return self.given_up(batch[0], cause, now_s)

    def _split(self, batch: Batch) -> None:
        middle = len(batch) // 2
        self.prepared.extendleft([batch[middle:], batch[:middle]])

    def _unforeseen(self, batch: Batch, now_s: float) -> list[Settlement]:
        """Send each record alone from now on; give up those that failed so too often."""
        self.pace.failed(now_s, INTERNAL)
        settlements: list[Settlement] = []
        for pending in batch:
            pending.alone = True
            pending.unforeseen += 1
            if pending.unforeseen >= MAX_UNFORESEEN:
                cause = DeadLetterCause(INTERNAL, "", pending.attempts, DeadLetterReason.INTERNAL)
                settlements += self.given_up(pending, cause, now_s)
            else:
                self._hold([pending], now_s, last=True)
        return settlements

    def given_up(self, pending: Pending, cause: DeadLetterCause, now_s: float) -> list[Settlement]:
        """Give up a record; the newest that it stood for takes its place.

        Not so where Personalize may have taken it after all: an older one would then replace it.
        And it may be at work on it yet: a newer one waits until it no longer can be.
        """
        settlements = [self.settled(pending, dead_letter=cause)]
        if pending.may_be_taken and cause.reason is not DeadLetterReason.REFUSED:
            not_before_s = now_s + self.limits.unknown_hold_s
            superseded = self.queue.delivered([pending], not_before_s=not_before_s)
            return settlements + self.superseded([*pending.predecessors, *superseded])
        if pending.predecessors:
            *older, survivor = pending.predecessors
            survivor.predecessors = older
            self.queue.put_back([survivor])
        return settlements

    def settled(
        self,
        pending: Pending,
        *,
        superseded: bool = False,
        dead_letter: DeadLetterCause | None = None,
    ) -> Settlement:
        """Let a record go, and return what is to be noted of it."""
        self.window.let_go([pending])
        pending.final = True
        return Settlement(pending.ref, superseded=superseded, dead_letter=dead_letter)
