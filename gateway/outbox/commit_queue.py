"""What ingest has admitted and not yet written, and in which row of which segment it will be."""

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gateway.outbox.interface import Position
from gateway.outbox.segment import ChunkRow


@dataclass(frozen=True, slots=True)
class WriterSettings:
    """How chunks are written.

    Attributes:
        linger_s: how long an append waits at most for others to share its commit.
        pause_s: it waits no longer once none came for so long: alone, it need not wait the whole
            linger, which pays under load, where 40 appends share a commit and not 6.
        group_chunks: this many chunks are committed without waiting longer.
        group_bytes: the same in bytes.
        segment_bytes: a segment that holds so much, or whose WAL does, is followed by the next.
        probe_interval_s: how often a writer that cannot write tries whether it can again.
    """

    linger_s: float = 0.01
    pause_s: float = 0.002
    group_chunks: int = 2_000
    group_bytes: int = 8 * 1024 * 1024
    segment_bytes: int = 64 * 1024 * 1024
    probe_interval_s: float = 1.0


@dataclass(slots=True, eq=False)
class Group:
    """Requests that are written by one commit, to one segment.

    Attributes:
        number: the segment.
        begun_at_s: `time.monotonic()` at the first of them.
        rows: their chunks.
        waiting: for each request who waits for it, and for what.
        blob_bytes: how much is to be written.
        sizes_bytes: what counts for each dataset group.
    """

    number: int
    begun_at_s: float
    rows: list[ChunkRow] = field(default_factory=list, repr=False)
    waiting: list[tuple[asyncio.Future[tuple[Position, ...]], tuple[Position, ...]]] = field(
        default_factory=list
    )
    blob_bytes: int = 0
    sizes_bytes: dict[str, int] = field(default_factory=dict)


class CommitQueue:
    """Requests in groups, on their way to the thread that writes. Of the event loop alone.

    Rows of a segment follow each other without a gap: what could not be written ends its segment.
    So a gap is damage.

    Args:
        number: the first segment to write to.

    Attributes:
        number: the segment that what is put next goes to.
        next_row: the row there.
        chunks: how many wait.
    """

    def __init__(self, number: int, settings: WriterSettings) -> None:
        self._settings = settings
        self._groups: deque[Group] = deque()
        self._open: Group | None = None  # The last of them, while it may grow.
        self._segment_bytes = 0
        self.number = number
        self.next_row = 1
        self.chunks = 0

    def __bool__(self) -> bool:
        return bool(self._groups)

    @property
    def is_full(self) -> bool:
        """Whether there is a group that cannot grow."""
        return bool(self._groups) and self._groups[0] is not self._open

    @property
    def begun_at_s(self) -> float:
        """When the first that waits was put, by `time.monotonic()`."""
        return self._groups[0].begun_at_s

    def put(
        self,
        now_s: float,
        rows: Sequence[ChunkRow],
        sizes_bytes: Mapping[str, int],
        stored: asyncio.Future[tuple[Position, ...]],
        positions: tuple[Position, ...],
    ) -> None:
        """Take a request whose rows begin with `next_row` of segment `number`.

        Args:
            now_s: `time.monotonic()`.
            rows: its chunks.
            sizes_bytes: what counts for each dataset group.
            stored: who waits until it is written.
            positions: what is answered then.
        """
        group = self._open
        if group is None:
            group = self._open = Group(self.number, now_s)
            self._groups.append(group)
        group.rows += rows
        group.waiting.append((stored, positions))
        for name, size_bytes in sizes_bytes.items():
            group.sizes_bytes[name] = group.sizes_bytes.get(name, 0) + size_bytes
        blob_bytes = sum([len(row.blob) for row in rows])
        group.blob_bytes += blob_bytes
        self.chunks += len(rows)
        self.next_row += len(rows)
        self._segment_bytes += blob_bytes
        settings = self._settings
        if self._segment_bytes >= settings.segment_bytes:
            self.roll()
        elif len(group.rows) >= settings.group_chunks or group.blob_bytes >= settings.group_bytes:
            self._open = None

    def take(self) -> Group:
        """Return the group that is to be written first; there is one."""
        group = self._groups.popleft()
        self.chunks -= len(group.rows)
        if group is self._open:
            self._open = None
        return group

    def roll(self) -> None:
        """Let what comes from now on go to another segment."""
        self._open = None
        self.number += 1
        self.next_row = 1
        self._segment_bytes = 0
