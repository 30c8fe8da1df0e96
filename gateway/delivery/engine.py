"""Delivery: a lane for each kind and dataset group, as the outbox has records for them.

This module and its neighbours `runner`, `gate`, `discarding` and `operations` are the only places
of delivery that await.
"""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from random import Random
from typing import Any, TypeVar

from gateway.clock import Clock
from gateway.delivery import discarding, forgetting
from gateway.delivery.destination import Destination
from gateway.delivery.forgetting import names_user
from gateway.delivery.lane_factory import LaneFactory
from gateway.delivery.memory import LaneMemory, Lasting
from gateway.delivery.operations import Operations
from gateway.delivery.runner import LaneRunner, OnBlocked
from gateway.delivery.settings import DeliverySettings
from gateway.delivery.steps import LaneStatus
from gateway.outbox.interface import OutboxReader, OutboxUnavailable
from gateway.personalize.call import DataPlane
from gateway.records import Lane, Record

__all__ = ["Delivery", "DeliverySettings"]

_Result = TypeVar("_Result")

_REMEMBER_EVERY_S = 10.0


class Delivery:
    """Delivers what the outbox holds, until its `run` is cancelled.

    Args:
        destinations: for each dataset group, where its records go.
        lasting: what outlives this process; None where nothing does.
        on_blocked: called with a lane and an error code when it parks because what is known of its
            destination seems to be wrong (not found, not configured, not ACTIVE), and at each probe
            that finds it no better. Must neither block nor raise.
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
        on_blocked: OnBlocked | None = None,
    ) -> None:
        self._outbox = outbox
        self._clock = clock
        self._lasting = lasting or Lasting()
        self._settled = asyncio.Event()
        self._factory = LaneFactory(
            outbox,
            data_plane,
            destinations,
            settings,
            clock,
            random,
            self._lasting,
            on_blocked,
            self._settled,
        )
        self._runners: dict[Lane, LaneRunner] = {}
        self._begun = asyncio.Event()
        self._stopped: defaultdict[Lane, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._operations = Operations()

    @property
    def parked_lanes(self) -> dict[Lane, str]:
        """The lanes that are parked, each with the error code that says why."""
        parked = {lane: runner.state.parked for lane, runner in self._runners.items()}
        return {lane: code for lane, code in parked.items() if code is not None}

    @property
    def dataset_groups(self) -> frozenset[str]:
        """The dataset groups that are configured, or have lanes all the same."""
        return frozenset(
            {*self._factory.destinations, *(lane.dataset_group for lane in self._runners)}
        )

    def statuses(self) -> dict[Lane, LaneStatus]:
        """Return how each lane is that had a record since the start, or is paused."""
        return {lane: runner.status() for lane, runner in self._runners.items()}

    async def oldest_s(self) -> dict[Lane, float]:
        """Return how long ago the oldest record that waits was accepted, by lane.

        Left out are lanes without one, and those where it is of an earlier boot.
        """
        now_s = self._clock.monotonic()
        found: dict[Lane, float] = {}
        for lane in list(self._runners):
            for chunk in await self._outbox.read(lane, after=None, max_records=1, max_bytes=1):
                boot, stamp_ns = chunk.position.stamp
                if boot == self._lasting.boot:
                    found[lane] = now_s - stamp_ns / 1e9
        return found

    def reconfigure(
        self, destinations: Mapping[str, Destination], settings: DeliverySettings
    ) -> None:
        """Take up other destinations and settings, for all calls that begin from now on.

        Nothing is lost of what waits or is under way. A lane whose destination has changed, or that
        is parked, is probed at once. A lane whose quota has not changed keeps the rate that it has
        learnt. A lane whose records are to be batched otherwise waits for its calls and reads on.
        """
        self._factory.destinations, self._factory.settings = destinations, settings
        for lane, runner in self._runners.items():
            if self._factory.reconfigure(runner):
                # The lane goes on by itself: nobody waits for that.
                _ = self._operations.begin(self._with_lane_stopped(lane, _nothing))

    async def pause(self, lane: Lane) -> None:
        """Send nothing more of a lane until it is resumed, also after a restart.

        Raises:
            KeyError: the lane had no record since the start.
            OutboxUnavailable: it is paused, but would not be after a restart.
        """
        self._runners[lane].state.pause(self._clock.monotonic())
        await self._remember(lane)

    async def resume(self, lane: Lane) -> None:
        """Go on with a lane that is paused, parked or backing off.

        Raises:
            KeyError: the lane had no record since the start.
            OutboxUnavailable: it goes on, but would be paused after a restart.
        """
        self._runners[lane].resume()
        await self._remember(lane)

    async def discard(self, lane: Lane, is_chosen: Callable[[Record], bool]) -> int:
        """Take records of a lane out without delivering them; return how many.

        All that were accepted before the call; of those that are accepted meanwhile some may be,
        too. Calls under way are waited for; what they deliver is not taken out.

        Raises:
            KeyError: the lane had no record since the start.
            OutboxUnavailable: not all of them were taken out.
        """
        return await self._operations.done(self._discard(lane, is_chosen))

    async def forget_user(self, user_id: str) -> int:
        """Take out the records that name a user and wait; return how many those were.

        Those that were accepted before the call, in whatever lane and by whatever start.

        Raises:
            OutboxUnavailable: not all of them were taken out.
        """
        return await self._operations.done(self._forget_user(user_id))

    async def _forget_user(self, user_id: str) -> int:
        await self._find_all()
        forgotten = 0
        for lane in [lane for lane in self._runners if lane.kind in forgetting.KINDS]:
            is_of_user = partial(names_user, lane.kind, user_id=user_id)
            forgotten += await self._discard_found(lane, is_of_user)
        return forgotten

    async def _discard(self, lane: Lane, is_chosen: Callable[[Record], bool]) -> int:
        await self._find_all()
        return await self._discard_found(lane, is_chosen)

    async def _discard_found(self, lane: Lane, is_chosen: Callable[[Record], bool]) -> int:
        discard = partial(discarding.discard, self._outbox, lane, is_chosen)
        return await self._with_lane_stopped(lane, discard)

    async def _find_all(self) -> None:
        """Start every lane that has a record by now."""
        await self._begun.wait()
        await self._outbox.caught_up()
        await self._start_new()

    async def _with_lane_stopped(
        self, lane: Lane, act: Callable[[], Coroutine[Any, Any, _Result]]
    ) -> _Result:
        """Do something while nothing of a lane is sent; then let it read its records anew."""
        runner = self._runners[lane]
        async with self._stopped[lane]:
            await runner.stop()
            try:
                return await act()
            finally:
                self._settled.set()
                if not self._operations.ended:
                    runner.renew()
                    self._run_lane(runner)

    async def _remember(self, lane: Lane) -> None:
        if self._lasting.memories is not None:
            memory = self._runners[lane].state.memory(self._clock.monotonic())
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
            remembered = {lane: LaneMemory.decoded(data) for lane, data in kept.items()}
            self._factory.remembered = remembered
        async with asyncio.TaskGroup() as self._tasks:
            try:
                await self._deliver()
            finally:
                self._operations.end()

    async def _deliver(self) -> None:
        self._tasks.create_task(self._remember_all())
        for lane, memory in self._factory.remembered.items():
            if memory.paused:  # To be seen and resumed, also before it has a record.
                self._start(lane)
        self._begun.set()
        if self._lasting.journal is not None and self._lasting.journal.has_suspects:
            # What may have been taken has to be found before anything that is older is sent.
            await self._outbox.caught_up()
        while True:
            for runner in self._runners.values():
                runner.appended()
            # Meanwhile they read: the outbox is asked for all of it at once.
            await self._start_new()
            await self._outbox.appended()

    async def _start_new(self) -> None:
        for lane in await self._outbox.lanes():
            if lane not in self._runners:
                self._start(lane)

    def _start(self, lane: Lane) -> None:
        runner = self._factory.runner(lane)
        self._runners[lane] = runner
        self._run_lane(runner)

    def _run_lane(self, runner: LaneRunner) -> None:
        runner.task = self._tasks.create_task(runner.run(), name=f"deliver {runner.lane}")

    async def drained(self) -> None:
        """Wait until the outbox holds nothing that is still to be delivered."""
        self._settled.clear()
        while await self._outbox.lanes():
            await self._settled.wait()
            self._settled.clear()


async def _nothing() -> None:
    """What a lane is stopped for that is only to read its records anew."""
