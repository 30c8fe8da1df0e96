"""Dead letters in `delivery.db`."""

import json
import sqlite3
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.outbox import codec, queries
from gateway.outbox.changes import Changes
from gateway.outbox.dead_letters import (
    DeadLetter,
    DeadLetterFilter,
    DeadLetterPage,
    DeadLetterTotals,
)
from gateway.outbox.delivery_db import DeliveryDb
from gateway.outbox.interface import DeadLetterReason, DeadLettersFull
from gateway.records import Kind, Lane

_ALL_TIME = (1 << 62, 1 << 62)


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

    Raises:
        sqlite3.Error: from each method: they cannot be read, or nothing was written.
    """

    def __init__(self, kept: DeliveryDb, settings: DeadLetterSettings) -> None:
        self._kept = kept
        self._settings = settings
        self._sizes_bytes: dict[str, int] = {}
        self._lanes: set[Lane] = set()
        self._count()

    def _count(self) -> None:
        database = self._kept.database
        self._sizes_bytes = dict(database.execute(queries.DEAD_LETTER_BYTES))
        found = database.execute(queries.DEAD_LETTER_LANES)
        self._lanes = {Lane(group, Kind(kind)) for group, kind in found}

    def check(self, sizes_bytes: Mapping[str, int]) -> None:
        """Return if there is room for so many bytes more of each dataset group.

        Raises:
            DeadLettersFull: there is none.
        """
        budget_bytes = self._settings.budget_bytes
        for group, size_bytes in sizes_bytes.items():
            if self._sizes_bytes.get(group, 0) + size_bytes > budget_bytes:
                raise DeadLettersFull(group, budget_bytes=budget_bytes)

    def has(self, lane: Lane) -> bool:
        """Return whether there may be some of a lane that are not superseded."""
        return lane in self._lanes

    def added(self, changes: Changes) -> None:
        """Count those that were written with other changes."""
        for letter in changes.dead_letters:
            group = letter.lane.dataset_group
            self._sizes_bytes[group] = self._sizes_bytes.get(group, 0) + letter.size_bytes
            self._lanes.add(letter.lane)

    def find(self, chosen: DeadLetterFilter, after: int, limit: int) -> DeadLetterPage:
        """Return a page; see `DeadLetters`."""
        asked = _columns(chosen) | {"after": after, "limit": limit}
        rows = self._kept.database.execute(queries.FIND_DEAD_LETTERS, asked).fetchall()
        next_after = rows[-1][0] if len(rows) == limit else None
        return DeadLetterPage([_letter(row) for row in rows], next_after)

    def totals(self, chosen: DeadLetterFilter) -> DeadLetterTotals:
        """Count them; see `DeadLetters`."""
        row = self._kept.database.execute(queries.COUNT_DEAD_LETTERS, _columns(chosen)).fetchone()
        return DeadLetterTotals(*row)

    def code(self, dead_letter_id: str) -> str:
        """Return the error code of one; nothing where it is gone."""
        asked = (dead_letter_id,)
        row = self._kept.database.execute(queries.DEAD_LETTER_CODE, asked).fetchone()
        return row[0] if row else ""

    def delete(self, ids: Sequence[str]) -> int:
        """Delete some; see `DeadLetters`."""
        return self._remove(queries.DELETE_DEAD_LETTERS, json.dumps(list(ids)))

    def expire(self) -> int:
        """Delete those that were kept for long enough; return how many."""
        oldest_ms = int(1000 * (time.time() - self._settings.retention_s))
        return self._remove(queries.EXPIRE_DEAD_LETTERS, oldest_ms)

    def _remove(self, query: str, argument: str | int) -> int:
        count = self._kept.write(lambda connection: connection.execute(query, (argument,)).rowcount)
        if count:
            self._count()
        return count

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
        bool(superseded),
    )
