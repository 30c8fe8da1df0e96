"""`delivery.db`: what delivery notes, and alone writes."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from gateway.outbox import database, dead_letter_queries, queries
from gateway.outbox.changes import Changes, NewDeadLetter, Removed
from gateway.outbox.database import transaction
from gateway.outbox.directory import Directory
from gateway.outbox.outcomes import ChunkKey, packed, unpacked
from gateway.outbox.progress import DoneRows
from gateway.outbox.reserve import Reserve
from gateway.outbox.segment_name import Place, SegmentName
from gateway.records import Kind, Lane

APPLICATION_ID = 0x50474442  # PGDB
VERSION = 2

_CACHE_KIB = 8 * 1024
_REMEMBER_S = 600
"""For so long at most it is remembered on disk what became of settled chunks."""

_REMEMBER_COMMITS = 5_000
_FREE_PAGES = 64
"""So many may be free before some are given back: half a MiB."""

_Result = TypeVar("_Result")


def create(path: Path) -> None:
    """Make an empty file, whole or not at all.

    Raises:
        sqlite3.Error: it could not be written.
        OSError: the same.
    """
    database.create(path, APPLICATION_ID, VERSION, queries.DELIVERY_SCHEMA)


class DeliveryDb:
    """The file, opened. Blocks; for one thread at a time.

    Raises:
        sqlite3.Error: from each method: it cannot be read, or nothing was written.
    """

    def __init__(self, directory: Directory) -> None:
        self._boot = directory.boot
        self._reserve = Reserve(directory.reserve)
        self._reserve.give_up()  # What is opened needs some room.
        self.database = database.connect(directory.delivery_db, cache_kib=_CACHE_KIB)
        self.database.execute(queries.TOUCH).fetchall()
        self._reserve.restore()

    def done(self) -> dict[SegmentName, DoneRows]:
        """Return what is settled whole of each segment."""
        return done_rows(self.database)

    def partial(self) -> dict[Place, bytes]:
        """Return the chunks that are settled in part."""
        return partial_chunks(self.database)

    def outcomes(self) -> Iterator[tuple[ChunkKey, bytes]]:
        """Return what is remembered of chunks that were settled whole, the oldest first."""
        for (blob,) in self.database.execute(queries.ALL_SETTLED):
            yield from unpacked(blob)

    def released_bytes(self) -> dict[str, int]:
        """Return what was given back to each dataset group's budget in this boot."""
        return dict(self.database.execute(queries.ALL_RELEASED, (self._boot,)))

    def write(self, work: Callable[[sqlite3.Connection], _Result]) -> _Result:
        """Do work in a transaction. On a full disk the reserve is given up, and it is done again.

        Args:
            work: executes statements; may be called twice.
        """
        try:
            with transaction(self.database):
                return work(self.database)
        except sqlite3.Error as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_FULL or not self._reserve.give_up():
                raise
        with transaction(self.database):
            return work(self.database)

    def keep(self, changes: Changes) -> list[Removed]:
        """Note changes, all of them or none; when it returns they are on disk.

        Returns the dead letters that are gone, because their replays are settled.
        """
        now_ms = time.time_ns() // 1_000_000

        def work(connection: sqlite3.Connection) -> list[Removed]:
            _keep_progress(connection, changes)
            if changes.outcomes:
                self._keep_finished(connection, changes, now_ms)
            return _keep_dead_letters(connection, changes, now_ms)

        return self.write(work)

    def _keep_finished(self, connection: sqlite3.Connection, changes: Changes, now_ms: int) -> None:
        for group, size_bytes in changes.released_bytes().items():
            row = {"dataset_group": group, "boot": self._boot, "size_bytes": size_bytes}
            connection.execute(queries.RELEASE, row)
        connection.execute(queries.KEEP_SETTLED, (now_ms, packed(changes.outcomes)))

    def forget_segment(self, name: SegmentName) -> None:
        """Forget what is done of a segment whose file is gone."""
        self.write(lambda connection: connection.execute(queries.FORGET_DONE, name))

    def lane_states(self) -> dict[Lane, bytes]:
        """Return what is kept for each lane."""
        found = self.database.execute(queries.ALL_LANE_STATES)
        return {Lane(group, Kind(kind)): state for group, kind, state in found}

    def keep_lane_state(self, lane: Lane, state: bytes) -> None:
        """Keep something for a lane in place of what was kept for it."""
        self.write(lambda connection: connection.execute(queries.KEEP_LANE_STATE, (*lane, state)))

    def tidy(self) -> None:
        """Forget what was settled long ago, give free pages back, and make the reserve again."""
        before_ms = time.time_ns() // 1_000_000 - 1000 * _REMEMBER_S
        self.write(lambda to: to.execute(queries.FORGET_SETTLED, (before_ms, _REMEMBER_COMMITS)))
        ((free,),) = self.database.execute(queries.FREE_PAGES)
        if free > _FREE_PAGES:
            # Not `execute`: the statement takes a step for each page, and returns no column.
            self.database.executescript(queries.GIVE_BACK_PAGES)
        self._reserve.restore()

    def close(self) -> None:
        """Let go of the file."""
        self.database.close()


def done_rows(connection: sqlite3.Connection) -> dict[SegmentName, DoneRows]:
    """Return what is settled whole of each segment, from a connection to the file."""
    pages: dict[SegmentName, dict[int, bytes]] = {}
    for *name, page, bits in connection.execute(queries.ALL_DONE):
        pages.setdefault(SegmentName(*name), {})[page] = bits
    return {name: DoneRows(of_segment) for name, of_segment in pages.items()}


def partial_chunks(connection: sqlite3.Connection) -> dict[Place, bytes]:
    """Return the chunks that are settled in part, from a connection to the file."""
    found = connection.execute(queries.ALL_PARTIAL)
    return {Place(SegmentName(*name), row): states for *name, row, states in found}


def _keep_progress(connection: sqlite3.Connection, changes: Changes) -> None:
    copied = {place.segment for place in changes.were_copied}
    connection.executemany(
        queries.KEEP_PARTIAL,
        ((*place.segment, place.row, states) for place, states in changes.partial.items()),
    )
    connection.executemany(
        queries.FORGET_PARTIAL,
        ((*place.segment, place.row) for place in changes.were_partial),
    )
    connection.executemany(
        queries.FORGET_SURVIVOR,
        ((*place.segment, place.row) for place in changes.were_copied),
    )
    connection.executemany(
        queries.KEEP_DONE,
        (
            (*name, page, bits)
            for name, pages in changes.done.items()
            if name not in copied  # It has no file whose rows they could be.
            for page, bits in pages.items()
        ),
    )


def _keep_dead_letters(
    connection: sqlite3.Connection, changes: Changes, now_ms: int
) -> list[Removed]:
    connection.executemany(
        dead_letter_queries.KEEP_DEAD_LETTER,
        (_columns(one, now_ms) for one in changes.dead_letters),
    )
    connection.executemany(
        dead_letter_queries.SUPERSEDE_DEAD_LETTERS,
        ((*one.lane, one.record_id, *one.origin) for one in changes.delivered),
    )
    return [
        row
        for one in changes.replayed
        for row in connection.execute(dead_letter_queries.FORGET_DEAD_LETTER, (one,)).fetchall()
    ]


def _columns(letter: NewDeadLetter, now_ms: int) -> dict[str, Any]:
    columns = letter._asdict()
    columns["dataset_group"], columns["kind"] = columns.pop("lane")
    names = ("boot", "stamp_ns", "writer", "row", "record")
    columns |= dict(zip(names, columns.pop("origin"), strict=True))
    return columns | {"dead_at_ms": now_ms}
