"""How far a lane has read ahead, and whether it wants to read on."""

from gateway.delivery.pending import Batch
from gateway.delivery.steps import LookAhead, Read
from gateway.outbox.interface import Position

_READ_RECORDS = 2_000


class Window:
    """Counts what a lane holds in memory, and remembers where reading goes on."""

    def __init__(self, look_ahead: LookAhead) -> None:
        self._look_ahead = look_ahead
        self._more = True
        self._has_news = False
        self.after: Position | None = None
        """The last chunk that was read; None before the first."""
        self.records = 0
        """How many records are held."""
        self.size_bytes = 0
        """How many bytes those are."""

    def appended(self) -> None:
        """Note that the outbox may hold more."""
        self._more = self._has_news = True

    def reading(self) -> None:
        """Note that a read begins: it may have looked before what is appended from now on."""
        self._has_news = False

    def next_read(self) -> Read | None:
        """Return what to read now; None while there is no room, or nothing more to read."""
        records = min(_READ_RECORDS, self._look_ahead.records - self.records)
        size_bytes = self._look_ahead.size_bytes - self.size_bytes
        if self._more and records > 0 and size_bytes > 0:
            return Read(self.after, records, size_bytes)
        return None

    def read_on(self) -> Read | None:
        """Return what to read next, whatever room there is; None where there is nothing more."""
        return Read(self.after, _READ_RECORDS, self._look_ahead.size_bytes) if self._more else None

    def has_read(self, last: Position | None) -> None:
        """Note the position of the last chunk that was read; None where there was none."""
        self._more = last is not None or self._has_news
        self.after = last or self.after

    def hold(self, batch: Batch) -> None:
        """Count records in."""
        self.records += len(batch)
        self.size_bytes += sum([len(pending.element) for pending in batch])

    def let_go(self, batch: Batch) -> None:
        """Count records out."""
        self.records -= len(batch)
        self.size_bytes -= sum([len(pending.element) for pending in batch])
