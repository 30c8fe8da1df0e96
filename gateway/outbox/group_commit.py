"""How what ingest admits is written: in groups, each by one commit of a thread.

The event loop collects a group while the one before is being written, and hands it over whole. So
neither side ever waits for a lock, and a group costs two wake-ups: that of the thread, and that of
the loop, which then answers all who wait.
"""

import asyncio
import contextlib
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from queue import SimpleQueue

import structlog

from gateway.outbox.commit_queue import CommitQueue, Group, WriterSettings
from gateway.outbox.interface import OutboxUnavailable, Position
from gateway.outbox.segment import ChunkRow
from gateway.outbox.segment_store import SegmentStore
from gateway.telemetry.metrics import COMMIT_DURATION

log = structlog.get_logger()

_CANNOT_WRITE = (sqlite3.Error, OSError)


class GroupCommit:
    """Writes requests. Of the event loop that it is made in.

    After a failure nothing is taken until room is there again and a new segment could be made.

    Args:
        number: the first segment to write to.
        wrote: called by the thread when a group is on disk, before anybody is answered.
        give_back: called for a group that was not written.

    Attributes:
        refusal: why nothing is taken; None while it is.
    """

    def __init__(
        self,
        number: int,
        store: SegmentStore,
        settings: WriterSettings,
        *,
        wrote: Callable[[Group], None],
        give_back: Callable[[Group], None],
    ) -> None:
        self._queue = CommitQueue(number, settings)
        self._store = store
        self._settings = settings
        self._wrote = wrote
        self._give_back = give_back
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False
        self._idle = asyncio.Event()  # The thread has nothing to write.
        self._idle.set()
        self._jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="group commit", daemon=True)
        self.refusal: str | None = None

    def start(self) -> None:
        """Make the first segment, and begin. A disk that cannot be written is no error here."""
        try:
            self._store.begin(self._queue.number)
        except _CANNOT_WRITE as error:
            self._stop_taking(str(error))
        self._thread.start()

    # --- The event loop ---------------------------------------------------------------------------

    @property
    def place(self) -> tuple[int, int]:
        """The segment and the row in it of what is put next."""
        return self._queue.number, self._queue.next_row

    def put(
        self,
        rows: Sequence[ChunkRow],
        sizes_bytes: Mapping[str, int],
        stored: asyncio.Future[tuple[Position, ...]],
        positions: tuple[Position, ...],
    ) -> None:
        """Take a request, while there is no refusal; see `CommitQueue`."""
        queue, now_s = self._queue, time.monotonic()
        was_empty = not queue
        queue.put(now_s, rows, sizes_bytes, stored, positions)
        if queue.is_full:
            self._hand_over()
        elif was_empty:
            self._look_again(now_s)

    def _look_again(self, now_s: float) -> None:
        left_s = self._queue.begun_at_s + self._settings.linger_s - now_s
        delay_s = min(self._settings.pause_s, left_s)
        self._timer = self._loop.call_later(delay_s, self._look, self._queue.chunks)

    def _look(self, chunks_before: int) -> None:
        """Let a group go once nobody joined it since the last look, or its first has lingered."""
        self._timer, now_s = None, time.monotonic()
        has_lingered = now_s >= self._queue.begun_at_s + self._settings.linger_s
        if has_lingered or self._queue.chunks == chunks_before:
            self._hand_over()
        else:
            self._look_again(now_s)

    def _hand_over(self) -> None:
        """Let the thread write the first group, once it has written the one that it has."""
        if not (self._queue and self._idle.is_set()):
            return
        self._stop_timer()
        self._idle.clear()
        self._jobs.put(partial(self._write, self._queue.take()))

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _written(self, group: Group, *, wal_is_full: bool) -> None:
        for stored, positions in group.waiting:
            if not stored.done():  # Else its caller has given up.
                stored.set_result(positions)
        if wal_is_full and group.number == self._queue.number:
            self._queue.roll()
        self._free()

    def _failed(self, group: Group, why: str) -> None:
        """Refuse a group and all that waits behind it: rows without a gap could not follow."""
        self._stop_timer()
        failed = [group]
        while self._queue:
            failed.append(self._queue.take())
        for one in failed:
            self._give_back(one)
            for stored, _ in one.waiting:
                if not stored.done():
                    stored.set_exception(OutboxUnavailable(why))
        self._queue.roll()
        self._stop_taking(why)
        self._free()

    def _free(self) -> None:
        self._idle.set()
        if self._timer is None or self._queue.is_full:
            self._hand_over()

    def _stop_taking(self, why: str) -> None:
        log.error("the outbox cannot be written; nothing is accepted", why=why)
        self.refusal = f"the outbox cannot be written: {why}"
        self._jobs.put(partial(self._restore, self._queue.number))

    def _restore_later(self, number: int) -> None:
        job = partial(self._restore, number)
        self._loop.call_later(self._settings.probe_interval_s, self._jobs.put, job)

    def _take_again(self) -> None:
        if not self._closed:
            self.refusal = None
            log.info("the outbox can be written again")

    async def close(self) -> None:
        """Take nothing more, write what waits, and let go of everything."""
        self._closed, self.refusal = True, "the gateway is stopping"
        self._stop_timer()
        self._hand_over()
        while not self._idle.is_set():
            await self._idle.wait()
        self._jobs.put(None)
        await asyncio.to_thread(self._thread.join)
        await asyncio.to_thread(self._store.close)  # It may write a whole segment once more.

    # --- The thread -------------------------------------------------------------------------------

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()

    def _write(self, group: Group) -> None:
        try:
            self._store.write(group.number, group.rows)
        except _CANNOT_WRITE as error:
            self._give_up(group, str(error))
        except Exception as error:
            log.exception("writing to the outbox failed in a way that nobody foresaw")
            self._give_up(group, type(error).__name__)
        else:
            COMMIT_DURATION.record(time.monotonic() - group.begun_at_s)
            self._wrote(group)
            self._tell(partial(self._written, group, wal_is_full=self._wal_is_full()))

    def _give_up(self, group: Group, why: str) -> None:
        self._tell(self._failed, group, why)
        self._store.erase()

    def _wal_is_full(self) -> bool:
        try:
            return self._store.wal_bytes >= self._settings.segment_bytes
        except OSError:
            return True  # Whatever is wrong with the file, the next segment is another.

    def _restore(self, number: int) -> None:
        try:
            self._store.probe()
            self._store.begin(number)
        except _CANNOT_WRITE:
            self._tell(self._restore_later, number)
        else:
            self._tell(self._take_again)

    def _tell(self, callback: Callable[..., None], *arguments: object) -> None:
        with contextlib.suppress(RuntimeError):  # The loop is closed: nobody waits any more.
            self._loop.call_soon_threadsafe(callback, *arguments)
