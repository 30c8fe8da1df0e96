"""The side of ingest on disk: `OutboxWriter`, for one of the ingest processes."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from operator import attrgetter
from pathlib import Path
from typing import Self

from gateway.outbox.admission import Stamper
from gateway.outbox.bell import BellPush
from gateway.outbox.budgets import Budgets
from gateway.outbox.commit_queue import Group, WriterSettings
from gateway.outbox.directory import Directory
from gateway.outbox.group_commit import GroupCommit
from gateway.outbox.interface import OutboxUnavailable, Outcome, Position
from gateway.outbox.locks import FileLock
from gateway.outbox.mirrors import with_room
from gateway.outbox.outcomes import OutcomeSource
from gateway.outbox.segment_store import SegmentStore
from gateway.outbox.shared import Shared, path_for
from gateway.records import Chunk

_PREDECESSOR_S = 15.0
"""So long the process that had the slot before may take to end."""


_RECORDS = attrgetter("records")
_ELEMENT = attrgetter("element")


class SqliteWriter:
    """Admits chunks and writes them to segments of its own.

    An append is stamped when it is called and answered when its group is on disk.

    Args:
        slot: which of the gateway's ingest processes this is, from 0.
        budgets_bytes: how much each dataset group may have in the outbox; one that is not named,
            any amount.
        outcomes: where outcomes are asked for.
    """

    def __init__(
        self,
        directory: Directory,
        slot: int,
        budgets_bytes: Mapping[str, int],
        outcomes: OutcomeSource,
        settings: WriterSettings,
        clock_ns: Callable[[], int],
    ) -> None:
        self._directory = directory
        self._writer = slot
        self._outcomes = outcomes
        self._stamper = Stamper(directory.boot, slot, clock_ns)
        with ExitStack() as resources:
            resources.callback(directory.close)
            lock = FileLock.take(directory.slot_lock(slot), wait_s=_PREDECESSOR_S)
            resources.callback(lock.release)
            self._shared = Shared.open(path_for(directory.path), boot=directory.boot)
            resources.callback(self._shared.close)
            self._slot = self._shared.slot(slot)
            store = SegmentStore(directory, slot, self._slot)
            first = store.unused_number
            # From now on delivery can tell that this process lives.
            own_lock = FileLock.take(directory.writer_lock(slot, first))
            resources.callback(own_lock.release)
            self._slot.take_over(first)
            self._bell = BellPush(directory.socket("delivery.wake"))
            resources.callback(self._bell.close)
            self._resources = resources.pop_all()
        self._budgets = Budgets(self._shared, budgets_bytes)
        self._commits = GroupCommit(
            first, store, settings, wrote=self._wrote, give_back=self._give_back
        )
        self._commits.start()

    def __repr__(self) -> str:
        return f"<SqliteWriter {self._writer} of {self._directory}>"

    @classmethod
    def open(
        cls,
        path: Path,
        slot: int,
        budgets_bytes: Mapping[str, int],
        outcomes: OutcomeSource,
        settings: WriterSettings | None = None,
        *,
        clock_ns: Callable[[], int] = time.monotonic_ns,
    ) -> Self:
        """Begin to write in a directory that the gateway has claimed. Blocks for some ms.

        A disk that cannot be written is no error: the writer is not healthy then.

        Raises:
            OutboxUnusable: the directory was not claimed, or another process has the slot.
        """
        return cls(
            Directory.join(path),
            slot,
            budgets_bytes,
            outcomes,
            settings or WriterSettings(),
            clock_ns,
        )

    @property
    def unhealthy(self) -> str | None:
        """Why nothing can be written at present; None while appends are taken."""
        return self._commits.refusal

    def replace_budgets(self, budgets_bytes: Mapping[str, int]) -> None:
        """Check against other budgets from now on."""
        self._budgets.replace(budgets_bytes)

    def append(
        self, chunks: Sequence[Chunk], mirrors: Sequence[Chunk] = ()
    ) -> asyncio.Future[tuple[Position, ...]]:
        """Admit chunks; see `OutboxWriter`."""
        stored: asyncio.Future[tuple[Position, ...]] = asyncio.get_running_loop().create_future()
        if not (all(map(_RECORDS, chunks)) and all(map(_RECORDS, mirrors))):
            raise ValueError("a chunk without records would never be settled")
        sizes_bytes = [*map(_size_bytes, chunks)]
        by_group = _by_group(chunks, sizes_bytes)
        self._budgets.check(by_group)
        admitted = chunks
        if mirrors:
            shown = with_room(mirrors, by_group, self._budgets.has_room)
            admitted = [*chunks, *shown]
            sizes_bytes += map(_size_bytes, shown)
        if not admitted:
            stored.set_result(())
            return stored
        if self._commits.refusal is not None:
            stored.set_exception(OutboxUnavailable(self._commits.refusal))
            return stored
        rows, positions = self._stamper.stamp(admitted, sizes_bytes, *self._commits.place)
        self._count(by_group, 1)
        self._commits.put(rows, by_group, stored, positions[: len(chunks)])
        return stored

    def _count(self, by_group: Mapping[str, int], sign: int) -> None:
        for group, size_bytes in by_group.items():
            self._slot.admit(self._shared.index_of(group), sign * size_bytes)

    def _give_back(self, group: Group) -> None:
        self._count(group.sizes_bytes, -1)

    def _wrote(self, group: Group) -> None:
        """Say that a group is on disk: before anybody is answered, so that delivery knows first."""
        index_of = self._shared.index_of
        by_index = {index_of(name): size for name, size in group.sizes_bytes.items()}
        self._slot.wrote(len(group.rows), by_index)
        if self._shared.asleep:
            self._bell.ring()

    async def outcomes(self, positions: Sequence[Position]) -> list[tuple[Outcome, ...]]:
        """Ask delivery, and wait; see `OutboxWriter`."""
        return await self._outcomes.outcomes(positions)

    async def outcomes_so_far(self, positions: Sequence[Position]) -> list[tuple[Outcome, ...]]:
        """Ask delivery; see `OutboxWriter`."""
        return await self._outcomes.outcomes_so_far(positions)

    async def close(self) -> None:
        """Write what was admitted, answer it, and let go of everything."""
        await self._commits.close()
        self._resources.close()


def _size_bytes(chunk: Chunk) -> int:
    return sum(map(len, map(_ELEMENT, chunk.records)))  # `Chunk.size_bytes`, in less time


def _by_group(chunks: Sequence[Chunk], sizes_bytes: Sequence[int]) -> dict[str, int]:
    by_group: dict[str, int] = {}
    for chunk, size_bytes in zip(chunks, sizes_bytes, strict=True):
        group = chunk.lane.dataset_group
        by_group[group] = by_group.get(group, 0) + size_bytes
    return by_group
