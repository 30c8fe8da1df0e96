"""What one commit of delivery notes."""

from dataclasses import dataclass, field
from typing import NamedTuple

from gateway.outbox.interface import DeadLetterReason
from gateway.outbox.outcomes import ChunkKey
from gateway.outbox.segment_name import Place, SegmentName
from gateway.records import Lane, Origin


class Finished(NamedTuple):
    """Chunks of a lane in a segment that are settled whole.

    Attributes:
        chunks: how many.
        size_bytes: what they count for together.
    """

    segment: SegmentName
    lane: Lane
    chunks: int
    size_bytes: int


class NewDeadLetter(NamedTuple):
    """A dead letter as it is stored: most of the columns of its table.

    Attributes:
        origin: where the record was accepted first.
        blob: a chunk (see `codec`) that holds the one record.
    """

    dead_letter_id: str
    lane: Lane
    record_id: str
    reason: DeadLetterReason
    code: str
    detail: str
    attempts: int
    origin: Origin
    accepted_at_ms: int
    size_bytes: int
    blob: bytes


Removed = tuple[str, str, int]
"""Dataset group, kind and size in bytes of a dead letter that is gone."""


class Delivered(NamedTuple):
    """A delivered record that supersedes older dead letters of its ID.

    Attributes:
        origin: where it was accepted first, also where it was replayed since.
    """

    lane: Lane
    record_id: str
    origin: Origin


@dataclass(slots=True)
class Changes:
    """What one commit notes.

    Attributes:
        partial: the chunks that are settled in part, with the states of their records.
        outcomes: the chunks that are settled whole, each with a byte for each record (see
            `progress.State`).
        finished: what these come to, by runs of a lane.
        were_partial: those of them of which an earlier commit settled a part.
        were_copied: those that were copied out of their segments.
        done: the pages of done rows as they are with them.
        replayed: the dead letters whose replays are settled, by their IDs.
    """

    partial: dict[Place, bytes] = field(default_factory=dict)
    outcomes: list[tuple[ChunkKey, bytes]] = field(default_factory=list)
    finished: list[Finished] = field(default_factory=list)
    were_partial: list[Place] = field(default_factory=list)
    were_copied: list[Place] = field(default_factory=list)
    done: dict[SegmentName, dict[int, bytes]] = field(default_factory=dict)
    dead_letters: list[NewDeadLetter] = field(default_factory=list)
    delivered: list[Delivered] = field(default_factory=list)
    replayed: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.partial or self.outcomes)

    def released_bytes(self) -> dict[str, int]:
        """Return what is given back to the budget of each dataset group."""
        sizes: dict[str, int] = {}
        for one in self.finished:
            group = one.lane.dataset_group
            sizes[group] = sizes.get(group, 0) + one.size_bytes
        return sizes
