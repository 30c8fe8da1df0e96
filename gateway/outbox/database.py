"""How the files of the outbox are made and opened as SQLite databases."""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from gateway.outbox.unusable import OutboxDamaged, OutboxUnusable

_BUSY_TIMEOUT_S = 30.0
_NEW = ".new"

PAGE_BYTES = 8192
"""Chunks of ten records are of 3 KB: on smaller pages each commit of a hundred costs a fifth more.
On larger ones a commit of a single chunk would, and write more than it does already."""


def create(path: Path, application_id: int, version: int, schema: Sequence[str]) -> None:
    """Make a database that is whole, on disk and empty, or none at all.

    It is made under another name and renamed: who finds the name finds the tables.

    Raises:
        sqlite3.Error: it could not be written.
        OSError: the same.
    """
    new = path.with_name(path.name + _NEW)
    remove(new)
    try:
        _write(new, application_id, version, schema)
        new.rename(path)
    except BaseException:
        remove(new)
        raise
    sync(path.parent)


def _write(path: Path, application_id: int, version: int, schema: Sequence[str]) -> None:
    # Readable for the owner alone, and so are the -wal and -shm files that SQLite makes beside it.
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
    database = _connect(path)
    try:
        database.execute("PRAGMA synchronous = OFF")  # one sync at the end instead
        database.execute(f"PRAGMA page_size = {PAGE_BYTES}")
        for statement in schema:
            database.execute(statement)
        database.execute(f"PRAGMA application_id = {application_id}")
        database.execute(f"PRAGMA user_version = {version}")
        database.execute("PRAGMA journal_mode = WAL")
    finally:
        database.close()
    sync(path)


def connect(path: Path, *, cache_kib: int, read_only: bool = False) -> sqlite3.Connection:
    """Open a database that `create` made. Commits are on disk when they return.

    The connection may be used by several threads, one at a time. One that only reads must all the
    same be able to write the -shm file.

    Raises:
        sqlite3.Error: it cannot be opened.
    """
    database = _connect(path)
    try:
        database.execute("PRAGMA synchronous = FULL")
        database.execute(f"PRAGMA cache_size = -{cache_kib}")
        if read_only:
            database.execute("PRAGMA query_only = ON")
    except BaseException:
        database.close()
        raise
    return database


@contextmanager
def untouched(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a database to look at it: neither it nor its WAL is changed, also not by closing it.

    Nobody may write it meanwhile.

    Raises:
        sqlite3.Error: it cannot be opened.
    """
    # Without a WAL nothing else than the file is needed, so that no other is made.
    database = _connect(path, "ro" if _has_wal(path) else "ro&immutable=1")
    try:
        yield database
    finally:
        database.close()


def _has_wal(path: Path) -> bool:
    wal = path.with_name(path.name + "-wal")
    return wal.exists() and wal.stat().st_size > 0


def is_damage(error: sqlite3.Error) -> bool:
    """Return whether an error says that a file is not as it was written."""
    primary_code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    return primary_code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _connect(path: Path, mode: str = "rw") -> sqlite3.Connection:
    return sqlite3.connect(
        f"file:{quote(str(path))}?mode={mode}",
        uri=True,
        timeout=_BUSY_TIMEOUT_S,
        isolation_level=None,
        check_same_thread=False,
    )


@contextmanager
def transaction(database: sqlite3.Connection, begin: str = "BEGIN IMMEDIATE") -> Iterator[None]:
    """Commit what the block does, or nothing of it."""
    database.execute(begin)
    try:
        yield
        database.execute("COMMIT")
    except BaseException:
        # After some errors, a full disk for one, SQLite has rolled back by itself.
        if database.in_transaction:
            database.execute("ROLLBACK")
        raise


@contextmanager
def snapshot(database: sqlite3.Connection) -> Iterator[None]:
    """Read all that the block reads from one state, and take the locks for it once."""
    with transaction(database, "BEGIN"):
        yield


def check_kind(path: Path, application_id: int, version: int) -> None:
    """Look at the first bytes of a file: whether it is ours, and of a format that we know.

    Raises:
        OutboxDamaged: it is something else.
        OutboxUnusable: a newer gateway made it.
    """
    with path.open("rb") as file:
        head = file.read(100)
    if head[:16] != b"SQLite format 3\0":
        raise OutboxDamaged(path, "it does not begin as an SQLite database does")
    if int.from_bytes(head[68:72], "big") != application_id:
        raise OutboxDamaged(path, "its header does not say that it is a file of the outbox")
    found = int.from_bytes(head[60:64], "big")
    if found > version:
        raise OutboxUnusable(path, f"its format is {found}; this gateway knows {version}")


def remove(path: Path) -> None:
    """Remove a database with its -wal and -shm files; one that is not there is no error.

    The database goes first: a connection that is open on it then lets go of it without writing.
    """
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Have what was written to a file, or what names are in a folder, on disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
