"""Dead letters in `delivery.db`."""

import json
import sqlite3
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.outbox import codec
from gateway.outbox import dead_letter_queries as queries
from gateway.outbox.changes import Changes, Removed
from gateway.outbox.dead_letters import (
    DeadLetter,
    DeadLetterFilter,
    DeadLetterPage,
    DeadLetterTotals,
    origin_of,
)
from gateway.outbox.delivery_db import DeliveryDb
from gateway.outbox.interface import DeadLetterReason, DeadLettersFull
from gateway.records import Kind, Lane

_ALL_TIME = (1 << 62,) * 5
_EXPIRE_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class DeadLetterSettings:
    """How much is kept of dead letters.

    Attributes:
        budget_bytes: the elements of a dataset group's dead letters at most.
        retention_s: how long one is kept.
    """

    budget_bytes: int = 256 * 1024 * 1024
    retention_s: float = 30 * 24 * 3600.0


class DeadLetterStore:
    """Reads them and lets them go. Blocks; for one thread at a time.

    How many there are, and how large, is counted here as commits change it: what a delete costs
    does not grow with what is left.

    Raises:
        sqlite3.Error: from each method: they cannot be read, or nothing was written.
    """

    def __init__(self, kept: DeliveryDb, settings: DeadLetterSettings) -> None:
        self._kept = kept
        self._settings = settings
        self._sizes_bytes: dict[str, int] = {}
        self._counts: dict[Lane, int] = {}
        for group, kind, *counted in self._kept.database.execute(queries.DEAD_LETTER_COUNTS):
            self._count(Lane(group, Kind(kind)), *counted)

    def _count(self, lane: Lane, count: int, size_bytes: int) -> None:
        group = lane.dataset_group
        self._counts[lane] = self._counts.get(lane, 0) + count
        self._sizes_bytes[group] = self._sizes_bytes.get(group, 0) + size_bytes

    def check(self, sizes_bytes: Mapping[str, int]) -> None:
        """Return if there is room for so many bytes more of each dataset group.

        Raises:
            DeadLettersFull: there is none.
        """
        budget_bytes = self._settings.budget_bytes
        for group, size_bytes in sizes_bytes.items():
            if self._sizes_bytes.get(group, 0) + size_bytes > budget_bytes:
                raise DeadLettersFull(group, budget_bytes=budget_bytes)

    def counts(self) -> dict[Lane, int]:
        """Return how many there are, those included that are being replayed."""
        return dict(self._counts)

    def has(self, lane: Lane) -> bool:
        """Return whether there are some of a lane, those included that are being replayed."""
        return bool(self._counts.get(lane))

    def changed(self, changes: Changes, removed: Iterable[Removed]) -> None:
        """Count those that came and went with other changes."""
        for letter in changes.dead_letters:
            self._count(letter.lane, 1, letter.size_bytes)
        self._removed(removed)

    def _removed(self, removed: Iterable[Removed]) -> None:
        for group, kind, size_bytes in removed:
            self._count(Lane(group, Kind(kind)), -1, -size_bytes)

    def find(self, chosen: DeadLetterFilter, after: int, limit: int) -> DeadLetterPage:
        """Return a page; see `DeadLetters`."""
        asked = _columns(chosen) | {"after": after, "limit": limit}
        named = chosen.ids is not None
        query = queries.FIND_NAMED_DEAD_LETTERS if named else queries.FIND_DEAD_LETTERS
        rows = self._kept.database.execute(query, asked).fetchall()
        next_after = rows[-1][0] if len(rows) == limit else None
        return DeadLetterPage([_letter(row) for row in rows], next_after)

    def totals(self, chosen: DeadLetterFilter) -> DeadLetterTotals:
        """Count them; see `DeadLetters`."""
        named = chosen.ids is not None
        query = queries.COUNT_NAMED_DEAD_LETTERS if named else queries.COUNT_DEAD_LETTERS
        return DeadLetterTotals(*self._kept.database.execute(query, _columns(chosen)).fetchone())

    def code(self, dead_letter_id: str) -> str:
        """Return the error code of one; nothing where it is gone."""
        asked = (dead_letter_id,)
        row = self._kept.database.execute(queries.DEAD_LETTER_CODE, asked).fetchone()
        return row[0] if row else ""

    def is_superseded(self, dead_letter_id: str) -> bool:
        """Return whether a newer record was delivered than the one of a dead letter.

        Also of one that is gone: another replay of it was settled, or somebody deleted it.
        """
        asked = (dead_letter_id,)
        row = self._kept.database.execute(queries.DEAD_LETTER_SUPERSEDED, asked).fetchone()
        return row is None or bool(row[0])

    def delete(self, ids: Sequence[str]) -> int:
        """Delete some; see `DeadLetters`."""
        return self._remove(queries.DELETE_DEAD_LETTERS, json.dumps(list(ids)))

    def expire(self) -> bool:
        """Delete those that were kept for long enough, or some; return whether that is all."""
        oldest_ms = int(1000 * (time.time() - self._settings.retention_s))
        count = self._remove(queries.EXPIRE_DEAD_LETTERS, oldest_ms, _EXPIRE_AT_ONCE)
        return count < _EXPIRE_AT_ONCE

    def _remove(self, query: str, *asked: str | int) -> int:
        removed = self._kept.write(lambda connection: connection.execute(query, asked).fetchall())
        self._removed(removed)
        return len(removed)

    def replayed(self, ids: Sequence[str]) -> int:
        """Hide some; see `DeadLetters`."""

        def work(connection: sqlite3.Connection) -> list[Removed]:
            found = [
                row
                for one in set(ids)
                for row in connection.execute(queries.DEAD_LETTER_SIZE, (one,)).fetchall()
            ]
            connection.executemany(queries.HIDE_DEAD_LETTER, ((one,) for one in ids))
            return found

        hidden = self._kept.write(work)
        for group, _, size_bytes in hidden:
            self._sizes_bytes[group] -= size_bytes
        return len(hidden)

    def supersede(self, lane: Lane, record_id: str) -> int:
        """Mark those of an ID; see `DeadLetters`."""
        asked = (*lane, record_id, *_ALL_TIME)

        def work(connection: sqlite3.Connection) -> int:
            return connection.execute(queries.SUPERSEDE_DEAD_LETTERS, asked).rowcount

        return self._kept.write(work)


def _columns(chosen: DeadLetterFilter) -> dict[str, Any]:
    return {
        "dataset_group": chosen.dataset_group,
        "kind": chosen.kind,
        "reason": chosen.reason,
        "since_ms": chosen.since_ms,
        "until_ms": chosen.until_ms,
        "ids": None if chosen.ids is None else json.dumps(list(chosen.ids)),
    }


def _letter(row: Sequence[Any]) -> DeadLetter:
    _, name, reason, code, detail, attempts, accepted_at_ms, dead_at_ms, superseded, blob = row
    chunk = codec.decode(blob).chunk
    return DeadLetter(
        name,
        chunk.lane,
        chunk.caller,
        chunk.route,
        chunk.records[0],
        DeadLetterReason(reason),
        code,
        detail,
        attempts,
        accepted_at_ms,
        dead_at_ms,
        chunk.origin or origin_of(name),
        bool(superseded),
    )
