"""Does what one lane decides."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import InitVar, dataclass, field, replace

from gateway.clock import Clock
from gateway.delivery.destination import (
    DATASET_NOT_ACTIVE,
    NOT_CONFIGURED,
    TRACKER_NOT_ACTIVE,
    Destination,
)
from gateway.delivery.gate import Gate
from gateway.delivery.lane_journal import LaneJournal
from gateway.delivery.lane_log import LaneLog
from gateway.delivery.lane_parts import LaneParts
from gateway.delivery.observation import CallObservation, LaneObservation
from gateway.delivery.pending import Batch
from gateway.delivery.results import INTERNAL
from gateway.delivery.settings import DeliverySettings
from gateway.delivery.steps import LaneStatus, Read, Send, Step, Wait
from gateway.errors import CallError, LaneBlocked
from gateway.outbox.interface import (
    DeadLettersFull,
    OutboxReader,
    OutboxUnavailable,
    Settlement,
)
from gateway.personalize.call import DataPlane
from gateway.records import Lane

DEAD_LETTERS_FULL = "DeadLettersFull"
"""The code of a lane that is parked because its dataset group's dead letters fill their budget."""

OUTBOX_UNAVAILABLE = "OutboxUnavailable"
"""The code of a lane that is parked because what becomes of its records cannot be written."""

WRONG_DESTINATION = frozenset(
    {DATASET_NOT_ACTIVE, NOT_CONFIGURED, TRACKER_NOT_ACTIVE, "ResourceNotFoundException"}
)
"""The codes of lanes that are parked because what is known of their destination may be outdated."""

OnBlocked = Callable[[Lane, str], None]
"""Called with a lane and one of `WRONG_DESTINATION`. Must neither block nor raise."""

_SETTLE_RETRY_S = 1.0


