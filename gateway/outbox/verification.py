"""Whether the files of an outbox are as they were written. Changes none of them."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from gateway.outbox import (
    codec,
    database,
    dead_letter_queries,
    delivery_db,
    queries,
    segment,
    wal_tail,
)
from gateway.outbox.codec import ChunkDamaged
from gateway.outbox.directory import Directory
from gateway.outbox.progress import DoneRows
from gateway.outbox.segment import ChunkRow
from gateway.outbox.segment_name import SegmentName
from gateway.outbox.unusable import OutboxDamaged, OutboxUnusable

_MAX_PROBLEMS = 20


@dataclass(slots=True)
class FileReport:
    """What was found in a file.

    Attributes:
        problems: what is wrong, the first twenty; none if all is well.
        failure: why it could not be looked at to its end; None if it could.
        chunks: how many chunks could be read.
        records: how many records are in these; those that were delivered included.
        dead_letters: how many dead letters could be read.
    """

    path: Path
    problems: list[str] = field(default_factory=list)
    chunks: int = 0
    records: int = 0
    dead_letters: int = 0
    failure: str | None = None

    def add(self, problem: str | None) -> None:
        """Note something that is wrong, if it is."""
        if problem is not None and len(self.problems) < _MAX_PROBLEMS:
            self.problems.append(problem)


def verify(path: Path) -> list[FileReport]:
    """Look at an outbox directory, or at one file of it, whole.

    No gateway may use it meanwhile. Files that are no outbox's are passed over in a directory.

    Raises:
        OutboxUnusable: a file is of a newer format, or there is nothing at that path.
    """
    if not path.exists():
        raise OutboxUnusable(path, "there is nothing")
    if not path.is_dir():
        return [_report(path)]
    files = [file for file in sorted(path.iterdir()) if _is_of_outbox(file)]
    return [_report(file) for file in files]


def _is_of_outbox(file: Path) -> bool:
    return SegmentName.of_file(file.name) is not None or file.name == "delivery.db"


def _report(file: Path) -> FileReport:
    if SegmentName.of_file(file.name) is not None:
        return check_segment(file, lambda _: None)
    return check_delivery_db(file)


def open_bytes(directory: Directory) -> dict[str, int]:
    """Return how much of each dataset group is not settled, after a look at every file.

    Raises:
        OutboxDamaged: a file is not as it was written.
        OutboxUnusable: a newer gateway wrote it, or it cannot be read.
    """
    _raise_if_damaged(check_delivery_db(directory.delivery_db))
    with database.untouched(directory.delivery_db) as connection:
        done = delivery_db.done_rows(connection)
        sizes = dict(connection.execute(queries.SURVIVOR_BYTES))
        copied = {SegmentName(*row[:3]) for row in connection.execute(queries.SURVIVOR_ROWS)}
    for name in directory.segments():
        if name not in copied:
            count = _Counter(done.get(name) or DoneRows(), sizes)
            _raise_if_damaged(check_segment(directory.segment(name), count))
    return sizes


def _raise_if_damaged(report: FileReport) -> None:
    if report.problems:
        raise OutboxDamaged(report.path, "; ".join(report.problems[:3]))
    if report.failure is not None:
        raise OutboxUnusable(report.path, report.failure)


class _Counter:
    """Adds up the sizes of rows that are not settled whole."""

    def __init__(self, done: DoneRows, sizes_bytes: dict[str, int]) -> None:
        self._done = done
        self._sizes_bytes = sizes_bytes

    def __call__(self, row: ChunkRow) -> None:
        if row.row not in self._done:
            group = row.dataset_group
            self._sizes_bytes[group] = self._sizes_bytes.get(group, 0) + row.size_bytes


def check_segment(path: Path, see: Callable[[ChunkRow], None]) -> FileReport:
    """Look at a segment: its header, its pages, its WAL, each of its chunks.

    Args:
        path: the file.
        see: called with the row of each chunk that is in order.

    Raises:
        OutboxUnusable: it is of a newer format.
    """

    def look(connection: sqlite3.Connection, report: FileReport) -> None:
        last = 0
        for columns in connection.execute(queries.ALL_CHUNKS):
            row = ChunkRow(*columns)
            if _is_in_order(row, f"row {row.row}", report):
                report.chunks += 1
                report.records += row.records
                see(row)
            if row.row != last + 1:
                report.add(f"rows {last + 1} to {row.row - 1} are missing")
            last = row.row

    return _check(path, segment.APPLICATION_ID, segment.VERSION, look)


def check_delivery_db(path: Path) -> FileReport:
    """Look at `delivery.db`: its header, its pages, its WAL, each survivor and dead letter.

    Raises:
        OutboxUnusable: it is of a newer format.
    """

    def look(connection: sqlite3.Connection, report: FileReport) -> None:
        for *name, row, stamp_ns, group, kind, records, size_bytes, blob in connection.execute(
            queries.ALL_SURVIVORS
        ):
            where = f"row {row} of {SegmentName(*name).file_name}"
            chunk = ChunkRow(row, stamp_ns, group, kind, records, size_bytes, blob)
            if _is_in_order(chunk, where, report):
                report.chunks += 1
                report.records += records
        for letter, *columns in connection.execute(dead_letter_queries.ALL_DEAD_LETTERS):
            if _is_in_order(ChunkRow(0, *columns), f"dead letter {letter}", report):
                report.dead_letters += 1

    return _check(path, delivery_db.APPLICATION_ID, delivery_db.VERSION, look)


def _check(
    path: Path,
    application_id: int,
    version: int,
    look: Callable[[sqlite3.Connection, FileReport], None],
) -> FileReport:
    report = FileReport(path)
    try:
        database.check_kind(path, application_id, version)
        with database.untouched(path) as connection:
            for (line,) in connection.execute(queries.CHECK_FILE):
                if line != "ok":
                    report.add(line)
            report.add(wal_tail.problem(path))
            look(connection, report)
    except OutboxDamaged as error:
        report.add(error.what)
    except sqlite3.Error as error:
        if database.is_damage(error):
            report.add(str(error))
        else:
            report.failure = str(error)
    except OSError as error:
        report.failure = str(error)
    return report


def _is_in_order(row: ChunkRow, where: str, report: FileReport) -> bool:
    """Check a chunk, and note what is wrong with it."""
    lane = row.dataset_group, row.kind
    try:
        codec.check(row.blob, row.stamp_ns, lane, row.records, row.size_bytes)
    except ChunkDamaged as error:
        report.add(f"{where}: {error}")
        return False
    return True
