"""How disk space is given back: drained segments go, mostly drained ones are emptied and go."""

from collections.abc import Callable, Iterable

from gateway.outbox.delivery_db import DeliveryDb
from gateway.outbox.open_segments import OpenSegments
from gateway.outbox.segment_name import SegmentName
from gateway.outbox.segment_states import SegmentState, SegmentStates
from gateway.outbox.survivors import Survivors

QUIET_S = 5.0
"""A segment of which nothing was settled for so long is not being drained at present."""


class Draining:
    """Removes segments. Blocks; for one thread at a time.

    Raises:
        sqlite3.Error: from each method: it could not be written; nothing was lost.
        OSError: a file could not be removed.
    """

    def __init__(
        self,
        states: SegmentStates,
        files: OpenSegments,
        kept: DeliveryDb,
        survivors: Survivors,
        monotonic_s: Callable[[], float],
    ) -> None:
        self._states = states
        self._files = files
        self._kept = kept
        self._survivors = survivors
        self._monotonic_s = monotonic_s

    def touched(self, names: Iterable[SegmentName]) -> None:
        """Note that something of segments was settled just now."""
        now_s = self._monotonic_s()
        for name in names:
            state = self._states.get(name)
            if state is not None:
                state.touched_at_s = now_s

    def remove_drained(self) -> None:
        """Remove the segments in which nothing is open.

        A crash in the middle leaves a file that the next start finds drained, or notes of a file
        that is gone, which it forgets.
        """
        for state in self._states:
            if state.drained:
                self._remove(state)

    def _remove(self, state: SegmentState) -> None:
        if not state.copied:
            self._files.remove(state.name)
            self._kept.forget_segment(state.name)
        self._states.forget(state)

    def empty(self) -> None:
        """Copy what is left of segments that are drained by half or more, and rest; remove them.

        So a parked lane, or a single record, keeps at most twice its own size of segments. A record
        is copied once at most. What is copied is on disk before the segment goes.
        """
        for state in self._states:
            if state.complete and not state.copied and self._rests(state):
                if 2 * state.open_bytes <= state.total_bytes:
                    self._copy(state)
                else:
                    # Its WAL may be much larger than what is in it; closing it moves that over.
                    self._files.release(state.name)

    def _rests(self, state: SegmentState) -> bool:
        now_s = self._monotonic_s()
        if state.touched_at_s is None:
            state.touched_at_s = now_s
        return now_s - state.touched_at_s >= QUIET_S

    def _copy(self, state: SegmentState) -> None:
        rows = state.done.open_rows(state.scanned_row)
        source = self._files.get(state.name)
        self._survivors.copy(state.name, source, rows, state.done.with_rows(rows))
        self._files.remove(state.name)
        state.copied = True
        self._kept.forget_segment(state.name)
