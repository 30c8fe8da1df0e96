"""The side of delivery on disk: `OutboxReader`, for the one delivery process."""

import asyncio
import contextlib
import sqlite3
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import ParamSpec, Self, TypeVar

import structlog

from gateway.outbox.bell import Bell
from gateway.outbox.database import is_damage
from gateway.outbox.dead_letter_store import DeadLetterSettings
from gateway.outbox.delivery_store import DeliveryStore, Settled
from gateway.outbox.directory import Directory
from gateway.outbox.interface import (
    OutboxUnavailable,
    Outcome,
    Position,
    Settlement,
    StoredChunk,
)
from gateway.outbox.locks import FileLock
from gateway.outbox.news import NewsWatch
from gateway.outbox.outcome_waiters import OutcomeWaiters
from gateway.outbox.settle_queue import SettleQueue
from gateway.outbox.shared import Shared, path_for
from gateway.outbox.sqlite_dead_letters import SqliteDeadLetters
from gateway.outbox.unusable import OutboxDamaged, OutboxUnusable
from gateway.outbox.writer_watch import WritersWatch
from gateway.records import Lane

log = structlog.get_logger()

_PREDECESSOR_S = 15.0
_TIDY_INTERVAL_S = 1.0

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class ReaderSettings:
    """How delivery reads and settles.

    Attributes:
        linger_s: how long news, and what is settled, waits for more of it: for each time that there
            is news, and each commit, delivery takes 0.5 ms of CPU, however little there is. What
            comes after a pause is told at once.
        hurried_linger_s: the same once somebody waits for an outcome, if that is less.
        poll_s: how often delivery looks for news that it was not told of.
    """

    linger_s: float = 0.02
    hurried_linger_s: float = 0.008
    poll_s: float = 0.05
    dead_letters: DeadLetterSettings = field(default_factory=DeadLetterSettings)


