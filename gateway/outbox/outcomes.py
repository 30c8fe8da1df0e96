"""What became of records: who may be asked, and what delivery remembers of it."""

import struct
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple, Protocol, Self

from gateway.outbox.interface import (
    DELIVERED,
    DISCARDED,
    PENDING,
    SUPERSEDED,
    Outcome,
    OutcomeState,
    Position,
)
from gateway.outbox.progress import State
from gateway.outbox.segment_name import Place

KEEP_CHUNKS = 50_000
"""Of so many chunks delivery remembers what became of their records, after they are settled."""

_SURPLUS_PART = 16

_ENTRY = struct.Struct("<QIQI")

_PLAIN = {
    State.PENDING: PENDING,
    State.DELIVERED: DELIVERED,
    State.SUPERSEDED: SUPERSEDED,
    State.DISCARDED: DISCARDED,
    State.DEAD_LETTERED: Outcome(OutcomeState.DEAD_LETTERED),
}


class OutcomeSource(Protocol):
    """Who knows what became of records: delivery, in this process or another."""

    async def outcomes(self, positions: Sequence[Position]) -> list[tuple[Outcome, ...]]:
        """Wait until the outcome of every record of these chunks is final, and return them."""

    async def outcomes_so_far(self, positions: Sequence[Position]) -> list[tuple[Outcome, ...]]:
        """Return the outcomes of these chunks' records as far as they can be known now."""


class ChunkKey(NamedTuple):
    """Names a chunk among those that are remembered; a position without what can be left out."""

    boot: int
    writer: int
    row: int

    @classmethod
    def of(cls, position: Position) -> Self:
        """Return the key of a chunk."""
        return cls(position.stamp[0], position.writer, position.row)

    @classmethod
    def at(cls, place: Place) -> Self:
        """Return the key of the chunk at a place."""
        return cls(place.segment.boot, place.segment.writer, place.writer_row)


class RecentOutcomes:
    """The states of the records of the last chunks that were settled whole.

    A few more are kept than it is told, and let go together: to find the oldest takes a search.
    """

    def __init__(self, keep: int = KEEP_CHUNKS) -> None:
        self._keep = keep
        self._states: dict[ChunkKey, bytes] = {}

    def add(self, settled: Iterable[tuple[ChunkKey, bytes]]) -> None:
        """Remember chunks; the oldest are forgotten for them."""
        self._states.update(settled)
        surplus = len(self._states) - self._keep
        if surplus > self._keep // _SURPLUS_PART:
            for key in list(islice(self._states, surplus)):
                del self._states[key]

    def states(self, key: ChunkKey) -> bytes | None:
        """Return the state of each record; None where the chunk is forgotten."""
        return self._states.get(key)


def packed(settled: Iterable[tuple[ChunkKey, bytes]]) -> bytes:
    """Return states of chunks as one blob."""
    return b"".join(_ENTRY.pack(*key, len(states)) + states for key, states in settled)


def unpacked(blob: bytes) -> Iterator[tuple[ChunkKey, bytes]]:
    """Return what `packed` was given."""
    start = 0
    while start < len(blob):
        *key, count = _ENTRY.unpack_from(blob, start)
        start += _ENTRY.size
        yield ChunkKey(*key), blob[start : start + count]
        start += count


def plain(states: bytes) -> list[Outcome]:
    """Return the outcomes of states; of dead letters neither the ID nor the reason."""
    return [_PLAIN[State(state)] for state in states]
