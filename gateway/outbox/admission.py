"""How a chunk becomes a row: where it stands among all others, and how it is written."""

import time
from collections.abc import Callable, Sequence

from gateway.outbox.codec import encode
from gateway.outbox.interface import Position
from gateway.outbox.segment import ChunkRow
from gateway.outbox.segment_name import SegmentName
from gateway.records import Chunk


class Stamper:
    """Stamps the chunks of one writer in the order in which they come.

    Args:
        clock_ns: CLOCK_MONOTONIC, or what stands for it in all processes of the gateway.
    """

    def __init__(self, boot: int, writer: int, clock_ns: Callable[[], int]) -> None:
        self._boot = boot
        self._writer = writer
        self._clock_ns = clock_ns

    def stamp(
        self, chunks: Sequence[Chunk], sizes_bytes: Sequence[int], number: int, first_row: int
    ) -> tuple[list[ChunkRow], tuple[Position, ...]]:
        """Return the rows and the positions of chunks that are admitted now.

        Args:
            chunks: what is admitted together.
            sizes_bytes: what each counts for.
            number: which segment they go to.
            first_row: the row there of the first.
        """
        now_ns = self._clock_ns()
        accepted_at_ms = time.time_ns() // 1_000_000
        segment = SegmentName(self._boot, self._writer, number)
        rows: list[ChunkRow] = []
        positions: list[Position] = []
        for row, (chunk, size_bytes) in enumerate(zip(chunks, sizes_bytes, strict=True), first_row):
            blob = encode(chunk, (self._boot, now_ns), accepted_at_ms)
            group, kind = chunk.lane
            records = len(chunk.records)
            rows.append(ChunkRow(row, now_ns, group, kind.value, records, size_bytes, blob))
            positions.append(segment.position(row, now_ns, records))
        return rows, tuple(positions)
