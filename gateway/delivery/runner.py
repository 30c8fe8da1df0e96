"""Does what one lane decides."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import structlog

from gateway.clock import Clock
from gateway.delivery.destination import Destination
from gateway.delivery.journal import Journal
from gateway.delivery.lane import INTERNAL, LaneState
from gateway.delivery.pending import Batch
from gateway.delivery.steps import Read, Send, Step, Wait
from gateway.errors import CallError
from gateway.outbox.interface import (
    DeadLettersFull,
    OutboxReader,
    OutboxUnavailable,
    Settlement,
)
from gateway.personalize.call import DataPlane
from gateway.records import Lane

log = structlog.get_logger()

DEAD_LETTERS_FULL = "DeadLettersFull"
"""The code of a lane that is parked because its dataset group's dead letters fill their budget."""

OUTBOX_UNAVAILABLE = "OutboxUnavailable"
"""The code of a lane that is parked because what becomes of its records cannot be written."""

_SETTLE_RETRY_S = 1.0
_QUIET_S = 60.0


@dataclass
class LaneRunner:
    """Reads, sends and settles for one lane.

    Attributes:
        settled: set whenever something of the lane was settled.
        news: set whenever the lane may decide otherwise than before.
        task: runs it.
        calls: how many calls are under way, or ended and not yet settled.
    """

    lane: Lane
    state: LaneState
    destination: Destination
    outbox: OutboxReader
    data_plane: DataPlane
    clock: Clock
    settled: asyncio.Event
    journal: Journal | None
    news: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    calls: int = 0
    failing: str | None = None
    dead_letters: int = 0
    quiet_until_s: float = 0.0

    def __post_init__(self) -> None:
        self.log = log.bind(lane=str(self.lane))

    def appended(self) -> None:
        """Note that the outbox may hold more for the lane."""
        self.state.appended()
        self.news.set()

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
                self.calls += 1
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
        self.calls -= 1
        self.news.set()

    async def _settle(self, settlements: Sequence[Settlement]) -> None:
        """Settle, however long the outbox takes: the records must not be sent again meanwhile."""
        while settlements:
            try:
                await self.outbox.settle(settlements)
            except OutboxUnavailable as error:
                if self.stopping.is_set():
                    return
                self._cannot_settle(error)
                retry_at_s = self.clock.monotonic() + _SETTLE_RETRY_S
                await self.clock.wait(self.stopping, retry_at_s)
            else:
                self.settled.set()
                return

    def _cannot_settle(self, error: OutboxUnavailable) -> None:
        """Send nothing more meanwhile: after a crash all of it would be sent again."""
        was_parked = self.state.parked
        full = isinstance(error, DeadLettersFull)
        code = DEAD_LETTERS_FULL if full else OUTBOX_UNAVAILABLE
        self.state.cannot_settle(self.clock.monotonic(), code)
        if was_parked != code:
            self.log.warning("what became of records cannot be noted yet", why=str(error))

    def _note(
        self, was_parked: str | None, error: Exception | None, settlements: Sequence[Settlement]
    ) -> None:
        if self.state.parked and self.state.parked != was_parked:
            self.log.warning(
                "lane parked; its records stay and it is probed", why=self.state.parked
            )
        failing = self.state.status().backing_off
        if failing and not self.failing:
            self.log.warning("lane backs off; its records stay and are tried again", why=failing)
        if (was_parked or self.failing) and not (failing or self.state.parked):
            self.log.info("lane flows again", was=was_parked or self.failing)
        self.failing = failing
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
