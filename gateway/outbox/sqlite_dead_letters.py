"""`DeadLetters` on `delivery.db`, in the delivery process."""

import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from gateway.outbox.dead_letter_store import DeadLetterStore
from gateway.outbox.dead_letters import (
    EVERY,
    DeadLetterFilter,
    DeadLetterPage,
    DeadLetterTotals,
)
from gateway.outbox.interface import OutboxUnavailable
from gateway.records import Lane

_Result = TypeVar("_Result")


class SqliteDeadLetters:
    """Dead letters as `DeadLetters` shows them.

    Args:
        run: calls a function in the thread to which the store belongs.
    """

    def __init__(self, store: DeadLetterStore, run: Callable[..., Awaitable[Any]]) -> None:
        self._store = store
        self._run = run

    async def find(
        self, chosen: DeadLetterFilter = EVERY, *, after: int = 0, limit: int = 100
    ) -> DeadLetterPage:
        """Return a page of them; see `DeadLetters`."""
        return await self._call(self._store.find, chosen, after, limit)

    async def totals(self, chosen: DeadLetterFilter = EVERY) -> DeadLetterTotals:
        """Count them; see `DeadLetters`."""
        return await self._call(self._store.totals, chosen)

    def counts(self) -> dict[Lane, int]:
        """Return how many there are, from memory; those included that are being replayed."""
        return self._store.counts()

    async def delete(self, ids: Sequence[str]) -> int:
        """Delete some for good; see `DeadLetters`."""
        return await self._call(self._store.delete, ids)

    async def replayed(self, ids: Sequence[str]) -> int:
        """Hide some whose replay is stored; see `DeadLetters`."""
        return await self._call(self._store.replayed, ids)

    async def supersede(self, lane: Lane, record_id: str) -> int:
        """Mark those of an ID; see `DeadLetters`."""
        return await self._call(self._store.supersede, lane, record_id)

    async def _call(self, function: Callable[..., _Result], *arguments: object) -> _Result:
        try:
            result: _Result = await self._run(function, *arguments)
        except sqlite3.Error as error:
            raise OutboxUnavailable(f"dead letters cannot be read or written: {error}") from error
        return result
