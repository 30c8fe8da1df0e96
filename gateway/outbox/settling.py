"""What settlements change: decided here from what is known, written and applied by others."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple, Protocol

from gateway.outbox import codec
from gateway.outbox.changes import Changes, Delivered, Finished, NewDeadLetter
from gateway.outbox.chunk_source import ChunkSource
from gateway.outbox.codec import WrittenChunk
from gateway.outbox.dead_letters import dead_letter_id
from gateway.outbox.interface import (
    DeadLettersFull,
    Position,
    RecordRef,
    Settlement,
)
from gateway.outbox.outcomes import ChunkKey
from gateway.outbox.progress import State
from gateway.outbox.segment import ChunkFacts
from gateway.outbox.segment_name import Place, SegmentName
from gateway.outbox.segment_states import SegmentState, SegmentStates
from gateway.records import Lane, Origin, Record

# A byte of `states` is compared and set for each record; a member of an enum takes longer.
_PENDING = int(State.PENDING)
_DELIVERED = int(State.DELIVERED)
_SUPERSEDED = int(State.SUPERSEDED)
_DISCARDED = int(State.DISCARDED)
_DEAD_LETTERED = int(State.DEAD_LETTERED)

_SEGMENT_AND_LANE = attrgetter("segment", "facts.lane")


class OfChunk(NamedTuple):
    """What a call settles of one chunk, or a part of it."""

    place: Place
    settlements: list[Settlement]


def by_chunk(call: Iterable[Settlement]) -> list[OfChunk]:
    """Return the settlements of a call, neighbours of one chunk as one."""
    found: list[OfChunk] = []
    position: Position | None = None
    for one in call:
        if one.record.position is not position:
            position = one.record.position
            of_chunk: list[Settlement] = []
            found.append(OfChunk(Place.of(position), of_chunk))
        of_chunk.append(one)
    return found


class LetterRoom(Protocol):
    """What settling has to know of the dead letters that are there."""

    def check(self, sizes_bytes: Mapping[str, int]) -> None:
        """Return if there is room for so many bytes of each dataset group.

        Raises:
            DeadLettersFull: there is none.
        """

    def has(self, lane: Lane) -> bool:
        """Return whether there are dead letters of a lane, or some that are being replayed."""


class Plan(NamedTuple):
    """What a group of calls comes to.

    Attributes:
        changes: what is to be noted.
        refusals: for each call why nothing of it is among them; None where it is.
    """

    changes: Changes
    refusals: list[DeadLettersFull | None]


@dataclass(slots=True, eq=False)
class _Chunk:
    """An open chunk of which calls settle something.

    Attributes:
        before: the states of its records, as they were noted.
        states: the same as they are to be.
    """

    place: Place
    segment: SegmentState
    facts: ChunkFacts
    before: bytes
    states: bytearray


class Planner:
    """Plans one group of calls. Reads chunks as it needs; changes nothing.

    Args:
        partial: the states of the chunks that are settled in part.
    """

    def __init__(
        self,
        segments: SegmentStates,
        source: ChunkSource,
        partial: Mapping[Place, bytes],
        room: LetterRoom,
    ) -> None:
        self._segments = segments
        self._source = source
        self._partial = partial
        self._room = room
        self._chunks: dict[Place, _Chunk] = {}
        self._read: dict[Place, WrittenChunk] = {}
        self._new_letter_bytes: dict[str, int] = {}
        self._changes = Changes()

    def plan(
        self, calls: Sequence[Sequence[OfChunk]], rows: Mapping[SegmentName, Iterable[int]]
    ) -> Plan:
        """Return what the calls change together.

        Args:
            calls: what is settled.
            rows: where the chunks of it are.
        """
        for name in sorted(rows):
            self._load(name, sorted(rows[name]))
        refusals = [self._call(call) for call in calls]
        self._finish()
        return Plan(self._changes, refusals)

    def _load(self, name: SegmentName, rows: Sequence[int]) -> None:
        """Read what is needed of chunks that are open; others are settled already."""
        segment = self._segments.get(name)
        if segment is None:
            return
        found = [row for row in rows if row not in segment.done]
        for row, facts in zip(found, self._source.facts(segment, found), strict=True):
            place = Place(name, row)
            before = self._partial.get(place) or bytes(facts.records)
            self._chunks[place] = _Chunk(place, segment, facts, before, bytearray(before))

    def _call(self, call: Sequence[OfChunk]) -> DeadLettersFull | None:
        letters = [self._letter(place, one) for place, one in self._dead(call)]
        try:
            self._make_room(letters)
        except DeadLettersFull as refusal:
            return refusal
        self._changes.dead_letters += letters
        for place, settlements in call:
            chunk = self._chunks.get(place)
            if chunk is not None:
                _note(settlements, chunk.states)
        return None

    def _dead(self, call: Sequence[OfChunk]) -> list[tuple[Place, Settlement]]:
        """Return what becomes a dead letter; of two settlements of a record the first counts."""
        if not any(one.dead_letter for _, settlements in call for one in settlements):
            return []
        first: dict[RecordRef, tuple[Place, Settlement]] = {}
        for place, settlements in call:
            chunk = self._chunks.get(place)
            if chunk is None:
                continue
            for one in settlements:
                if not chunk.states[one.record.index]:
                    first.setdefault(one.record, (place, one))
        return [(place, one) for place, one in first.values() if one.dead_letter]

    def _make_room(self, letters: Sequence[NewDeadLetter]) -> None:
        if not letters:
            return
        sizes = dict(self._new_letter_bytes)
        for letter in letters:
            group = letter.lane.dataset_group
            sizes[group] = sizes.get(group, 0) + letter.size_bytes
        self._room.check(sizes)
        self._new_letter_bytes = sizes

    def _letter(self, place: Place, one: Settlement) -> NewDeadLetter:
        cause = one.dead_letter
        assert cause is not None
        written = self._written(place)
        record = written.chunk.records[one.record.index]
        return NewDeadLetter(
            dead_letter_id(one.record),
            written.chunk.lane,
            record.record_id,
            cause.reason,
            cause.code,
            cause.detail,
            cause.attempts,
            _origin(written, place, one.record.index),
            written.accepted_at_ms,
            len(record.element),
            _blob_of(record, written),
        )

    def _written(self, place: Place) -> WrittenChunk:
        if place not in self._read:
            (self._read[place],) = self._source.chunks(self._chunks[place].segment, [place.row])
        return self._read[place]

    def _finish(self) -> None:
        rows: defaultdict[SegmentState, list[int]] = defaultdict(list)
        # They are in the order of their places.
        for (segment, lane), chunks in groupby(self._chunks.values(), key=_SEGMENT_AND_LANE):
            changed = [chunk for chunk in chunks if chunk.states != chunk.before]
            if lane.kind.replaces and self._has_letters(lane):
                for chunk in changed:
                    self._note_replaced(chunk)
            whole = [chunk for chunk in changed if _PENDING not in chunk.states]
            if len(whole) < len(changed):
                self._note_partial(changed)
            if whole:
                self._note_whole(segment, lane, whole)
                rows[segment] += [chunk.place.row for chunk in whole]
        for segment, of_segment in rows.items():
            self._changes.done[segment.name] = segment.done.with_rows(of_segment)

    def _note_partial(self, chunks: Iterable[_Chunk]) -> None:
        for chunk in chunks:
            if _PENDING in chunk.states:
                self._changes.partial[chunk.place] = bytes(chunk.states)

    def _note_whole(self, segment: SegmentState, lane: Lane, chunks: Sequence[_Chunk]) -> None:
        changes = self._changes
        size_bytes = sum([chunk.facts.size_bytes for chunk in chunks])
        changes.finished.append(Finished(segment.name, lane, len(chunks), size_bytes))
        changes.outcomes += [(ChunkKey.at(one.place), bytes(one.states)) for one in chunks]
        if self._partial:
            changes.were_partial += [one.place for one in chunks if one.place in self._partial]
        if segment.copied:
            changes.were_copied += [chunk.place for chunk in chunks]

    def _note_replaced(self, chunk: _Chunk) -> None:
        """Note which dead letters a chunk may supersede, and which one it was a replay of."""
        lane, place = chunk.facts.lane, chunk.place
        written = self._written(place)
        records = written.chunk.records
        self._changes.delivered += [
            Delivered(lane, records[index].record_id, _origin(written, place, index))
            for index, (before, state) in enumerate(zip(chunk.before, chunk.states, strict=True))
            if state == _DELIVERED != before
        ]
        if written.chunk.origin is not None:
            self._changes.replayed.append(written.chunk.dead_letter_id)

    def _has_letters(self, lane: Lane) -> bool:
        new = self._changes.dead_letters
        return self._room.has(lane) or any(letter.lane == lane for letter in new)


def _note(settlements: Iterable[Settlement], states: bytearray) -> None:
    """Note what becomes of records, of those of which nothing is noted yet."""
    for one in settlements:
        index = one.record.index
        if not states[index]:
            states[index] = _state(one)


def _state(one: Settlement) -> int:
    if one.superseded:
        return _SUPERSEDED
    if one.discarded:
        return _DISCARDED
    return _DELIVERED if one.dead_letter is None else _DEAD_LETTERED


def _origin(written: WrittenChunk, place: Place, index: int) -> Origin:
    """Return where a record was accepted first."""
    if written.chunk.origin is not None:
        return written.chunk.origin
    return Origin(*written.stamp, place.segment.writer, place.writer_row, index)


def _blob_of(record: Record, written: WrittenChunk) -> bytes:
    """Return the blob of a chunk that holds the one record."""
    chunk = replace(written.chunk, records=(record,), dead_letter_id="")
    stamp = written.stamp if written.chunk.origin is None else written.chunk.origin[:2]
    return codec.encode(chunk, stamp, written.accepted_at_ms)
