"""Delivery: a lane for each kind and dataset group, as the outbox has records for them.

This module and `gateway.delivery.runner` are the only places of delivery that await.
"""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from random import Random

from gateway.clock import Clock
from gateway.delivery import forgetting
from gateway.delivery.destination import NOWHERE, Destination
from gateway.delivery.forgetting import names_user
from gateway.delivery.lane import LaneState
from gateway.delivery.memory import LaneMemory, Lasting
from gateway.delivery.open_time import OpenTime
from gateway.delivery.pace import Pace, PaceSettings
from gateway.delivery.queues import queue_of
from gateway.delivery.quota import Quota
from gateway.delivery.refusals import Refusals, RefusalSettings
from gateway.delivery.runner import LaneRunner
from gateway.delivery.steps import LaneLimits, LaneStatus, LookAhead
from gateway.outbox.interface import (
    OutboxReader,
    OutboxUnavailable,
    Position,
    RecordRef,
    Settlement,
)
from gateway.personalize.call import DataPlane
from gateway.records import Kind, Lane, Record

_REMEMBER_EVERY_S = 10.0
_DISCARD_RECORDS = 2_000
_DISCARD_BYTES = 16 * 1024 * 1024


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
        lasting: what outlives this process; None where nothing does.
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
        lasting: Lasting | None = None,
    ) -> None:
        self._outbox = outbox
        self._lasting = lasting or Lasting()
        self._remembered: dict[Lane, LaneMemory] = {}
        self._data_plane = data_plane
        self._destinations = destinations
        self._settings = settings
        self._clock = clock
        self._random = random
        self._runners: dict[Lane, LaneRunner] = {}
        self._settled = asyncio.Event()
        self._discarding: defaultdict[Lane, asyncio.Lock] = defaultdict(asyncio.Lock)

    @property
    def parked_lanes(self) -> dict[Lane, str]:
        """The lanes that are parked, each with the error code that says why."""
        parked = {lane: runner.state.parked for lane, runner in self._runners.items()}
        return {lane: code for lane, code in parked.items() if code is not None}

    def statuses(self) -> dict[Lane, LaneStatus]:
        """Return how each lane is that had a record since the start."""
        return {lane: runner.state.status() for lane, runner in self._runners.items()}

    async def pause(self, lane: Lane) -> None:
        """Send nothing more of a lane until it is resumed, also after a restart.

        Raises:
            KeyError: the lane had no record since the start.
        """
        self._runners[lane].state.pause(self._clock.monotonic())
        await self._remember(lane)

    async def resume(self, lane: Lane) -> None:
        """Go on with a lane that is paused, parked or backing off.

        Raises:
            KeyError: the lane had no record since the start.
        """
        runner = self._runners[lane]
        runner.state.resume(self._clock.monotonic())
        runner.news.set()
        await self._remember(lane)

    async def discard(self, lane: Lane, is_chosen: Callable[[Record], bool]) -> int:
        """Take records of a lane out without delivering them; return how many.

        Calls under way are waited for; what they deliver is not taken out.

        Raises:
            KeyError: the lane had no record since the start.
            OutboxUnavailable: not all of them were taken out.
        """
        if lane not in self._runners:
            raise KeyError(lane)
        async with self._discarding[lane]:
            await self._runners[lane].stop()
            try:
                return await self._discard_stored(lane, is_chosen)
            finally:
                # A new one, which knows nothing of what was taken out.
                state = self._runners[lane].state
                self._remembered[lane] = state.memory(self._clock.monotonic())
                self._start(lane)

    async def forget_user(self, user_id: str) -> int:
        """Take out the records that name a user and wait; return how many those were.

        Raises:
            OutboxUnavailable: not all of them were taken out.
        """
        return sum(
            [
                await self.discard(lane, partial(names_user, lane.kind, user_id=user_id))
                for lane in list(self._runners)
                if lane.kind in forgetting.KINDS
            ]
        )

    async def _discard_stored(self, lane: Lane, is_chosen: Callable[[Record], bool]) -> int:
        discarded = 0
        after: Position | None = None
        while chunks := await self._outbox.read(
            lane, after=after, max_records=_DISCARD_RECORDS, max_bytes=_DISCARD_BYTES
        ):
            after = chunks[-1].position
            chosen = [
                Settlement(RecordRef(chunk.position, index), discarded=True)
                for chunk in chunks
                for index, record in enumerate(chunk.chunk.records)
                if index not in chunk.settled and is_chosen(record)
            ]
            await self._outbox.settle(chosen)
            discarded += len(chosen)
        return discarded

    async def _remember(self, lane: Lane) -> None:
        memory = self._runners[lane].state.memory(self._clock.monotonic())
        if self._lasting.memories is not None:
            await self._lasting.memories.keep_lane_state(lane, memory.encoded())

    async def _remember_all(self) -> None:
        """Keep, from time to time, when each lane could send."""
        while True:
            next_s = self._clock.monotonic() + _REMEMBER_EVERY_S
            await self._clock.wait(asyncio.Event(), next_s)
            with contextlib.suppress(OutboxUnavailable):
                for lane in list(self._runners):
                    await self._remember(lane)

    async def run(self) -> None:
        """Deliver until cancelled. Calls under way are then abandoned: their outcome is unknown."""
        if self._lasting.memories is not None:
            kept = await self._lasting.memories.lane_states()
            self._remembered = {lane: LaneMemory.decoded(data) for lane, data in kept.items()}
        async with asyncio.TaskGroup() as self._tasks:
            self._tasks.create_task(self._remember_all())
            while True:
                for lane in await self._outbox.lanes() - self._runners.keys():
                    self._start(lane)
                for runner in self._runners.values():
                    runner.appended()
                await self._outbox.appended()

    def _start(self, lane: Lane) -> None:
        runner = self._runner(lane)
        self._runners[lane] = runner
        runner.task = self._tasks.create_task(runner.run(), name=f"deliver {lane}")

    async def drained(self) -> None:
        """Wait until the outbox holds nothing that is still to be delivered."""
        self._settled.clear()
        while await self._outbox.lanes():
            await self._settled.wait()
            self._settled.clear()

    def _runner(self, lane: Lane) -> LaneRunner:
        settings = self._settings
        destination = self._destinations.get(lane.dataset_group, NOWHERE)
        remembered = self._remembered.get(lane, LaneMemory())
        now_s = self._clock.monotonic()
        rate_per_s = settings.quotas[lane.kind] * destination.quota_share
        state = LaneState(
            queue_of(lane.kind, settings.linger_s),
            Quota(rate_per_s, now_s=now_s),
            Pace(settings.pace, self._random),
            Refusals(settings.refusals),
            OpenTime(self._lasting.boot, now_s, remembered.spans, is_open=not remembered.paused),
            LaneLimits(settings.look_ahead, settings.max_age_s, settings.call_timeout_s),
            suspects=self._lasting.journal.suspects if self._lasting.journal else None,
            paused=remembered.paused,
        )
        return LaneRunner(
            lane,
            state,
            destination,
            self._outbox,
            self._data_plane,
            self._clock,
            self._settled,
            self._lasting.journal,
        )
