"""What settlements change: decided here from what is known, written and applied by others."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
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
    RecordRef,
    Settlement,
)
from gateway.outbox.progress import State
from gateway.outbox.segment import ChunkFacts
from gateway.outbox.segment_name import Place, Placed, SegmentName
from gateway.outbox.segment_states import SegmentState, SegmentStates
from gateway.records import Lane, Origin, Record

_PENDING = int(State.PENDING)
_SEGMENT = attrgetter("segment")


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
        states: of its records, as they are to be.
        delivered: what was delivered of it.
    """

    place: Place
    segment: SegmentState
    facts: ChunkFacts
    states: bytearray
    was_partial: bool
    changed: bool = False
    delivered: list[int] = field(default_factory=list)


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

    def plan(self, calls: Sequence[Sequence[Placed]]) -> Plan:
        """Return what the calls change together."""
        self._load(dict.fromkeys(place for call in calls for place, _ in call))
        refusals = [self._call(call) for call in calls]
        self._finish()
        return Plan(self._changes, refusals)

    def _load(self, places: Iterable[Place]) -> None:
        """Read what is needed of chunks that are open; others are settled already."""
        for name, group in groupby(sorted(places), key=_SEGMENT):
            segment = self._segments.get(name)
            if segment is None:
                continue
            found = [place for place in group if place.row not in segment.done]
            of_found = self._source.facts(segment, [place.row for place in found])
            for place, facts in zip(found, of_found, strict=True):
                states = self._partial.get(place)
                self._chunks[place] = _Chunk(
                    place, segment, facts, bytearray(states or facts.records), states is not None
                )

    def _call(self, call: Sequence[Placed]) -> DeadLettersFull | None:
        letters = [self._letter(place, one) for place, one in self._dead(call).values()]
        try:
            self._make_room(letters)
        except DeadLettersFull as refusal:
            return refusal
        self._changes.dead_letters += letters
        for place, one in call:
            chunk, index = self._chunks.get(place), one.record.index
            if chunk is None or chunk.states[index]:
                continue
            chunk.changed = True
            chunk.states[index] = state = _state(one)
            if state is State.DELIVERED:
                chunk.delivered.append(index)
        return None

    def _dead(self, call: Sequence[Placed]) -> dict[RecordRef, Placed]:
        """Return what becomes a dead letter; of two settlements of a record the first counts."""
        if not any(one.dead_letter for _, one in call):
            return {}
        first: dict[RecordRef, Placed] = {}
        for placed in call:
            chunk = self._chunks.get(placed.place)
            if chunk is not None and not chunk.states[placed.one.record.index]:
                first.setdefault(placed.one.record, placed)
        return {ref: placed for ref, placed in first.items() if placed.one.dead_letter}

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
        rows: defaultdict[SegmentName, list[int]] = defaultdict(list)
        lane: Lane | None = None
        replaces = False
        for chunk in self._chunks.values():  # in the order of their places
            if not chunk.changed:
                continue
            if chunk.facts.lane is not lane:
                lane = chunk.facts.lane
                replaces = lane.kind.replaces and self._has_letters(lane)
            if replaces:
                self._note_replaced(chunk)
            if _PENDING in chunk.states:
                self._changes.partial[chunk.place] = bytes(chunk.states)
            else:
                self._changes.finished.append(_finished(chunk))
                rows[chunk.place.segment].append(chunk.place.row)
        for name, of_segment in rows.items():
            segment = self._segments.get(name)
            assert segment is not None, "an open chunk has a segment"
            self._changes.done[name] = segment.done.with_rows(of_segment)

    def _note_replaced(self, chunk: _Chunk) -> None:
        """Note which dead letters a chunk may supersede, and which one it was a replay of."""
        lane, place = chunk.facts.lane, chunk.place
        written = self._written(place)
        records = written.chunk.records
        self._changes.delivered += [
            Delivered(lane, records[index].record_id, _origin(written, place, index))
            for index in chunk.delivered
        ]
        if written.chunk.origin is not None:
            self._changes.replayed.append(written.chunk.dead_letter_id)

    def _has_letters(self, lane: Lane) -> bool:
        new = self._changes.dead_letters
        return self._room.has(lane) or any(letter.lane == lane for letter in new)


def _finished(chunk: _Chunk) -> Finished:
    lane, _, size_bytes = chunk.facts
    copied, states = chunk.segment.copied, bytes(chunk.states)
    return Finished(chunk.place, lane, size_bytes, chunk.was_partial, copied, states)


def _state(one: Settlement) -> State:
    if one.superseded:
        return State.SUPERSEDED
    if one.discarded:
        return State.DISCARDED
    return State.DELIVERED if one.dead_letter is None else State.DEAD_LETTERED


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
