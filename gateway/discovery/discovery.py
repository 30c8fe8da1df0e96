"""Discovery: asks AWS of every dataset group, and asks again when it is time."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

import structlog

from gateway.clock import Clock
from gateway.dataset_group import DatasetGroupFacts
from gateway.discovery.board import Board
from gateway.discovery.cache import FactsCache
from gateway.discovery.inquiry import Inquiry
from gateway.discovery.known import OnChange
from gateway.discovery.merging import Disagreement
from gateway.discovery.schedule import Schedule
from gateway.discovery.source import Source
from gateway.errors import ControlPlaneError, ControlPlaneUnavailable

if TYPE_CHECKING:
    from gateway.personalize.control_plane import ControlPlane

log = structlog.get_logger()

_UNFORESEEN = "Unforeseen"


@dataclass(slots=True)
class _Asked:
    """A dataset group that AWS is asked of.

    Attributes:
        failing: why AWS could not be asked the last time; None where it could.
        disagreements: those that were said.
        news: set when the schedule has changed.
    """

    inquiry: Inquiry
    schedule: Schedule
    failing: str | None = None
    disagreements: tuple[Disagreement, ...] = ()
    news: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None

    @property
    def source(self) -> Source:
        return self.inquiry.source


class Discovery:
    """Knows what AWS tells of the dataset groups; its `run` keeps that up to date.

    Args:
        control_plane: who is asked.
        sources: the dataset groups of the configuration.
        refresh_s: how often it is asked while nothing changes.
        cache: keeps the answers, and has those of the last time; None where nothing lasts.
        on_change: called when what is known of a dataset group has changed.
        wall_clock: seconds since the epoch.
    """

    def __init__(
        self,
        control_plane: "ControlPlane",
        sources: Sequence[Source],
        *,
        refresh_s: float,
        clock: Clock,
        random: Random,
        cache: FactsCache | None = None,
        on_change: OnChange = lambda _: None,
        wall_clock: Callable[[], float] = time.time,
    ) -> None:
        self.first_round = asyncio.Event()
        """Set when AWS was asked once of each dataset group, whatever it answered."""
        self._control_plane = control_plane
        self._refresh_s = refresh_s
        self._clock = clock
        self._random = random
        self._cache = cache
        self._on_change = on_change
        self._wall_clock = wall_clock
        self._board = Board(sources)
        self._asked: dict[str, _Asked] = {}
        self._awaited: set[str] = set()
        self._sources_changed = asyncio.Event()
        self.replace(sources)

    def __repr__(self) -> str:
        failing = {name: asked.failing for name, asked in self._asked.items() if asked.failing}
        return f"<Discovery {self._board}, failing: {failing}>"

    @property
    def facts(self) -> Mapping[str, DatasetGroupFacts]:
        """What is known of each dataset group, by name: configured and discovered, merged."""
        return self._board.facts

    def wanted(self, dataset_group: str) -> None:
        """Ask of a dataset group soon: a call met what should not be, by what is known.

        It may be called as often as that happens, and for any name.
        """
        if asked := self._asked.get(dataset_group):
            asked.inquiry.forget()
            asked.schedule.wanted(self._clock.monotonic())
            asked.news.set()

    def replace(self, sources: Sequence[Source], refresh_s: float | None = None) -> None:
        """Take the dataset groups of another configuration; ask at once of those that are new.

        What is known then is in `facts`; `on_change` is not called for it.

        Args:
            sources: all of them.
            refresh_s: how often from now on; None for as before.
        """
        self._refresh_s = refresh_s or self._refresh_s
        self._board.replace(sources)
        for source in sources:
            if source.discover and self._board.discovered(source.name) is None and self._cache:
                self._recall(source, self._cache)
        self._sources_changed.set()

    def _recall(self, source: Source, cache: FactsCache) -> None:
        facts = cache.load(source).facts
        if facts is not None:
            self._board.put(source.name, facts)

    async def run(self) -> None:
        """Ask until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                self._sources_changed.clear()
                self._follow_sources(tasks)
                await self._sources_changed.wait()

    def _follow_sources(self, tasks: asyncio.TaskGroup) -> None:
        sources = {name: s for name, s in self._board.sources.items() if s.discover}
        for name, asked in list(self._asked.items()):
            source = sources.get(name)
            asked.schedule.refresh_s = self._refresh_s
            if (source is None or not source.asks_as(asked.source)) and asked.task:
                asked.task.cancel()
                del self._asked[name]
        for name in sources.keys() - self._asked.keys():
            inquiry = Inquiry(self._control_plane, sources[name])
            asked = _Asked(inquiry, Schedule(self._refresh_s, self._random))
            self._asked[name] = asked
            self._awaited.add(name)
            asked.task = tasks.create_task(self._follow(asked), name=f"discover {name}")
        self._awaited &= sources.keys()
        self._end_first_round()

    async def _follow(self, asked: _Asked) -> None:
        while True:
            await self._ask(asked)
            while asked.schedule.next_s > self._clock.monotonic():
                asked.news.clear()
                await self._clock.wait(asked.news, asked.schedule.next_s)

    async def _ask(self, asked: _Asked) -> None:
        try:
            facts = await asked.inquiry.ask(self._wall_clock())
        except ControlPlaneError as error:
            await self._note_failure(asked, error, error.code)
        except Exception as error:  # noqa: BLE001 - delivery goes on with what is known
            await self._note_failure(asked, error, _UNFORESEEN)
        else:
            await self._note_answer(asked, facts)
        self._awaited.discard(asked.source.name)
        self._end_first_round()

    def _end_first_round(self) -> None:
        if not self._awaited:
            self.first_round.set()

    async def _note_answer(self, asked: _Asked, facts: DatasetGroupFacts) -> None:
        asked.schedule.answered(self._clock.monotonic(), passing=facts.is_passing)
        name = asked.source.name
        current = self._board.sources.get(name)
        if current is None or not current.asks_as(asked.source):
            return  # The configuration was replaced meanwhile, and the task is about to end.
        if asked.failing:
            log.info("AWS answers again", dataset_group=name, was=asked.failing)
            asked.failing = None
        if earlier := self._board.discovered(name):
            facts = facts.completed_by(earlier)
        if self._board.put(name, facts):
            _say(name, facts)
            self._on_change(self.facts)
        self._say_disagreements(asked)
        await self._keep(asked.source, facts)

    async def _note_failure(self, asked: _Asked, error: Exception, code: str) -> None:
        retry_after_s = error.retry_after_s if isinstance(error, ControlPlaneUnavailable) else None
        asked.schedule.failed(self._clock.monotonic(), at_least_s=retry_after_s or 0.0)
        source = asked.source
        known = self._board.discovered(source.name)
        if asked.failing != code:
            asked.failing = code
            log.warning(
                "AWS could not be asked of a dataset group; it is asked again",
                dataset_group=source.name,
                operation=getattr(error, "operation", None),
                why=code,
                goes_on_with="what is known" if known else "what is configured",
                exc_info=error if code == _UNFORESEEN else None,
            )
        if known is None and source.name in self._awaited:
            # Whoever waits for it is told that there is nothing to wait for.
            await self._keep(source, None)

    async def _keep(self, source: Source, facts: DatasetGroupFacts | None) -> None:
        if self._cache is None:
            return
        try:
            await asyncio.to_thread(self._cache.save, source, facts)
        except OSError as error:
            log.warning(
                "what AWS told cannot be kept; ingest processes go on with what they know",
                dataset_group=source.name,
                why=error.strerror,
            )

    def _say_disagreements(self, asked: _Asked) -> None:
        found = self._board.disagreements(asked.source.name)
        said, asked.disagreements = asked.disagreements, found
        for disagreement in found:
            if disagreement not in said:
                log.warning(
                    "the configuration and AWS disagree; the configuration wins",
                    key=f"dataset_groups.{asked.source.name}.{disagreement.key}",
                    configured=disagreement.configured,
                    discovered=disagreement.discovered or "none",
                )


def _say(name: str, facts: DatasetGroupFacts) -> None:
    log.info(
        "what is known of a dataset group has changed",
        dataset_group=name,
        tracker=facts.tracker.status if facts.tracker else "none",
        datasets={str(kind): dataset.status for kind, dataset in facts.datasets.items()},
    )
