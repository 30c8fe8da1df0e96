"""Delivery: reads the outbox, does what its lanes decide, and settles.

The only place of delivery that awaits.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

import structlog

from gateway.clock import Clock
from gateway.delivery.destination import Destination
from gateway.delivery.journal import Journal
from gateway.delivery.lane import INTERNAL, LaneState
from gateway.delivery.open_time import OpenTime
from gateway.delivery.pace import Pace, PaceSettings
from gateway.delivery.pending import Batch
from gateway.delivery.queues import queue_of
from gateway.delivery.quota import Quota
from gateway.delivery.refusals import Refusals, RefusalSettings
from gateway.delivery.steps import LaneLimits, LaneStatus, LookAhead, Read, Send, Step, Wait
from gateway.errors import CallError
from gateway.outbox.interface import OutboxReader, OutboxUnavailable, Settlement
from gateway.personalize.call import DataPlane
from gateway.records import Kind, Lane

log = structlog.get_logger()

_SETTLE_RETRY_S = 1.0
_QUIET_S = 60.0


@dataclass(frozen=True, slots=True)
class DeliverySettings:
    """How delivery behaves.

    Attributes:
        linger_s: how long a record waits for others to share its call.
        quotas: calls a second of each kind, for each dataset group.
        call_timeout_s: the time-out of a call; for so long a call whose answer was not read may
            still be at work.
        max_age_s: how old a record may become before a failure of its call is its last; only time
            counts in which its lane could send.
        pace: how a lane behaves when calls fail.
        refusals: how it behaves when records are refused.
    """

    linger_s: float
    quotas: Mapping[Kind, float]
    call_timeout_s: float
    max_age_s: float = 7 * 24 * 3600.0
    look_ahead: LookAhead = field(default_factory=LookAhead)
    pace: PaceSettings = field(default_factory=PaceSettings)
    refusals: RefusalSettings = field(default_factory=RefusalSettings)


class Delivery:
    """Delivers what the outbox holds, until its `run` is cancelled.

    Args:
        destinations: for each dataset group, where its records go.
        boot: the number of this boot, as it is in the outbox's stamps.
        journal: notes what is in flight; None where nothing outlives the process.
    """

    def __init__(
        self,
        outbox: OutboxReader,
        data_plane: DataPlane,
        destinations: Mapping[str, Destination],
        settings: DeliverySettings,
        *,
        clock: Clock,
        random: Random,
        boot: int = 0,
        journal: Journal | None = None,
    ) -> None:
        self._outbox = outbox
        self._boot = boot
        self._journal = journal
        self._data_plane = data_plane
        self._destinations = destinations
        self._settings = settings
        self._clock = clock
        self._random = random
        self._runners: dict[Lane, _LaneRunner] = {}
        self._settled = asyncio.Event()

    @property
    def parked_lanes(self) -> dict[Lane, str]:
        """The lanes that are parked, each with the error code that says why."""
        parked = {lane: runner.state.parked for lane, runner in self._runners.items()}
        return {lane: code for lane, code in parked.items() if code is not None}

    def statuses(self) -> dict[Lane, LaneStatus]:
        """Return how each lane is that had a record since the start."""
        return {lane: runner.state.status() for lane, runner in self._runners.items()}

    def pause(self, lane: Lane) -> None:
        """Send nothing more of a lane until it is resumed.

        Raises:
            KeyError: the lane had no record since the start.
        """
        self._runners[lane].state.pause(self._clock.monotonic())

    def resume(self, lane: Lane) -> None:
        """Go on with a lane that is paused, parked or backing off.

        Raises:
            KeyError: the lane had no record since the start.
        """
        runner = self._runners[lane]
        runner.state.resume(self._clock.monotonic())
        runner.news.set()

    async def run(self) -> None:
        """Deliver until cancelled. Calls under way are then abandoned: their outcome is unknown."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                for lane in await self._outbox.lanes() - self._runners.keys():
                    runner = self._runner(lane)
                    self._runners[lane] = runner
                    tasks.create_task(runner.run(), name=f"deliver {lane}")
                for runner in self._runners.values():
                    runner.appended()
                await self._outbox.appended()

    async def drained(self) -> None:
        """Wait until the outbox holds nothing that is still to be delivered."""
        self._settled.clear()
        while await self._outbox.lanes():
            await self._settled.wait()
            self._settled.clear()

    def _runner(self, lane: Lane) -> "_LaneRunner":
        settings = self._settings
        destination = self._destinations[lane.dataset_group]
        now_s = self._clock.monotonic()
        rate_per_s = settings.quotas[lane.kind] * destination.quota_share
        state = LaneState(
            queue_of(lane.kind, settings.linger_s),
            Quota(rate_per_s, now_s=now_s),
            Pace(settings.pace, self._random),
            Refusals(settings.refusals),
            OpenTime(self._boot, now_s),
            LaneLimits(settings.look_ahead, settings.max_age_s, settings.call_timeout_s),
            suspects=self._journal.suspects if self._journal else None,
        )
        return _LaneRunner(
            lane,
            state,
            destination,
            self._outbox,
            self._data_plane,
            self._clock,
            self._settled,
            self._journal,
        )


