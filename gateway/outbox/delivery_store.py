"""All that delivery has of the outbox, put together: found, read, settled, drained."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from gateway.outbox.backlog import Backlog
from gateway.outbox.changes import Changes, Removed
from gateway.outbox.chunk_source import ChunkSource
from gateway.outbox.dead_letter_store import DeadLetterSettings, DeadLetterStore
from gateway.outbox.delivery_db import DeliveryDb
from gateway.outbox.directory import Directory
from gateway.outbox.draining import Draining
from gateway.outbox.interface import DeadLettersFull, Outcome, Position, Settlement
from gateway.outbox.open_segments import OpenSegments
from gateway.outbox.outcome_lookup import OutcomeLookup
from gateway.outbox.outcomes import ChunkKey, RecentOutcomes
from gateway.outbox.progress import DoneRows
from gateway.outbox.scan import Scanner
from gateway.outbox.segment_name import Place, SegmentName
from gateway.outbox.segment_states import SegmentStates
from gateway.outbox.settling import Planner, by_chunk
from gateway.outbox.shared import Shared
from gateway.outbox.survivors import Survivors

_EXPIRE_INTERVAL_S = 60.0


class Settled(NamedTuple):
    """What a group of calls came to.

    Attributes:
        refusals: for each call why nothing of it was noted; None where it was.
        whole: the chunks that are settled whole by it, each with a byte for each record.
    """

    refusals: list[DeadLettersFull | None]
    whole: list[tuple[ChunkKey, bytes]]


class DeliveryStore:
    """The outbox as the delivery process has it. Blocks; for one thread at a time.

    Raises:
        sqlite3.Error: from what writes: nothing was written.
        OutboxDamaged: from what reads chunks: a file cannot be read as it was written.
    """

    def __init__(
        self,
        directory: Directory,
        shared: Shared,
        letters: DeadLetterSettings,
        clock_ns: Callable[[], int],
    ) -> None:
        self._shared = shared
        self._clock_ns = clock_ns
        self._expired_at_s = -_EXPIRE_INTERVAL_S
        self._segments = SegmentStates()
        self._files = OpenSegments(directory)
        self.kept = DeliveryDb(directory)
        self._survivors = Survivors(directory, self.kept)
        self._partial = self.kept.partial()
        self._recent = RecentOutcomes()
        self._recent.add(self.kept.outcomes())
        self._source = ChunkSource(directory, self._files, self._survivors)
        self.letters = DeadLetterStore(self.kept, letters)
        done = self._known(directory)
        self._scanner = Scanner(
            directory, shared, self._segments, self._files, done, self._survivors, clock_ns=clock_ns
        )
        self.backlog = Backlog(
            self._segments, self._scanner, self._source, self._partial, self.letters.is_superseded
        )
        self._draining = Draining(
            self._segments, self._files, self.kept, self._survivors, self._now_s
        )
        self._lookup = OutcomeLookup(
            directory, self._segments, self._partial, self._recent, self.letters
        )
        self._released_bytes: dict[str, int] = {}
        self._release(self.kept.released_bytes())

    def _known(self, directory: Directory) -> Mapping[SegmentName, DoneRows]:
        """Return what is done of segments that are there; finish what a crash broke off."""
        for name, done in self._survivors.copied().items():
            self._files.remove(name)
            self._segments.add(name, done, copied=True)
        known = self.kept.done()
        for name in known:
            if not directory.segment(name).exists():
                self.kept.forget_segment(name)
        return known

    def settle(self, calls: Sequence[Sequence[Settlement]]) -> Settled:
        """Note what calls settle, in one transaction; when it returns it is on disk.

        Either all of a call is noted or nothing.
        """
        by_chunks = [by_chunk(call) for call in calls]
        rows: defaultdict[SegmentName, set[int]] = defaultdict(set)
        for call in by_chunks:
            for (segment, row), _ in call:
                rows[segment].add(row)
        self._find(rows)
        planner = Planner(self._segments, self._source, self._partial, self.letters)
        changes, refusals = planner.plan(by_chunks, rows)
        if changes:
            removed = self.kept.keep(changes)
            self._apply(changes, removed)
        return Settled(refusals, changes.outcomes)

    @property
    def unfinished(self) -> bool:
        """Whether there is certainly more to find. May be asked by any thread."""
        return self._scanner.unfinished

    def _find(self, rows: Mapping[SegmentName, Iterable[int]]) -> None:
        """Make sure that chunks were found that are settled without having been read."""
        if all(self._is_known(name, max(of_segment)) for name, of_segment in rows.items()):
            return
        while self.backlog.behind and not self.backlog.catch_up():
            pass

    def _is_known(self, name: SegmentName, row: int) -> bool:
        segment = self._segments.get(name)
        return segment is not None and row <= segment.scanned_row

    def _apply(self, changes: Changes, removed: Iterable[Removed]) -> None:
        """Take over what was written."""
        self._partial.update(changes.partial)
        for name, pages in changes.done.items():
            segment = self._segments.get(name)
            assert segment is not None, "an open chunk has a segment"
            segment.done.replace(pages)
        for place in changes.were_partial:
            del self._partial[place]
        self.backlog.settled(changes.finished)
        self._recent.add(changes.outcomes)
        self.letters.changed(changes, removed)
        self._release(changes.released_bytes())
        self._draining.touched(place.segment for place in changes.partial)
        self._draining.touched(changes.done)

    def _release(self, sizes_bytes: Mapping[str, int]) -> None:
        """Say in shared memory what was given back."""
        for group, size_bytes in sizes_bytes.items():
            total_bytes = self._released_bytes.get(group, 0) + size_bytes
            self._released_bytes[group] = total_bytes
            self._shared.set_released(group, total_bytes)

    def outcomes(self, positions: Sequence[Position]) -> list[tuple[Outcome, ...]]:
        """Return what became of the records of chunks so far."""
        return [self._lookup.outcomes(position) for position in positions]

    def is_open(self, position: Position) -> bool:
        """Return whether a chunk was seen, and not yet settled whole. May be asked by any thread.

        Of one that nothing is known of yet it says no.
        """
        place = Place.of(position)
        segment = self._segments.get(place.segment)
        return segment is not None and place.row not in segment.done

    def _now_s(self) -> float:
        return self._clock_ns() / 1e9

    def remove_drained(self) -> None:
        """Remove the segments in which nothing is open."""
        self._draining.remove_drained()

    def tidy(self) -> None:
        """Do what is to be done from time to time: give back disk space, expire dead letters."""
        self._draining.remove_drained()
        self._draining.empty()
        self.kept.tidy()
        now_s = self._now_s()
        if now_s - self._expired_at_s >= _EXPIRE_INTERVAL_S and self.letters.expire():
            self._expired_at_s = now_s

    def close(self) -> None:
        """Let go of all files."""
        self._scanner.close()
        self._files.close()
        self._survivors.close()
        self.kept.close()