@dataclass
class LaneRunner:
    """Reads, sends and settles for one lane.

    Attributes:
        parts: what its state is made of, and of what the next one would be.
        settled: set whenever something of the lane was settled.
        gate: lets the calls of all lanes in.
        on_blocked: called when its destination seems to be wrong; None where nobody cares.
        state: decides what is done.
        news: set whenever the lane may decide otherwise than before.
        task: runs it.
        calls: how many calls are under way, or ended and not yet settled.
    """

    lane: Lane
    parts: LaneParts
    destination: Destination
    outbox: OutboxReader
    data_plane: DataPlane
    clock: Clock
    settled: asyncio.Event
    journal: LaneJournal
    gate: Gate
    on_blocked: OnBlocked | None
    paused: InitVar[bool]
    news: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    calls: int = 0

    def __post_init__(self, paused: bool) -> None:
        self.log = LaneLog(self.lane)
        self.observation = LaneObservation(self.lane)
        self.state = self.parts.state(self.journal.suspects(), paused=paused)

    def appended(self) -> None:
        """Note that the outbox may hold more for the lane."""
        self.state.appended()
        self.news.set()

    def status(self) -> LaneStatus:
        """Return what an operator wants to know of the lane."""
        now_s = self.clock.monotonic()
        status, pace = self.state.status(), self.parts.pace
        if pace.since_s is None:
            return status
        waits = not status.paused and not status.calls_in_flight
        return replace(
            status,
            stopped_for_s=now_s - pace.since_s,
            next_call_in_s=max(0.0, pace.ready_at_s - now_s) if waits else None,
        )

    def resume(self) -> None:
        """Go on with a lane that is paused, parked or backing off."""
        self.state.resume(self.clock.monotonic())
        self.news.set()

    def reconfigure(
        self, destination: Destination, settings: DeliverySettings, rate_per_s: float
    ) -> bool:
        """Take up another destination and other settings, for the calls that begin from now on.

        Returns:
            Whether it has to be stopped and renewed to take up all of them.
        """
        if destination != self.destination or self.state.parked:
            self.parts.pace.probe()
        self.destination = destination
        self.news.set()
        return self.parts.reconfigure(settings, rate_per_s, self.clock.monotonic())

    async def stop(self) -> None:
        """Send nothing more, wait for the calls under way, and end.

        What cannot be settled is left as it is: it would be sent again.
        """
        self.state.stop()
        self.stopping.set()
        while self.calls:
            self.news.clear()
            await self.news.wait()
        if self.task is not None:
            self.task.cancel()
            await asyncio.wait({self.task})

    def renew(self) -> None:
        """Forget the records that it holds; after `stop`, and before `run` reads them again.

        Those that Personalize may have taken are held back for as long as after a crash.
        """
        self.stopping.clear()
        self.state = self.parts.state(self.journal.suspects(), paused=self.state.status().paused)

    async def run(self) -> None:
        """Do what the lane decides, until cancelled."""
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
                await self.gate.enter(by_itself=step.by_itself)
                self.calls += 1
                start(self._send(batch, by_itself=step.by_itself))
            case Wait(until_s):
                await self.clock.wait(self.news, until_s)

    async def _send(self, batch: Batch, *, by_itself: bool) -> None:
        was_parked = self.state.parked
        slot = self.journal.begin(batch, self.clock.monotonic())
        error, call = await self._put(batch)
        if isinstance(error, LaneBlocked) and self.state.parked in (None, was_parked):
            self._blocked(error.code)
        settlements = self.state.finished(batch, error, self.clock.monotonic())
        self.journal.returned(slot, batch, error)
        self.gate.leave(by_itself=by_itself)
        self._note(error, settlements)
        if call is not None:
            call.end(settlements)
        await self._settle(settlements)
        self.state.noted(batch)
        held_until_s = self.clock.monotonic() + self.parts.settings.call_timeout_s
        self.journal.end(slot, error, held_until_s)
        self.calls -= 1
        self.news.set()

    async def _put(self, batch: Batch) -> tuple[Exception | None, CallObservation | None]:
        """Make the call of a batch; return what it failed with, and the call if one was made."""
        error: Exception | None = None
        observed: CallObservation | None = None
        try:
            call = self.destination.call(self.lane.kind, batch)
            observed = self.observation.call(call, batch)
            await self.data_plane.put(call)
        except CallError as expected:
            error = expected.with_traceback(None)  # It holds this frame, and so the call.
        except Exception as unforeseen:  # noqa: BLE001 - it is logged, and the lane decides
            self.log.unforeseen(len(batch))
            error = unforeseen.with_traceback(None)
        if observed is not None:
            observed.answered(error)
        return error, observed

    def _blocked(self, code: str) -> None:
        """Say that the lane parks, or that a probe found it no better."""
        if self.on_blocked is not None and code in WRONG_DESTINATION:
            self.on_blocked(self.lane, code)

    async def _settle(self, settlements: Sequence[Settlement]) -> None:
        """Settle, however long the outbox takes: the records must not be sent again meanwhile."""
        failed = False
        while settlements:
            try:
                await self.outbox.settle(settlements)
            except OutboxUnavailable as error:
                if self.stopping.is_set():
                    return
                failed = True
                self._cannot_settle(error)
                retry_at_s = self.clock.monotonic() + _SETTLE_RETRY_S
                await self.clock.wait(self.stopping, retry_at_s)
            else:
                self._settled(settlements, after_failure=failed)
                return

    def _settled(self, settlements: Sequence[Settlement], *, after_failure: bool) -> None:
        self.observation.settled(settlements)
        self.journal.settled(settlements)
        if after_failure:
            self.parts.pace.probe()
            self.news.set()
        self.settled.set()

    def _cannot_settle(self, error: OutboxUnavailable) -> None:
        """Send nothing more meanwhile: after a crash all of it would be sent again."""
        full = isinstance(error, DeadLettersFull)
        code = DEAD_LETTERS_FULL if full else OUTBOX_UNAVAILABLE
        if self.state.parked != code:
            self.log.cannot_settle(str(error))
        self.state.cannot_settle(self.clock.monotonic(), code)

    def _note(self, error: Exception | None, settlements: Sequence[Settlement]) -> None:
        pace = self.parts.pace
        self.log.stopped(parked=pace.parked, failing=pace.failing)
        if error is None:
            return
        dead = sum(settlement.dead_letter is not None for settlement in settlements)
        if dead:
            code = error.code if isinstance(error, CallError) else INTERNAL
            self.log.dead_letters(dead, code, self.clock.monotonic())
