"""The thread that writes what ingest admits, in groups, and answers after each."""

import contextlib
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from itertools import chain

import structlog

from gateway.outbox.commit_queue import CommitQueue, Request, WriterSettings
from gateway.outbox.interface import OutboxUnavailable
from gateway.outbox.segment_store import SegmentStore
from gateway.telemetry.metrics import COMMIT_DURATION

log = structlog.get_logger()

_CANNOT_WRITE = (sqlite3.Error, OSError)


class GroupCommit:
    """Writes the requests of a queue until that is closed.

    After a failure nothing is taken until room is there again and a new segment could be made.

    Args:
        wrote: called by the thread when a group is on disk, before anybody is answered.
        give_back: called by the event loop for requests that were not written.
    """

    def __init__(
        self,
        queue: CommitQueue,
        store: SegmentStore,
        settings: WriterSettings,
        *,
        wrote: Callable[[Sequence[Request]], None],
        give_back: Callable[[Sequence[Request]], None],
    ) -> None:
        self._queue = queue
        self._store = store
        self._segment_bytes = settings.segment_bytes
        self._wrote = wrote
        self._give_back = give_back
        self._thread = threading.Thread(target=self._run, name="group commit", daemon=True)

    def start(self) -> None:
        """Make the first segment, and begin. A disk that cannot be written is no error here."""
        try:
            self._store.begin(self._queue.number)
        except _CANNOT_WRITE as error:
            self._stop_taking(error)
        self._thread.start()

    def join(self) -> None:
        """Wait until all is written, after the queue was closed. Blocks."""
        self._thread.join()
        self._store.close()

    def _run(self) -> None:
        while (group := self._queue.next_group()) is not None:
            if group:
                self._commit(group)
            else:
                self._restore()

    def _commit(self, group: Sequence[Request]) -> None:
        rows = list(chain.from_iterable(request.rows for request in group))
        try:
            self._store.write(group[0].number, rows)
        except _CANNOT_WRITE as error:
            left = self._stop_taking(error)
            self._answer([*group, *left], OutboxUnavailable(str(error)))
            self._store.erase()
            self._restore()
        else:
            COMMIT_DURATION.record(time.monotonic() - group[0].admitted_at_s)
            self._wrote(group)
            self._answer(group)
            if self._store.wal_bytes >= self._segment_bytes:
                self._queue.roll()

    def _stop_taking(self, error: Exception) -> list[Request]:
        log.error("the outbox cannot be written; nothing is accepted", why=str(error))
        return self._queue.refuse(f"the outbox cannot be written: {error}")

    def _restore(self) -> None:
        try:
            self._store.probe()
            self._store.begin(self._queue.number)
        except _CANNOT_WRITE:
            return
        self._queue.accept()
        log.info("the outbox can be written again")

    def _answer(self, group: Sequence[Request], error: OutboxUnavailable | None = None) -> None:
        """Answer all that wait, in one turn of their loop."""
        with contextlib.suppress(RuntimeError):  # The loop is closed: nobody waits any more.
            loop = group[0].stored.get_loop()
            loop.call_soon_threadsafe(self._settle, group, error)

    def _settle(self, group: Sequence[Request], error: OutboxUnavailable | None) -> None:
        if error is not None:
            self._give_back(group)
        for request in group:
            if request.stored.done():  # Its caller has given up.
                continue
            if error is None:
                request.stored.set_result(request.positions)
            else:
                request.stored.set_exception(error)