@dataclass
class _LaneRunner:
    """Does what one lane decides."""

    lane: Lane
    state: LaneState
    destination: Destination
    outbox: OutboxReader
    data_plane: DataPlane
    clock: Clock
    settled: asyncio.Event
    journal: Journal | None
    news: asyncio.Event = field(default_factory=asyncio.Event)
    dead_letters: int = 0
    quiet_until_s: float = 0.0

    def __post_init__(self) -> None:
        self.log = log.bind(lane=str(self.lane))

    def appended(self) -> None:
        self.state.appended()
        self.news.set()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as calls:
            while True:
                self.news.clear()
                step = self.state.next_step(self.clock.monotonic())
                await self._act(step, calls.create_task)

    async def _act(self, step: Step, start: Callable[..., object]) -> None:
        match step:
            case Read(after, max_records, max_bytes):
                chunks = await self.outbox.read(
                    self.lane, after=after, max_records=max_records, max_bytes=max_bytes
                )
                await self._settle(self.state.add(chunks, self.clock.monotonic()))
            case Send(batch):
                start(self._send(batch))
            case Wait(until_s):
                await self.clock.wait(self.news, until_s)

    async def _send(self, batch: Batch) -> None:
        error: Exception | None = None
        noted = self.journal.begin([pending.ref for pending in batch]) if self.journal else None
        try:
            await self.data_plane.put(self.destination.call(self.lane.kind, batch))
        except CallError as expected:
            error = expected
        except Exception as unforeseen:
            self.log.exception("a call failed in a way that nobody foresaw", records=len(batch))
            error = unforeseen
        was_parked = self.state.parked
        settlements = self.state.finished(batch, error, self.clock.monotonic())
        self._note(was_parked, error, settlements)
        await self._settle(settlements)
        if self.journal:
            self.journal.end(noted)
        self.news.set()

    async def _settle(self, settlements: Sequence[Settlement]) -> None:
        """Settle, however long the outbox takes: the records must not be sent again meanwhile."""
        while settlements:
            try:
                await self.outbox.settle(settlements)
            except OutboxUnavailable:
                self.log.warning("the outbox cannot be written; delivered records stay open")
                retry_at_s = self.clock.monotonic() + _SETTLE_RETRY_S
                await self.clock.wait(asyncio.Event(), retry_at_s)
            else:
                self.settled.set()
                return

    def _note(
        self, was_parked: str | None, error: Exception | None, settlements: Sequence[Settlement]
    ) -> None:
        if self.state.parked and self.state.parked != was_parked:
            self.log.warning(
                "lane parked; its records stay and it is probed", why=self.state.parked
            )
        if was_parked and not self.state.parked:
            self.log.info("lane flows again", was=was_parked)
        dead = sum(settlement.dead_letter is not None for settlement in settlements)
        if dead and error is not None:
            self._note_dead_letters(dead, getattr(error, "code", INTERNAL))

    def _note_dead_letters(self, dead: int, code: str) -> None:
        """Log at most one line a minute: a file of a wrong schema has many bad records."""
        self.dead_letters += dead
        now_s = self.clock.monotonic()
        if now_s >= self.quiet_until_s:
            self.log.warning("records became dead letters", records=self.dead_letters, last=code)
            self.dead_letters = 0
            self.quiet_until_s = now_s + _QUIET_S
