"""What waits to be delivered: which lanes have some, and their chunks in order."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter

from gateway.outbox.changes import Finished
from gateway.outbox.chunk_source import ChunkSource
from gateway.outbox.interface import Position, StoredChunk
from gateway.outbox.lane_index import LaneIndex
from gateway.outbox.progress import State
from gateway.outbox.scan import FoundChunk, Scanner
from gateway.outbox.segment_name import Place
from gateway.outbox.segment_states import SegmentState, SegmentStates
from gateway.records import Kind, Lane

_SCAN_CHUNKS = 20_000
"""So many chunks are found before others have their turn: a tenth of a second."""

_NOTHING: frozenset[int] = frozenset()

_SEGMENT = itemgetter(0)

_FIRST_FETCH, _MAX_FETCH = 16, 1024


class Backlog:
    """The chunks that are not settled whole, by lane. Blocks; for one thread at a time.

    Args:
        partial: how far the chunks are that are settled in part; who settles changes it.
        is_superseded: whether a newer record was delivered than the one of a dead letter.
    """

    def __init__(
        self,
        states: SegmentStates,
        scanner: Scanner,
        source: ChunkSource,
        partial: Mapping[Place, bytes],
        is_superseded: Callable[[str], bool],
    ) -> None:
        self._states = states
        self._scanner = scanner
        self._source = source
        self._partial = partial
        self._is_superseded = is_superseded
        self._lanes: dict[tuple[str, str], LaneIndex] = {}

    def __repr__(self) -> str:
        lanes = ", ".join(f"{group}/{kind}: {i.open}" for (group, kind), i in self._lanes.items())
        return f"<Backlog {lanes or 'empty'}>"

    @property
    def behind(self) -> bool:
        """Whether something may have been appended that was not found yet."""
        return self._scanner.behind

    def catch_up(self) -> bool:
        """Find what was appended, or a good part of it; return whether that is all."""
        return self._scanner.advance(_SCAN_CHUNKS, self._take)

    def _take(self, found: FoundChunk) -> None:
        state = found.segment
        state.total_bytes += found.size_bytes
        if found.row in state.done:
            return
        state.open_chunks += 1
        state.open_bytes += found.size_bytes
        lane = found.dataset_group, found.kind
        index = self._lanes.get(lane)
        if index is None:
            index = self._lanes[lane] = LaneIndex()
        index.add(state.key(found.row))

    def lanes(self) -> frozenset[Lane]:
        """Return the lanes that are known to have an open chunk."""
        return frozenset(
            Lane(group, Kind(kind)) for (group, kind), index in self._lanes.items() if index.open
        )

    def open_chunks(self, lane: Lane) -> int:
        """Return how many chunks of a lane are known and open."""
        index = self._lanes.get(_key_of(lane))
        return index.open if index else 0

    def is_read(self, lane: Lane, to: Position | None) -> bool:
        """Return whether nothing of a lane is known that is to be read after a chunk.

        False where that takes a search to say.
        """
        index = self._lanes.get(_key_of(lane))
        return index is None or not index.open or (to is not None and index.is_read(to))

    def read(
        self, lane: Lane, *, after: Position | None, max_records: int, max_bytes: int
    ) -> list[StoredChunk]:
        """Return the next chunks of a lane that are known; see `OutboxReader`.

        Raises:
            OutboxDamaged: a file cannot be read as it was written.
        """
        index = self._lanes.get(_key_of(lane))
        found: list[StoredChunk] = []
        if index is None:
            return found
        records = size_bytes = 0
        read_to = 0
        for place_after, stored in self._after(index, after):
            records += stored.position.records
            size_bytes += sum([len(record.element) for record in stored.chunk.records])
            if found and (records > max_records or size_bytes > max_bytes):
                break
            found.append(stored)
            read_to = place_after
        if found:
            index.read_to(found[-1].position, read_to)
        return found

    def _after(self, index: LaneIndex, after: Position | None) -> Iterator[tuple[int, StoredChunk]]:
        """Yield the open chunks after one, each with its place's successor."""
        place = 0 if after is None else index.place_after(after, self._key(after))
        if after is None or place is not None:
            return self._from(index, place or 0)
        # A chunk that is settled and swept out, and not the last that was read.
        return ((place, one) for place, one in self._from(index, 0) if one.position > after)

    def _key(self, position: Position) -> int | None:
        place = Place.of(position)
        state = self._states.get(place.segment)
        return state.key(place.row) if state else None

    def _from(self, index: LaneIndex, place: int) -> Iterator[tuple[int, StoredChunk]]:
        count = _FIRST_FETCH
        while keys := index.keys(place, count):
            for state, group in groupby(self._states.open_places(keys, place + 1), key=_SEGMENT):
                _, rows, places_after = zip(*group, strict=True)
                yield from zip(places_after, self._fetched(state, rows), strict=True)
            place += len(keys)
            count = min(2 * count, _MAX_FETCH)

    def _fetched(self, state: SegmentState, rows: Sequence[int]) -> Iterator[StoredChunk]:
        for row, written in zip(rows, self._source.chunks(state, rows), strict=True):
            chunk = written.chunk
            position = state.name.position(row, written.stamp[1], len(chunk.records))
            states = self._partial.get(Place(state.name, row)) if self._partial else None
            settled = _settled_indices(states) if states else _NOTHING
            superseded = chunk.origin is not None and self._is_superseded(chunk.dead_letter_id)
            yield StoredChunk(position, chunk, settled, superseded)

    def settled(self, finished: Iterable[Finished]) -> None:
        """Note that chunks are settled whole; their segments' `done` says so already."""
        for name, lane, chunks, size_bytes in finished:
            state = self._states.get(name)
            assert state is not None, "what is settled was open"
            state.open_chunks -= chunks
            state.open_bytes -= size_bytes
            self._lanes[_key_of(lane)].settled(chunks, self._states.open_keys)


def _key_of(lane: Lane) -> tuple[str, str]:
    return lane.dataset_group, lane.kind.value  # An enum member has not the hash of its value.


def _settled_indices(states: bytes) -> frozenset[int]:
    return frozenset(index for index, state in enumerate(states) if state != State.PENDING)
