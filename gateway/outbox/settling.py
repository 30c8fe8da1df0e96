"""What settlements change: decided here from what is known, written and applied by others."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple, Protocol

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
from gateway.outbox.progress import State
from gateway.outbox.segment_name import Place, SegmentName
from gateway.outbox.segment_states import SegmentStates
from gateway.records import Lane, Origin, Record

if TYPE_CHECKING:
    from gateway.outbox.segment import ChunkFacts


_PENDING = int(State.PENDING)


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


class Placed(NamedTuple):
    """A settlement, with the place of its chunk."""

    place: Place
    one: Settlement


def placed(call: Iterable[Settlement]) -> list[Placed]:
    """Return the settlements of a call with their places."""
    found: list[Placed] = []
    position: Position | None = None
    for one in call:
        # Those of one chunk come together, mostly.
        if one.record.position is not position:
            position = one.record.position
            place = Place.of(position)
        found.append(Placed(place, one))
    return found


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
        self._facts: dict[Place, ChunkFacts] = {}
        self._read: dict[Place, WrittenChunk] = {}
        self._states: dict[Place, bytearray] = {}
        self._changed: dict[Place, list[int]] = {}  # with what was delivered of it
        self._new_letter_bytes: dict[str, int] = {}
        self._changes = Changes()

    def plan(self, calls: Sequence[Sequence[Placed]]) -> Plan:
        """Return what the calls change together."""
        self._load({place for call in calls for place, _ in call})
        refusals = [self._call(call) for call in calls]
        self._finish()
        return Plan(self._changes, refusals)

    def _load(self, places: set[Place]) -> None:
        """Read what is needed of chunks that are open; others are settled already."""
        for name, group in groupby(sorted(places), key=lambda place: place.segment):
            segment = self._segments.get(name)
            if segment is None:
                continue
            found = [place for place in group if place.row not in segment.done]
            facts = self._source.facts(segment, [place.row for place in found])
            self._facts.update(zip(found, facts, strict=True))
        for place, known in self._facts.items():
            self._states[place] = bytearray(self._partial.get(place) or known.records)

    def _call(self, call: Sequence[Placed]) -> DeadLettersFull | None:
        letters = [self._letter(place, one) for place, one in self._dead(call).values()]
        try:
            self._make_room(letters)
        except DeadLettersFull as refusal:
            return refusal
        self._changes.dead_letters += letters
        for place, one in call:
            if self._is_open(place, one):
                self._set(place, one.record.index, _state(one))
        return None

    def _is_open(self, place: Place, one: Settlement) -> bool:
        states = self._states.get(place)
        return states is not None and not states[one.record.index]

    def _set(self, place: Place, index: int, state: State) -> None:
        self._states[place][index] = state
        delivered = self._changed.setdefault(place, [])
        if state is State.DELIVERED:
            delivered.append(index)

    def _dead(self, call: Sequence[Placed]) -> dict[RecordRef, Placed]:
        """Return what becomes a dead letter; of two settlements of a record the first counts."""
        if not any(one.dead_letter for _, one in call):
            return {}
        first: dict[RecordRef, Placed] = {}
        for placed in call:
            if self._is_open(*placed):
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
            segment = self._segments.get(place.segment)
            assert segment is not None, "an open chunk has a segment"
            (self._read[place],) = self._source.chunks(segment, [place.row])
        return self._read[place]

    def _finish(self) -> None:
        changes = self._changes
        rows: dict[SegmentName, list[int]] = {}
        for place in sorted(self._changed):
            self._note_replaced(place)
            states = bytes(self._states[place])
            if _PENDING in states:
                changes.partial[place] = states
            else:
                changes.finished.append(self._finished(place, states))
                rows.setdefault(place.segment, []).append(place.row)
        for name, of_segment in rows.items():
            segment = self._segments.get(name)
            assert segment is not None, "an open chunk has a segment"
            changes.done[name] = segment.done.with_rows(of_segment)

    def _note_replaced(self, place: Place) -> None:
        """Note which dead letters a chunk may supersede, and which one it was a replay of."""
        lane = self._facts[place].lane
        if not lane.kind.replaces or not self._has_letters(lane):
            return
        written = self._written(place)
        records = written.chunk.records
        self._changes.delivered += [
            Delivered(lane, records[index].record_id, _origin(written, place, index))
            for index in self._changed[place]
        ]
        if written.chunk.origin is not None:
            self._changes.replayed.append(written.chunk.dead_letter_id)

    def _has_letters(self, lane: Lane) -> bool:
        new = self._changes.dead_letters
        return self._room.has(lane) or any(letter.lane == lane for letter in new)

    def _finished(self, place: Place, states: bytes) -> Finished:
        lane, _, size_bytes = self._facts[place]
        segment = self._segments.get(place.segment)
        assert segment is not None, "an open chunk has a segment"
        return Finished(place, lane, size_bytes, place in self._partial, segment.copied, states)


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
