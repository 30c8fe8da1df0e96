"""What ingest has admitted and not yet written, and in which row of which segment it will be."""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from gateway.outbox.interface import OutboxUnavailable, Position
from gateway.outbox.segment import ChunkRow


@dataclass(frozen=True, slots=True)
class WriterSettings:
    """How chunks are written.

    Attributes:
        linger_s: how long an append waits for others to share its commit.
        group_chunks: this many chunks are committed without waiting longer.
        group_bytes: the same in bytes.
        segment_bytes: a segment that holds so much, or whose WAL does, is followed by the next.
        probe_interval_s: how often a writer that cannot write tries whether it can again.
    """

    linger_s: float = 0.002
    group_chunks: int = 2_000
    group_bytes: int = 8 * 1024 * 1024
    segment_bytes: int = 64 * 1024 * 1024
    probe_interval_s: float = 1.0


@dataclass(slots=True, eq=False)
class Request:
    """What one append is to write, and who waits for it.

    Attributes:
        number: which segment it goes to.
        blob_bytes: how much is to be written.
        sizes_bytes: what counts for each dataset group, by its index in shared memory.
        admitted_at_s: `time.monotonic()` at the append.
        stored: done once it is written.
    """

    number: int
    rows: list[ChunkRow]
    positions: tuple[Position, ...]
    blob_bytes: int
    sizes_bytes: dict[int, int]
    admitted_at_s: float
    stored: asyncio.Future[tuple[Position, ...]]


class CommitQueue:
    """Requests on their way from the event loop to the thread that writes.

    Rows of a segment follow each other without a gap: what could not be written ends its segment.
    So a gap is damage.

    Args:
        number: the first segment to write to.
    """

    def __init__(self, number: int, settings: WriterSettings) -> None:
        self._settings = settings
        self._changed = threading.Condition(threading.Lock())
        self._waiting: deque[Request] = deque()
        self._waiting_chunks = self._waiting_bytes = 0
        self._number = number
        self._next_row = 1
        self._segment_bytes = 0
        self._refusal: str | None = None
        self._closed = False

    @property
    def number(self) -> int:
        """The segment that what is put next goes to."""
        return self._number

    @property
    def refusal(self) -> str | None:
        """Why nothing is taken; None while it is."""
        return self._refusal

    def put(self, prepare: Callable[[int, int], Request]) -> None:
        """Take a request. Never waits for the disk.

        Args:
            prepare: makes the request from the number of its segment and its first row there.

        Raises:
            OutboxUnavailable: nothing can be written.
        """
        with self._changed:
            if self._refusal is not None:
                raise OutboxUnavailable(self._refusal)
            request = prepare(self._number, self._next_row)
            self._add(request)
            if len(self._waiting) == 1 or self._is_full():
                self._changed.notify()

    def _add(self, request: Request) -> None:
        size_bytes = request.blob_bytes
        self._waiting.append(request)
        self._waiting_chunks += len(request.rows)
        self._waiting_bytes += size_bytes
        self._next_row += len(request.rows)
        self._segment_bytes += size_bytes
        if self._segment_bytes >= self._settings.segment_bytes:
            self._next_segment()

    def _next_segment(self) -> None:
        self._number += 1
        self._next_row = 1
        self._segment_bytes = 0

    def _is_full(self) -> bool:
        settings = self._settings
        return (
            self._waiting_chunks >= settings.group_chunks
            or self._waiting_bytes >= settings.group_bytes
        )

    def next_group(self) -> list[Request] | None:
        """Wait for requests of one segment that are to be written together, and for their linger.

        Returns:
            None once the queue is closed and empty; no requests at all when it is time to probe.
        """
        with self._changed:
            while not self._waiting:
                if self._closed:
                    return None
                timeout_s = self._settings.probe_interval_s if self._refusal else None
                if not self._changed.wait(timeout_s):
                    return []
            self._linger()
            return self._take()

    def _linger(self) -> None:
        until_s = self._waiting[0].admitted_at_s + self._settings.linger_s
        while not (self._closed or self._is_full()):
            left_s = until_s - time.monotonic()
            if left_s <= 0 or not self._changed.wait(left_s):
                return

    def _take(self) -> list[Request]:
        group: list[Request] = []
        chunks = size_bytes = 0
        number = self._waiting[0].number
        while self._waiting and self._waiting[0].number == number:
            if chunks >= self._settings.group_chunks or size_bytes >= self._settings.group_bytes:
                break
            group.append(self._waiting.popleft())
            chunks += len(group[-1].rows)
            size_bytes += group[-1].blob_bytes
        self._waiting_chunks -= chunks
        self._waiting_bytes -= size_bytes
        return group

    def roll(self) -> None:
        """Let what comes from now on go to another segment."""
        with self._changed:
            self._next_segment()

    def refuse(self, why: str) -> list[Request]:
        """Take nothing until `accept`; return what waits, which will not be written either.

        What comes after that goes to another segment.
        """
        with self._changed:
            left = list(self._waiting)
            self._waiting.clear()
            self._waiting_chunks = self._waiting_bytes = 0
            self._refusal = why
            self._next_segment()
            return left

    def accept(self) -> None:
        """Take requests again."""
        with self._changed:
            self._refusal = None

    def close(self) -> None:
        """Take nothing more; what waits is still written."""
        with self._changed:
            self._refusal = "the gateway is stopping"
            self._closed = True
            self._changed.notify()
