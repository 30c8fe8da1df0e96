"""How delivery sees how far an ingest process has come, and whether it lives."""

from typing import NamedTuple

from gateway.outbox.directory import Directory
from gateway.outbox.locks import LockWatch
from gateway.outbox.shared import Shared


class WriterSight(NamedTuple):
    """What was seen of the processes of a slot.

    Attributes:
        last: the last segment; all of the slot's before it are finished.
        first: the first segment of the process that has the slot, or had it last. Those before are
            of processes that have ended.
        alive: whether that process lives. If not, all segments up to `last` are finished.
    """

    last: int
    first: int
    alive: bool

    def ended(self, number: int) -> bool:
        """Whether the process that wrote a segment has ended."""
        return number < self.first or (not self.alive and number <= self.last)

    def finished(self, number: int) -> bool:
        """Whether nothing will be written to a segment any more."""
        return number < self.last or self.ended(number)


class News(NamedTuple):
    """What says that there may be chunks to find, by comparison with an earlier one.

    Attributes:
        chunks: how many chunks the processes of each slot have written.
        alive: whether the process of each slot lives. One that ends may leave what it told nobody.
    """

    chunks: tuple[int, ...]
    alive: tuple[bool, ...]

    def is_more_than(self, earlier: "News") -> bool:
        """Return whether something may have come since; a process that only began is nothing."""
        ended = any(was and not now for was, now in zip(earlier.alive, self.alive, strict=True))
        return ended or self.chunks != earlier.chunks


class WriterWatch:
    """Watches one slot."""

    def __init__(self, directory: Directory, shared: Shared, slot: int) -> None:
        self._directory = directory
        self._slot = slot
        self._words = shared.slot(slot)
        self._first = 0
        self._watch: LockWatch | None = None

    def look(self) -> WriterSight:
        """Look at the slot as it is now.

        In an order such that a process that takes the slot over meanwhile is not mixed up with the
        one before: `last` is never of a process that came after the one that `first` is of.
        """
        last, first = self._words.number, self._words.first
        if first != self._first:
            self._turn_to(first)
        return WriterSight(last, first, self._watch is not None and self._watch.held())

    def _turn_to(self, first: int) -> None:
        self.close()
        self._watch = LockWatch(self._directory.writer_lock(self._slot, first))
        self._first = first

    def close(self) -> None:
        """Watch no longer."""
        if self._watch is not None:
            self._watch.close()
            self._watch = None


class WritersWatch:
    """Watches all slots. For one thread at a time."""

    def __init__(self, directory: Directory, shared: Shared) -> None:
        self._shared = shared
        self._slots = [WriterWatch(directory, shared, slot) for slot in range(shared.slots)]

    def look(self) -> list[WriterSight]:
        """Look at all slots."""
        return [slot.look() for slot in self._slots]

    def news(self) -> News:
        """Return how far they are."""
        # First how far they are: what was written before this call is counted.
        chunks = self._shared.chunks()
        return News(chunks, tuple(sight.alive for sight in self.look()))

    def close(self) -> None:
        """Watch no longer."""
        for slot in self._slots:
            slot.close()
