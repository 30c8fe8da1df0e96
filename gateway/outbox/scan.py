"""How delivery finds what was appended: every chunk once, in an order that keeps causes first.

The order. Chunks are put in the order of their stamps (boot, CLOCK_MONOTONIC, writer, row), but the
segments are read one after another while others are being written, so chunks are found in rounds. A
round begins with taking the time; then it looks which segments there are; then it reads each of
them; and it takes only chunks that were stamped before that time. Of a round the chunks are sorted;
rounds follow each other. The claim is that whatever could have caused an append is found before it:

1. *Acknowledged, then appended.* Let the append of A have been answered before that of B was
   called, in any two processes. Say B is found in the round that began at t. So B was stamped
   before t, hence A's answer came before t, and so did the commit that it waited for, and the name
   of the segment that holds it. The round looks for segments, and reads them, after t: it finds A,
   if an earlier round has not. A's stamp is the smaller one: a sync to disk and the way to another
   process lie between the two. So A is before B, in the round or by rounds.
2. *Called in turn in one process.* Rows of a segment rise with the calls, and so do the numbers of
   a writer's segments; stamps do not fall. A segment is made only after the one before it is
   finished. The round lists segments before it reads any: of those that it has listed, all but a
   writer's last are finished, and the last is read as one growing sequence. So what is found of a
   writer is always a beginning of what it wrote.
3. *Never answered, then sent again elsewhere.* A writer killed during a commit may have written all
   of A without having told anybody, SQLite's other readers included: whether A is there is decided
   when the file is closed by all and opened again. The caller notices that the connection is gone
   and sends the same again to another process, as A', and then B. The round that finds A' began
   after A's process ended. It looks for writers that have ended after it took the time, and opens
   their segments anew before it reads them. So A is found now, and is sorted before A', or never.

Chunks that are in none of these relations were appended at the same time. They may be found in
either order, and after a restart of delivery in the other one; nothing is promised of them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from heapq import merge
from itertools import chain, groupby, islice
from operator import attrgetter
from typing import NamedTuple, Protocol

from gateway.outbox.directory import Directory
from gateway.outbox.open_segments import OpenSegments
from gateway.outbox.progress import DoneRows
from gateway.outbox.segment import ScannedRow
from gateway.outbox.segment_name import SegmentName
from gateway.outbox.segment_states import SegmentState, SegmentStates
from gateway.outbox.shared import Shared
from gateway.outbox.writer_watch import News, WriterSight, WritersWatch

_PAGE_ROWS = 5_000


class FoundChunk(NamedTuple):
    """A chunk that a round found. They sort in the order in which they are to be delivered."""

    stamp_ns: int
    writer: int
    number: int
    row: int
    segment: SegmentState
    dataset_group: str
    kind: str
    size_bytes: int


_FOUND_CHUNK = partial(tuple.__new__, FoundChunk)  # A third of what `FoundChunk(…)` takes.


class Survivors(Protocol):
    """The chunks that were copied out of their segments."""

    def copied(self) -> Mapping[SegmentName, DoneRows]:
        """Return the segments that they are from, with all rows done but theirs."""

    def survivors(self, boot: int) -> Iterator[tuple[SegmentName, ScannedRow]]:
        """Return those of a boot in the order of their stamps, writers, numbers and rows."""


class Scanner:
    """Finds chunks in rounds (see the module). Blocks; for one thread at a time.

    Args:
        states: takes the segments that are found.
        files: the segments, opened.
        done: what is settled whole of each segment.
        survivors: are found in the first round, with the others of their boot.
        clock_ns: what the writers stamp by.

    Attributes:
        unfinished: whether the last `advance` stopped at its limit.
    """

    def __init__(
        self,
        directory: Directory,
        shared: Shared,
        states: SegmentStates,
        files: OpenSegments,
        done: Mapping[SegmentName, DoneRows],
        survivors: Survivors,
        *,
        clock_ns: Callable[[], int],
    ) -> None:
        self._directory = directory
        self._states = states
        self._files = files
        self._done = done
        self._survivors: Survivors | None = survivors
        self._clock_ns = clock_ns
        self._writers = WritersWatch(directory, shared)
        self._known = [0] * shared.slots
        self.unfinished = False
        self._round: Iterator[FoundChunk] | None = None
        self._looked: News | None = None
        self._seen: News | None = None

    @property
    def behind(self) -> bool:
        """Whether there may be chunks that were not found yet."""
        return self._round is not None or self._seen != self._writers.news()

    def advance(self, limit: int, take: Callable[[FoundChunk], None]) -> bool:
        """Go on with the round, or begin one; return whether it is complete.

        Args:
            limit: how many chunks to find at most before returning.
            take: called with each.
        """
        if self._round is None:
            self._looked = self._writers.news()
            self._round = self._begin(self._clock_ns())
        count = 0
        for found in islice(self._round, limit):
            take(found)
            count += 1
        self.unfinished = count == limit
        if self.unfinished:
            return False
        self._seen, self._round, self._survivors = self._looked, None, None
        return True

    def _begin(self, now_ns: int) -> Iterator[FoundChunk]:
        self._look_for_segments()
        boots = sorted({state.name.boot for state in self._states})
        return chain.from_iterable(self._of_boot(boot, now_ns) for boot in boots)

    def _look_for_segments(self) -> None:
        """Note new segments, and which are finished; close those whose process has ended."""
        sights = self._writers.look()
        if self._seen is None:
            self._add(self._directory.segments())
        for slot, sight in enumerate(sights):
            numbers = range(self._known[slot] + 1, sight.last + 1)
            self._add(SegmentName(self._directory.boot, slot, number) for number in numbers)
            self._known[slot] = sight.last
        for state in self._states:
            if not state.finished:
                self._look_at(state, sights)

    def _add(self, names: Iterable[SegmentName]) -> None:
        for name in names:
            if name not in self._states and self._directory.segment(name).exists():
                self._states.add(name, self._done.get(name) or DoneRows())

    def _look_at(self, state: SegmentState, sights: Sequence[WriterSight]) -> None:
        boot, slot, number = state.name
        if boot < self._directory.boot or sights[slot].ended(number):
            self._files.release(state.name)
            state.finished = True
        elif sights[slot].finished(number):
            state.finished = True

    def _of_boot(self, boot: int, now_ns: int) -> Iterator[FoundChunk]:
        before_ns = now_ns if boot == self._directory.boot else None
        states = sorted(
            (state for state in self._states if state.name.boot == boot and not state.complete),
            key=attrgetter("name"),
        )
        chains = [
            self._of_writer(list(of_writer), before_ns)
            for _, of_writer in groupby(states, key=lambda state: state.name.writer)
        ]
        if self._survivors is not None:
            chains.append(self._of_survivors(self._survivors, boot))
        return chains[0] if len(chains) == 1 else merge(*chains)

    def _of_writer(
        self, states: Sequence[SegmentState], before_ns: int | None
    ) -> Iterator[FoundChunk]:
        for state in states:
            for row in self._rows(state, before_ns):
                yield _found(state, row)

    def _rows(self, state: SegmentState, before_ns: int | None) -> Iterator[ScannedRow]:
        while True:
            # Not one statement for all: the segment may have to be closed between two.
            page = self._files.get(state.name).scan(state.scanned_row, _PAGE_ROWS)
            for row in page:
                if before_ns is not None and row.stamp_ns >= before_ns:
                    return  # That is for the next round, also where the segment is finished.
                state.scanned_row = row.row
                yield row
            if len(page) < _PAGE_ROWS:
                state.complete = state.finished
                return

    def _of_survivors(self, survivors: Survivors, boot: int) -> Iterator[FoundChunk]:
        for name, row in survivors.survivors(boot):
            state = self._states.get(name)
            assert state is not None, "survivors are of segments that are known"
            state.scanned_row = max(state.scanned_row, row.row)
            yield _found(state, row)

    def close(self) -> None:
        """Watch writers no longer."""
        self._writers.close()


def _found(state: SegmentState, scanned: ScannedRow) -> FoundChunk:
    _, writer, number = state.name
    row, stamp_ns, dataset_group, kind, size_bytes = scanned
    return _FOUND_CHUNK((stamp_ns, writer, number, row, state, dataset_group, kind, size_bytes))
