"""One lane: what it holds, and what it wants done next.

Everything here is a plain decision on the lane's state at a given time. `next_step` says what to
do, `gateway.delivery.runner` does it, `finished` takes the result, and `noted` is told when what
is final by that is on disk.
"""

from collections import deque
from collections.abc import Iterable, Mapping

from gateway.delivery.journal import SUSPECTED_TOGETHER, RefKey, key
from gateway.delivery.memory import LaneMemory
from gateway.delivery.open_time import OpenTime
from gateway.delivery.pace import Pace
from gateway.delivery.pending import Batch, Pending
from gateway.delivery.queues import Queue
from gateway.delivery.quota import Quota
from gateway.delivery.refusals import Refusals
from gateway.delivery.results import INTERNAL, Results
from gateway.delivery.room import Room
from gateway.delivery.steps import LaneLimits, LaneStatus, Read, Send, Step, Wait
from gateway.delivery.window import Window
from gateway.outbox.interface import (
    DeadLetterCause,
    DeadLetterReason,
    Position,
    RecordRef,
    Settlement,
    StoredChunk,
)

MAX_CRASHES = SUSPECTED_TOGETHER + 3
"""A record for which so many deaths of the process count becomes a dead letter: at the last three
of them nothing else was in flight."""


class LaneState:
    """The state of one lane.

    Args:
        open_time: when this lane could send.
        suspects: how many deaths of the process count for a record of the lane; see `Journal`.
            Nothing is sent before the lane has read as far as the last of them: Personalize may
            have taken it, and an older one must not follow.
        room: what it holds in memory together with others; its own where it is given none.
    """

    def __init__(  # noqa: PLR0913 - what a lane is made of
        self,
        queue: Queue,
        quota: Quota,
        pace: Pace,
        refusals: Refusals,
        open_time: OpenTime,
        limits: LaneLimits,
        *,
        suspects: Mapping[RefKey, int] | None = None,
        paused: bool = False,
        room: Room | None = None,
    ) -> None:
        self._queue = queue
        self._quota = quota
        self._pace = pace
        self._refusals = refusals
        self._open_time = open_time
        self._suspects = suspects or {}
        self._last_suspect = max(self._suspects, default=None)
        self._limits = limits
        self._prepared: deque[Batch] = deque()
        self._window = window = Window(limits.look_ahead)
        self._results = Results(
            queue, quota, pace, refusals, open_time, limits, window, self._prepared
        )
        self._room = room or Room()
        self._room.add(self._window)
        self._in_flight = 0
        self._paused = paused
        self._stopping = False

    def __repr__(self) -> str:
        ahead = f"{self._window.records} records, {self._in_flight} in flight"
        return f"<LaneState {ahead}, {self._pace!r}>"

    def status(self) -> LaneStatus:
        """Return what an operator wants to know of it."""
        return LaneStatus(
            paused=self._paused,
            parked=self._pace.parked,
            backing_off=self._pace.failing,
            records_ahead=self._window.records,
            calls_in_flight=self._in_flight,
            rate_per_s=self._quota.rate_per_s,
            bytes_ahead=self._window.size_bytes,
        )

    @property
    def parked(self) -> str | None:
        """The error code for which the lane is parked; None while it is not."""
        return self._pace.parked

    def appended(self) -> None:
        """Note that the outbox may hold more."""
        self._window.appended()

    def memory(self, now_s: float) -> LaneMemory:
        """Return what is to be remembered over a restart."""
        return LaneMemory(tuple(self._open_time.spans(now_s)), self._paused)

    def stop(self) -> None:
        """Send nothing more: this state is about to be given up."""
        self._stopping = True

    def cannot_settle(self, now_s: float, code: str) -> None:
        """Park: what becomes of records cannot be noted."""
        self._pace.blocked(now_s, code)
        self._note_open(now_s)

    def pause(self, now_s: float) -> None:
        """Send nothing more until `resume`; calls under way end as they do."""
        self._paused = True
        self._note_open(now_s)

    def resume(self, now_s: float) -> None:
        """Go on, and at once where the lane was parked or backing off: what was wrong is mended."""
        self._paused = False
        self._pace.succeeded()
        self._refusals.forget()
        self._note_open(now_s)

    def _note_open(self, now_s: float) -> None:
        self._open_time.note(now_s, is_open=self._pace.flowing and not self._paused)

    def next_step(self, now_s: float) -> Step:
        """Say what to do now."""
        read = self._next_read()
        if read is not None:
            self._window.reading()
            return read
        ready_at_s = self._ready_at_s(now_s)
        if ready_at_s is None or ready_at_s > now_s:
            return Wait(ready_at_s)
        return Send(self._take(now_s))

    def _next_read(self) -> Read | None:
        """Return what to read now; None where there is nothing more, or no room.

        For what there is up to the last suspect there was room once.
        """
        if self._last_suspect is not None:
            after = self._window.after
            if after is None or key(RecordRef(after, 0)) < self._last_suspect:
                return self._window.read_on()
        read = self._window.next_read()
        return read if read is not None and self._room.may_read(self._window) else None

    def _ready_at_s(self, now_s: float) -> float | None:
        if self._paused or self._stopping or self._in_flight >= self._pace.max_in_flight:
            return None
        due_at_s = now_s if self._prepared else self._queue.due_at_s(now_s)
        if due_at_s is None:
            return None
        return max(due_at_s, self._pace.ready_at_s, self._quota.ready_at_s(now_s))

    def _take(self, now_s: float) -> Batch:
        if not self._prepared:
            self._prepared.extend(_apart(self._queue.take(now_s)))
        batch = self._prepared.popleft()
        self._quota.spend(now_s)
        self._pace.begun()
        self._in_flight += 1
        for pending in batch:
            pending.attempts += 1
        return batch

    def add(self, chunks: Iterable[StoredChunk], now_s: float) -> list[Settlement]:
        """Take what `Read` asked for; nothing means that the outbox has no more.

        Returns what is final at once: replays that are superseded, and records that have killed the
        process too often.
        """
        last: Position | None = None
        settlements: list[Settlement] = []
        for chunk in chunks:
            last = chunk.position
            waiting = _pending_of(chunk, now_s)
            self._window.hold(waiting)
            if chunk.superseded:
                settlements += self._results.superseded(waiting)
            elif self._suspects:
                for pending in waiting:
                    settlements += self._add_one(pending, now_s)
            else:
                settlements += self._let_wait(waiting)
        self._window.has_read(last)
        return settlements

    def _let_wait(self, batch: Batch) -> list[Settlement]:
        add = self._queue.add
        return self._results.superseded([pending for pending in batch if not add(pending)])

    def _add_one(self, pending: Pending, now_s: float) -> list[Settlement]:
        crashes = self._suspects.get(key(pending.ref))
        if crashes is None:
            return self._let_wait([pending])
        # It was in flight when the process before this one ended: that call may still be at work.
        pending.may_be_taken = True
        if crashes >= MAX_CRASHES:
            cause = DeadLetterCause(INTERNAL, "", crashes, DeadLetterReason.INTERNAL)
            return self._results.given_up(pending, cause, now_s)
        pending.alone = crashes > 0
        pending.by_itself = crashes >= SUSPECTED_TOGETHER
        not_before_s = now_s + self._limits.unknown_hold_s
        self._queue.put_back([pending], last=True, not_before_s=not_before_s)
        return []

    def finished(self, batch: Batch, error: Exception | None, now_s: float) -> list[Settlement]:
        """Take the result of a call and return what is final by it.

        Args:
            batch: the records of `Send`.
            error: what the call raised; None where Personalize took the records.
            now_s: the time.
        """
        self._in_flight -= 1
        batch[0].by_itself = False
        settlements = self._results.taken_in(batch, error, now_s)
        self._note_open(now_s)
        return settlements

    def noted(self, batch: Batch) -> None:
        """Let others of their IDs be sent: what `finished` returned of a batch is on disk."""
        # What was put back of it may be in flight again.
        self._queue.done([pending for pending in batch if pending.final])


def _apart(batch: Batch) -> list[Batch]:
    """Return the batch, and apart from it each record that shares no call."""
    alone = [[pending] for pending in batch if pending.alone]
    together = [pending for pending in batch if not pending.alone] if alone else batch
    return [together, *alone] if together else alone


def _pending_of(stored: StoredChunk, now_s: float) -> Batch:
    position, chunk, settled = stored.position, stored.chunk, stored.settled
    caller, trace_context, origin = chunk.caller, chunk.trace_context, chunk.origin
    return [
        Pending(RecordRef(position, index), record, caller, trace_context, now_s, origin)
        for index, record in enumerate(chunk.records)
        if index not in settled
    ]
