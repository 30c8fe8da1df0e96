"""What the emulator keeps, in SQLite: resources as documents, and every record received."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_FORMAT = 1

_TABLES = """
CREATE TABLE resource (arn TEXT PRIMARY KEY, document TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE record (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    dataset_group TEXT NOT NULL,
    received_at REAL NOT NULL,
    request_id TEXT NOT NULL,
    session_id TEXT,
    user_id TEXT,
    element TEXT NOT NULL
);
"""

_APPEND = """
INSERT INTO record (kind, dataset_group, received_at, request_id, session_id, user_id, element)
VALUES (?, ?, ?, ?, ?, ?, ?)
"""

_READ = """
SELECT kind, dataset_group, received_at, request_id, session_id, user_id, element, sequence
FROM record
WHERE sequence > :after AND sequence <= :last
    AND (:kind IS NULL OR kind = :kind)
    AND (:dataset_group IS NULL OR dataset_group = :dataset_group)
ORDER BY sequence
LIMIT :limit
"""

_PAGE = 500


class StateError(Exception):
    """Expected error: the state file cannot be used; the message says which and why."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record that the emulator took.

    Attributes:
        kind: events, action_interactions, items, users or actions.
        dataset_group: name of the dataset group.
        received_at: seconds since the epoch, by the emulator's clock.
        request_id: the call that brought it, as answered in `x-amzn-RequestId`.
        session_id: of events (it stands in the request) and action interactions.
        user_id: of events and action interactions that have one.
        element: the record's JSON, as received.
        sequence: place in the order of arrival, from 1; 0 before it is kept.
    """

    kind: str
    dataset_group: str
    received_at: float
    request_id: str
    session_id: str | None
    user_id: str | None
    element: str
    sequence: int = 0

    def parsed(self) -> dict[str, Any]:
        """Return the element as a Python object."""
        parsed: dict[str, Any] = json.loads(self.element)
        return parsed

    def line(self) -> str:
        """Return the record as one line of JSON that ends with its element, as received."""
        head = json.dumps(
            {
                "sequence": self.sequence,
                "kind": self.kind,
                "dataset_group": self.dataset_group,
                "received_at": self.received_at,
                "request_id": self.request_id,
                "session_id": self.session_id,
                "user_id": self.user_id,
            },
            ensure_ascii=False,
        )
        # Line breaks of a JSON text stand only between its tokens.
        element = self.element.replace("\r", " ").replace("\n", " ")
        return f'{head[:-1]}, "element": {element}}}\n'


class Store:
    """Keeps resources and records. Blocks its caller for the time of a local SQLite statement.

    A file is written in transactions that `commit` ends: what was kept since is lost if the process
    dies, as befits a test tool. In memory each statement stands for itself.
    """

    def __init__(self, path: Path | None) -> None:
        """Open the file, or make it; None keeps everything in memory.

        Raises:
            StateError: the file is in use, not the emulator's, or of a newer format.
        """
        self._in_file = path is not None
        self._closed = False
        try:
            self._database = sqlite3.connect(path or ":memory:", isolation_level=None, timeout=0.5)
            self._prepare()
        except sqlite3.Error as error:
            raise StateError(f"{path}: {error}") from error

    def save(self, arn: str, document: dict[str, Any]) -> None:
        """Keep a resource; replaces the one of the same ARN."""
        self._begin()
        self._database.execute(
            "INSERT OR REPLACE INTO resource (arn, document) VALUES (?, ?)",
            (arn, json.dumps(document)),
        )

    def delete(self, arn: str) -> None:
        """Forget a resource."""
        self._begin()
        self._database.execute("DELETE FROM resource WHERE arn = ?", (arn,))

    def resources(self) -> list[dict[str, Any]]:
        """Return the documents of all resources, ordered by ARN."""
        rows = self._database.execute("SELECT document FROM resource ORDER BY arn")
        return [json.loads(document) for (document,) in rows]

    def append(self, records: Sequence[Record]) -> None:
        """Keep records in their order; their `sequence` is given here."""
        self._begin()
        rows = (
            (
                r.kind,
                r.dataset_group,
                r.received_at,
                r.request_id,
                r.session_id,
                r.user_id,
                r.element,
            )
            for r in records
        )
        self._database.executemany(_APPEND, rows)

    def records(
        self, kind: str | None = None, dataset_group: str | None = None
    ) -> Iterator[Record]:
        """Yield the records of a kind and of a dataset group (None for all) in order of arrival.

        What arrives after the first is yielded is left out, so that it ends under load.
        """
        (last,) = self._database.execute("SELECT max(sequence) FROM record").fetchone()
        parameters = {
            "kind": kind,
            "dataset_group": dataset_group,
            "after": 0,
            "last": last,
            "limit": _PAGE,
        }
        while rows := self._database.execute(_READ, parameters).fetchall():
            yield from (Record(*row) for row in rows)
            parameters["after"] = rows[-1][-1]

    def commit(self) -> None:
        """End the open transaction, if there is one."""
        if self._database.in_transaction:
            self._database.execute("COMMIT")

    def close(self) -> None:
        """Commit and close; the store cannot be used after. May be called twice."""
        if not self._closed:
            self.commit()
            self._database.close()
            self._closed = True

    def _begin(self) -> None:
        if self._in_file and not self._database.in_transaction:
            self._database.execute("BEGIN")

    def _prepare(self) -> None:
        # One process at a time: the second to open the file is told that it is locked.
        self._database.execute("PRAGMA locking_mode = EXCLUSIVE")
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = NORMAL")
        (found,) = self._database.execute("PRAGMA user_version").fetchone()
        (tables,) = self._database.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        if found > _FORMAT:
            raise sqlite3.DatabaseError(f"format {found} is newer than this program's {_FORMAT}")
        if tables and not found:
            raise sqlite3.DatabaseError("not made by this emulator")
        if not found:
            script = f"BEGIN; {_TABLES} PRAGMA user_version = {_FORMAT}; COMMIT;"
            self._database.executescript(script)