class SqliteReader:
    """Finds, reads and settles what all ingest processes have written, those that are gone too.

    Files are read and written by one thread of its own; it does what it is asked in turn.
    """

    def __init__(
        self, directory: Directory, settings: ReaderSettings, clock_ns: Callable[[], int]
    ) -> None:
        self._directory = directory
        self._settings = settings
        with ExitStack() as resources:
            resources.callback(directory.close)
            lock = FileLock.take(directory.delivery_lock, wait_s=_PREDECESSOR_S)
            resources.callback(lock.release)
            self._shared = Shared.open(path_for(directory.path), boot=directory.boot)
            resources.callback(self._shared.close)
            writers = WritersWatch(directory, self._shared)
            resources.callback(writers.close)
            bell = Bell(directory.socket("delivery.wake"))
            resources.callback(bell.close)
            self._store = DeliveryStore(directory, self._shared, settings.dead_letters, clock_ns)
            self._resources = resources.pop_all()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="outbox")
        self._jobs = 0
        self._news = NewsWatch(self._shared, writers, bell, lambda: self._store.unfinished)
        self._waiting = OutcomeWaiters(self._store.is_open, self.outcomes_so_far)
        self._settling = SettleQueue(self._linger, self._commit)
        self._tidied_at_s = time.monotonic()
        self.dead_letters = SqliteDeadLetters(self._store.letters, self._run)

    def __repr__(self) -> str:
        return f"<SqliteReader of {self._directory}: {self._store.backlog!r}>"

    @classmethod
    def open(
        cls,
        path: Path,
        settings: ReaderSettings | None = None,
        *,
        clock_ns: Callable[[], int] = time.monotonic_ns,
    ) -> Self:
        """Begin to read a directory that the gateway has claimed. Blocks for some ms.

        Raises:
            OutboxUnusable: the directory was not claimed, or another process delivers from it.
            sqlite3.Error: `delivery.db` cannot be read or written.
        """
        return cls(Directory.join(path), settings or ReaderSettings(), clock_ns)

    async def lanes(self) -> frozenset[Lane]:
        """Return the lanes with something open; see `OutboxReader`."""
        return await self._read_files(self._lanes)

    def _lanes(self) -> frozenset[Lane]:
        backlog = self._store.backlog
        while backlog.behind and not backlog.catch_up() and not backlog.lanes():
            pass
        return backlog.lanes()

    async def read(
        self, lane: Lane, *, after: Position | None, max_records: int, max_bytes: int
    ) -> list[StoredChunk]:
        """Return the next chunks of a lane; see `OutboxReader`."""
        backlog = self._store.backlog
        # While the thread has nothing to do, what it works on may be looked at from here.
        if not (self._jobs or backlog.behind) and backlog.is_read(lane, after):
            return []
        return await self._read_files(self._read, lane, after, max_records, max_bytes)

    def _read(
        self, lane: Lane, after: Position | None, max_records: int, max_bytes: int
    ) -> list[StoredChunk]:
        backlog = self._store.backlog
        if backlog.behind:
            backlog.catch_up()
        return backlog.read(lane, after=after, max_records=max_records, max_bytes=max_bytes)

    async def caught_up(self) -> None:
        """Wait until all is known that was appended before; see `OutboxReader`."""
        backlog = self._store.backlog
        for _ in range(2):  # The round that is under way may have begun before the call.
            while backlog.behind and not await self._read_files(backlog.catch_up):
                pass

    async def settle(self, settlements: Sequence[Settlement]) -> None:
        """Note final outcomes; see `OutboxReader`."""
        await self._settling.settle(settlements)

    async def _linger(self, since_s: float) -> None:
        """Wait for more of what came first at that time, by the monotonic clock."""
        settings = self._settings
        left_s = since_s + settings.linger_s - time.monotonic()
        if left_s > 0 and not self._waiting:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left_s):
                    await self._waiting.begun()
        hurried_s = min(settings.linger_s, settings.hurried_linger_s)
        await asyncio.sleep(max(0.0, since_s + hurried_s - time.monotonic()))

    async def _commit(self, calls: Sequence[Sequence[Settlement]]) -> Settled:
        settled = await self._run(self._store.settle, calls)
        self._waiting.settled(settled.whole)
        return settled

    async def appended(self) -> None:
        """Wait for news; see `OutboxReader`."""
        await self._tidy_if_due()  # Also where there is news every time.
        await self._news.rest(self._linger)
        while not await self._news.wait(self._settings.poll_s):
            await self._tidy_if_due()

    async def _tidy_if_due(self) -> None:
        now_s = time.monotonic()
        if now_s - self._tidied_at_s < _TIDY_INTERVAL_S:
            return
        self._tidied_at_s = now_s
        try:
            await self._run(self._store.tidy)
        except (sqlite3.Error, OSError) as error:
            log.warning("disk space of the outbox is not given back", why=str(error))

    async def outcomes(self, positions: Sequence[Position]) -> list[tuple[Outcome, ...]]:
        """Wait for final outcomes; see `OutcomeSource`."""
        return await self._waiting.outcomes(positions)

    async def outcomes_so_far(self, positions: Sequence[Position]) -> list[tuple[Outcome, ...]]:
        """Return outcomes as they are now; see `OutcomeSource`."""
        return await self._run(self._store.outcomes, positions)

    async def lane_states(self) -> dict[Lane, bytes]:
        """Return what `keep_lane_state` was given last for each lane, in this run or an earlier."""
        return await self._run(self._store.kept.lane_states)

    async def keep_lane_state(self, lane: Lane, state: bytes) -> None:
        """Keep something for a lane; when it returns it is on disk.

        Raises:
            OutboxUnavailable: it was not kept; what was before still is.
        """
        try:
            await self._run(self._store.kept.keep_lane_state, lane, state)
        except sqlite3.Error as error:
            raise OutboxUnavailable(f"the state of a lane cannot be kept: {error}") from error

    async def _read_files(
        self,
        function: Callable[_Arguments, _Result],
        *arguments: _Arguments.args,
        **named: _Arguments.kwargs,
    ) -> _Result:
        try:
            return await self._run(function, *arguments, **named)
        except sqlite3.Error as error:
            unusable = OutboxDamaged if is_damage(error) else OutboxUnusable
            raise unusable(self._directory.path, f"reading segments: {error}") from error

    async def _run(
        self,
        function: Callable[_Arguments, _Result],
        *arguments: _Arguments.args,
        **named: _Arguments.kwargs,
    ) -> _Result:
        """Call a function in the thread of the files."""
        self._jobs += 1
        try:
            job = partial(function, *arguments, **named)
            return await asyncio.get_running_loop().run_in_executor(self._thread, job)
        finally:
            self._jobs -= 1

    async def close(self) -> None:
        """Note what was settled, remove what is drained, and let go of everything."""
        await self._settling.flush()
        await self._run(self._close_store)
        self._thread.shutdown()
        self._resources.close()

    def _close_store(self) -> None:
        try:
            self._store.backlog.catch_up()
            self._store.remove_drained()
        except (sqlite3.Error, OSError) as error:
            log.warning("drained segments are left to the next start", why=str(error))
        finally:
            self._store.close()
