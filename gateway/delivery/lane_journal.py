"""What one lane notes of its calls, so that nothing older follows what may have been taken."""

from collections.abc import Iterable, Mapping

from gateway.delivery.journal import Journal, RefKey, key
from gateway.delivery.pending import Batch
from gateway.delivery.results import outcome_unknown
from gateway.outbox.interface import Settlement
from gateway.records import Lane


class LaneJournal:
    """Notes the calls of a lane: for this process, and for the one after it.

    Args:
        journal: outlives this process; None where nothing does.
    """

    def __init__(self, lane: Lane, journal: Journal | None) -> None:
        self._lane = lane
        self._journal = journal
        self._uncertain: dict[RefKey, int] = {}

    def suspects(self) -> Mapping[RefKey, int]:
        """Return the records that Personalize may have taken, and how many crashes each saw."""
        before = {} if self._journal is None else self._journal.suspects(self._lane)
        return {**self._uncertain, **before}

    def begin(self, batch: Batch, now_s: float) -> int | None:
        """Note a call that begins; return what `end` is to be told."""
        if self._journal is None:
            return None
        return self._journal.begin(self._lane, [pending.ref for pending in batch], now_s)

    def returned(self, noted: int | None, batch: Batch, error: Exception | None) -> None:
        """Note how a call has ended."""
        if outcome_unknown(error):
            self._uncertain |= {key(pending.ref): 0 for pending in batch}
        if self._journal is not None:
            self._journal.returned(noted)

    def settled(self, settlements: Iterable[Settlement]) -> None:
        """Forget what is settled for good."""
        for settlement in settlements if self._uncertain else ():
            self._uncertain.pop(key(settlement.record), None)

    def end(self, noted: int | None, error: Exception | None, held_until_s: float) -> None:
        """Strike out a call, once what it has settled is noted.

        Where its outcome is unknown it stays noted until Personalize can no longer be at work on
        it.
        """
        if self._journal is None:
            return
        if outcome_unknown(error):
            self._journal.hold(noted, held_until_s)
        else:
            self._journal.end(noted)
