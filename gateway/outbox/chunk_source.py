"""Where delivery reads a chunk: in its segment, or in `delivery.db` when it was copied there."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from gateway.outbox.codec import ChunkDamaged, WrittenChunk, decode
from gateway.outbox.database import is_damage
from gateway.outbox.directory import Directory
from gateway.outbox.open_segments import OpenSegments
from gateway.outbox.segment import ChunkFacts
from gateway.outbox.segment_name import SegmentName
from gateway.outbox.segment_states import SegmentState
from gateway.outbox.unusable import OutboxDamaged, OutboxUnusable


class CopiedChunks(Protocol):
    """The chunks that were copied out of their segments."""

    def survivor_blobs(self, name: SegmentName, rows: Sequence[int]) -> list[bytes]:
        """Return chunks of a segment."""

    def survivor_facts(self, name: SegmentName, rows: Sequence[int]) -> list[ChunkFacts]:
        """Return what is needed to settle chunks of a segment."""


class ChunkSource:
    """Reads chunks wherever they are. Blocks; for one thread at a time.

    Raises:
        OutboxDamaged: from each method: a file is not as it was written.
        OutboxUnusable: the same: it cannot be read now.
    """

    def __init__(self, directory: Directory, files: OpenSegments, copied: CopiedChunks) -> None:
        self._directory = directory
        self._files = files
        self._copied = copied

    def chunks(self, state: SegmentState, rows: Sequence[int]) -> Iterator[WrittenChunk]:
        """Yield chunks of a segment, of rows that rise; each is read when it is wanted."""
        try:
            blobs: Iterable[bytes]
            if state.copied:
                blobs = self._copied.survivor_blobs(state.name, rows)
            else:
                blobs = self._files.get(state.name).blobs(rows)
            for blob in blobs:
                yield decode(blob)
        except (ChunkDamaged, sqlite3.Error) as error:
            raise self._unusable(state, error) from error

    def facts(self, state: SegmentState, rows: Sequence[int]) -> list[ChunkFacts]:
        """Return what is needed to settle chunks of a segment, of rows that rise."""
        try:
            if state.copied:
                return self._copied.survivor_facts(state.name, rows)
            return self._files.get(state.name).facts(rows)
        except (ChunkDamaged, sqlite3.Error) as error:
            raise self._unusable(state, error) from error

    def _unusable(self, state: SegmentState, error: Exception) -> OutboxUnusable:
        directory = self._directory
        path = directory.delivery_db if state.copied else directory.segment(state.name)
        if isinstance(error, sqlite3.Error) and not is_damage(error):
            return OutboxUnusable(path, str(error))
        return OutboxDamaged(path, str(error))
