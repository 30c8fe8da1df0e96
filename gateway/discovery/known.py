"""What an ingest process knows of the dataset groups: what the delivery process has found."""

import asyncio
from collections.abc import Callable, Mapping, Sequence

from gateway.clock import Clock
from gateway.dataset_group import DatasetGroupFacts
from gateway.discovery.board import Board
from gateway.discovery.cache import FactsCache, Signature
from gateway.discovery.source import Source

_POLL_S = 0.5
_POLL_AT_START_S = 0.05
FIRST_ROUND_S = 10.0
"""So long the first answers are waited for before records are taken without them."""

OnChange = Callable[[Mapping[str, DatasetGroupFacts]], None]
"""Is given the facts of every dataset group, by name, when those of one have changed."""


class KnownDatasetGroups:
    """Reads the cache, and reads it again when it changes.

    Args:
        cache: what the delivery process writes.
        sources: the dataset groups of the configuration.
    """

    def __init__(self, cache: FactsCache, sources: Sequence[Source], *, clock: Clock) -> None:
        self._cache = cache
        self._clock = clock
        self._board = Board(sources)
        self._seen: dict[str, Signature | None] = {}
        self._awaited: set[str] = set()
        self.replace(sources)

    def __repr__(self) -> str:
        return f"<KnownDatasetGroups {self._board}, waits for {sorted(self._awaited)}>"

    @property
    def facts(self) -> Mapping[str, DatasetGroupFacts]:
        """What is known of each dataset group, by name."""
        return self._board.facts

    @property
    def first_round_over(self) -> bool:
        """Whether of each dataset group something is known, or AWS was asked in vain."""
        return not self._awaited

    def replace(self, sources: Sequence[Source]) -> None:
        """Take the dataset groups of another configuration, and what the cache has of them."""
        self._board.replace(sources)
        self._awaited = {source.name for source in sources if source.discover}
        self._seen.clear()
        self.refresh()

    def refresh(self) -> bool:
        """Read what has changed in the cache; return whether what counts has changed by it."""
        changed = [self._read(source) for source in self._board.sources.values() if source.discover]
        return any(changed)

    def _read(self, source: Source) -> bool:
        signature = self._cache.signature(source.name)
        if source.name in self._seen and self._seen[source.name] == signature:
            return False
        self._seen[source.name] = signature
        entry = self._cache.load(source)
        if entry.asked or entry.facts:
            self._awaited.discard(source.name)
        return entry.facts is not None and self._board.put(source.name, entry.facts)

    async def first_round(self, timeout_s: float = FIRST_ROUND_S) -> bool:
        """Wait until the first round is over; return whether it is, after so long at most."""
        until_s = self._clock.monotonic() + timeout_s
        while not self.first_round_over and (now_s := self._clock.monotonic()) < until_s:
            await self._clock.wait(asyncio.Event(), min(until_s, now_s + _POLL_AT_START_S))
            self.refresh()
        return self.first_round_over

    async def watch(self, on_change: OnChange) -> None:
        """Look for changes until cancelled."""
        while True:
            await self._clock.wait(asyncio.Event(), self._clock.monotonic() + _POLL_S)
            if self.refresh():
                on_change(self.facts)
