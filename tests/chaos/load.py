"""The load: streams of events, single puts of events, and updates of items, from many callers."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.chaos.connection import Connection
from tests.chaos.event_stream import EventStream
from tests.chaos.ledger import Ledger
from tests.chaos.messages import BAD
from tests.chaos.pace import Pace
from tests.chaos.puts import EventPuts, ItemUpdates

_ANSWERS_S = 60.0
"""How long the gateway has, once no more is sent, to answer what was."""

Locator = Callable[[int | None], str]
"""Says where the ingest process of a number listens; of None, where all of them do."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How much is sent.

    Attributes:
        streams: Ingest streams, each on a connection of its own.
        stream_events_per_s: of all streams together.
        put_events_per_s: sent by PutEvents.
        items: how many different items are updated.
        updates_per_s: at most, by PutItems.
        callers: how many take turns with the updates.
        bad_share: the share of events and updates that are marked to be refused.
    """

    streams: int = 3
    stream_events_per_s: float = 300.0
    put_events_per_s: float = 60.0
    items: int = 24
    updates_per_s: float = 60.0
    callers: int = 3
    bad_share: float = 0.0


class Load:
    """Sends until it is told to stop, and then until all of that is answered.

    Args:
        locate: where to connect.
        random: decides what is sent.
    """

    def __init__(self, settings: Settings, locate: Locator, ledger: Ledger, random: Random) -> None:
        self._settings = settings
        self._locate = locate
        self._ledger = ledger
        self._random = random
        self._connections: list[Connection] = []
        self._numbers = itertools.count(1)
        self._stopping = asyncio.Event()
        self.puts = EventPuts(self._connection(), ledger)

    def _connection(self, number: int | None = None) -> Connection:
        made = Connection(lambda: self._locate(number), self._ledger)
        self._connections.append(made)
        return made

    def _event_ids(self, count: int) -> list[str]:
        return [self._event_id() for _ in range(count)]

    def _event_id(self) -> str:
        bad = self._random.random() < self._settings.bad_share
        return f"{BAD if bad else 'good'}-{next(self._numbers)}"

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Send within the block; all that was sent is answered, or given up, after it."""
        tasks = [asyncio.create_task(one) for one in self._senders()]
        try:
            yield
            self._stopping.set()
            done, late = await asyncio.wait(tasks, timeout=_ANSWERS_S)
            if late:
                self._ledger.anomalies["no answer long after the faults"] += len(late)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for connection in self._connections:
                await connection.close()

    def _senders(self) -> Iterator[Coroutine[Any, Any, None]]:
        settings = self._settings
        for _ in range(settings.streams):
            stream = EventStream(
                self._connection(),
                self._ledger,
                self._event_ids,
                events_per_s=settings.stream_events_per_s / settings.streams,
            )
            yield stream.run(self._stopping)
        if settings.put_events_per_s:
            yield self._put_events(Pace(settings.put_events_per_s / EventPuts.EVENTS))
        if settings.items:
            updates = ItemUpdates(
                self._two_connections(),
                self._ledger,
                self._random,
                items=settings.items,
                callers=settings.callers,
                bad_share=settings.bad_share,
            )
            yield updates.run(self._stopping, Pace(settings.updates_per_s))

    async def _put_events(self, pace: Pace) -> None:
        while not self._stopping.is_set():
            await pace.turn()
            await self.puts.put(self._event_ids(EventPuts.EVENTS))

    def _two_connections(self) -> Sequence[Connection]:
        return [self._connection(number) for number in range(2)]
