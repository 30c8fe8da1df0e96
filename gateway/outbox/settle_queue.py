"""Calls of `settle` that share a commit."""

import asyncio
import sqlite3
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

from gateway.outbox.delivery_store import Settled
from gateway.outbox.interface import OutboxUnavailable, Settlement


class _Call(NamedTuple):
    settlements: Sequence[Settlement]
    noted: asyncio.Future[None]


class SettleQueue:
    """Gathers calls for a short while and commits them together.

    Args:
        linger: waits so long, from a time by the monotonic clock on.
        commit: notes calls; what `DeliveryStore.settle` does, without blocking the loop.
    """

    def __init__(
        self,
        linger: Callable[[float], Awaitable[None]],
        commit: Callable[[Sequence[Sequence[Settlement]]], Awaitable[Settled]],
    ) -> None:
        self._linger = linger
        self._commit = commit
        self._waiting: list[_Call] = []
        self._committing: asyncio.Task[None] | None = None

    async def settle(self, settlements: Sequence[Settlement]) -> None:
        """Return when the settlements are on disk. Cancelled, they are noted all the same.

        Raises:
            OutboxUnavailable: they are not; nothing of them is.
        """
        if not settlements:
            return
        noted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Call(settlements, noted))
        if self._committing is None:
            self._committing = asyncio.create_task(self._commit_all(), name="settle")
        await noted

    async def _commit_all(self) -> None:
        try:
            while self._waiting:
                await self._linger(time.monotonic())
                group, self._waiting = self._waiting, []
                await self._commit_group(group)
        finally:
            self._committing = None

    async def _commit_group(self, group: Sequence[_Call]) -> None:
        try:
            settled = await self._commit([call.settlements for call in group])
        except sqlite3.Error as error:
            unavailable = OutboxUnavailable(f"what was delivered cannot be noted: {error}")
            _answer(group, [unavailable] * len(group))
        except BaseException as error:
            _answer(group, [error] * len(group))
            raise
        else:
            _answer(group, settled.refusals)

    async def flush(self) -> None:
        """Return when nothing waits."""
        while self._committing is not None:
            await asyncio.wait({self._committing})


def _answer(group: Sequence[_Call], errors: Sequence[BaseException | None]) -> None:
    for call, error in zip(group, errors, strict=True):
        if call.noted.done():
            continue
        if error is None:
            call.noted.set_result(None)
        else:
            call.noted.set_exception(error)
