"""What the log says of a lane: each change once, and dead letters once a minute."""

import structlog

from gateway.records import Lane

log = structlog.get_logger()

_QUIET_S = 60.0


class LaneLog:
    """Tells the log how a lane is, when that changes."""

    def __init__(self, lane: Lane) -> None:
        self._log = log.bind(lane=str(lane))
        self._parked: str | None = None
        self._failing: str | None = None
        self._dead_letters = 0
        self._quiet_until_s = 0.0

    def unforeseen(self, records: int) -> None:
        """Log the exception that a call of so many records has just raised."""
        self._log.exception("a call failed in a way that nobody foresaw", records=records)

    def cannot_settle(self, why: str) -> None:
        """Log that the lane waits for the outbox."""
        self._log.warning("what became of records cannot be noted yet", why=why)

    def stopped(self, *, parked: str | None, failing: str | None) -> None:
        """Take the codes for which it is parked and backs off; None where it does not."""
        was = self._parked or self._failing
        if parked and parked != self._parked:
            self._log.warning("lane parked; its records stay and it is probed", why=parked)
        if failing and not self._failing:
            self._log.warning("lane backs off; its records stay and are tried again", why=failing)
        if was and not (parked or failing):
            self._log.info("lane flows again", was=was)
        self._parked, self._failing = parked, failing

    def dead_letters(self, count: int, code: str, now_s: float) -> None:
        """Take a number of new dead letters; a file of a wrong schema has many."""
        self._dead_letters += count
        if now_s >= self._quiet_until_s:
            self._log.warning("records became dead letters", records=self._dead_letters, last=code)
            self._dead_letters = 0
            self._quiet_until_s = now_s + _QUIET_S
