"""Delivery while somebody operates on it: discards, pauses, other settings, and what it tells."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from gateway.dataset_group import DatasetFacts, DatasetGroupFacts
from gateway.delivery.destination import Destination
from gateway.delivery.engine import Delivery, DeliverySettings
from gateway.delivery.journal import Journal, key
from gateway.delivery.memory import LaneMemory, Lasting
from gateway.delivery.pace import PaceSettings
from gateway.delivery.room import Room
from gateway.delivery.steps import LaneStatus, LookAhead
from gateway.delivery.window import Window
from gateway.errors import CallFailed, CallThrottled, LaneBlocked
from gateway.outbox.interface import (
    DELIVERED,
    DISCARDED,
    OutboxUnavailable,
    Position,
    RecordRef,
    Settlement,
)
from gateway.outbox.memory import MemoryOutbox
from gateway.personalize.call import Call, Endpoint
from gateway.records import Chunk, Kind, Lane, Record

ITEMS, USERS = Lane("shop", Kind.ITEMS), Lane("shop", Kind.USERS)
FACTS = DatasetGroupFacts(
    "shop",
    "arn:shop",
    datasets={Kind.ITEMS: DatasetFacts("arn:items"), Kind.USERS: DatasetFacts("arn:users")},
)
DESTINATIONS = {"shop": Destination(Endpoint("eu-west-1"), FACTS)}
CALL_TIMEOUT_S = 20.0
PROBE_S = 30.0
SETTINGS = DeliverySettings(
    linger_s=0.0,
    quotas=dict.fromkeys(Kind, 1e6),
    call_timeout_s=CALL_TIMEOUT_S,
    pace=PaceSettings(backoff_base_s=0.001, probe_interval_s=PROBE_S),
)
_MOMENT_S = 0.01


class _Clock:
    """Stands still, but for moments that pass by themselves, until it is moved."""

    def __init__(self) -> None:
        self.now_s = 1000.0
        self._moved = asyncio.Event()

    def monotonic(self) -> float:
        return self.now_s

    async def wait(self, event: asyncio.Event, until: float | None) -> None:
        while not event.is_set() and (until is None or until > self.now_s):
            if until is not None and until - self.now_s < _MOMENT_S:
                self.now_s = until
                break
            waits = [asyncio.create_task(one.wait()) for one in (event, self._moved)]
            try:
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for wait in waits:
                    wait.cancel()

    def move(self, by_s: float) -> None:
        self.now_s += by_s
        self._moved.set()
        self._moved = asyncio.Event()


class _DataPlane:
    """Answers each call as it is told; those beyond succeed once it is open."""

    def __init__(self, *answers: Exception | None) -> None:
        self.calls: list[Call] = []
        self.open = asyncio.Event()
        self.open.set()
        self.always: Exception | None = None
        self._answers = list(answers)

    async def put(self, call: Call) -> None:
        self.calls.append(call)
        await self.open.wait()
        error = self._answers.pop(0) if self._answers else self.always
        if error is not None:
            raise error

    async def close(self) -> None:
        pass


class _Outbox(MemoryOutbox):
    """Its settlements can be held up, or fail."""

    def __init__(self, clock: _Clock) -> None:
        super().__init__(clock_ns=lambda: int(clock.now_s * 1e9))
        self.settles = asyncio.Event()
        self.settles.set()
        self.settling = asyncio.Event()
        self.fails = False

    async def settle(self, settlements: Sequence[Settlement]) -> None:
        self.settling.set()
        await self.settles.wait()
        if self.fails:
            raise OutboxUnavailable("no space left")
        await super().settle(settlements)


class _Memories:
    """Keeps what is remembered of lanes."""

    def __init__(self, kept: Mapping[Lane, bytes]) -> None:
        self.kept = dict(kept)

    async def lane_states(self) -> dict[Lane, bytes]:
        return dict(self.kept)

    async def keep_lane_state(self, lane: Lane, state: bytes) -> None:
        self.kept[lane] = state


class _Stand:
    """A delivery that runs, and what stands around it."""

    def __init__(
        self,
        *answers: Exception | None,
        settings: DeliverySettings = SETTINGS,
        destinations: Mapping[str, Destination] = DESTINATIONS,
        remembered: Mapping[Lane, bytes] | None = None,
        outbox: type[_Outbox] = _Outbox,
        journal: Journal | None = None,
    ) -> None:
        self.clock = _Clock()
        self.outbox = outbox(self.clock)
        self.data_plane = _DataPlane(*answers)
        self.memories = _Memories(remembered or {})
        self.blocked: list[tuple[Lane, str]] = []
        self.delivery = Delivery(
            self.outbox,
            self.data_plane,
            destinations,
            settings,
            clock=self.clock,
            random=Random(1),
            lasting=Lasting(journal=journal, memories=self.memories),
            on_blocked=lambda lane, code: self.blocked.append((lane, code)),
        )
        self.running: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def runs(self) -> AsyncIterator[None]:
        """Deliver within the block."""
        self.running = asyncio.create_task(self.delivery.run())
        try:
            async with asyncio.timeout(60):
                yield
        finally:
            await self.end()

    async def end(self) -> None:
        """End delivery."""
        assert self.running is not None
        self.running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self.running

    async def append(self, lane: Lane, *ids: str) -> Position:
        """Store a chunk of records."""
        key = {Kind.ITEMS: "itemId", Kind.USERS: "userId"}[lane.kind]
        records = tuple(Record(one, json.dumps({key: one}).encode()) for one in ids)
        (position,) = await self.outbox.append([Chunk(lane, "web", "storefront", records)])
        return position

    def status(self, lane: Lane = ITEMS) -> LaneStatus:
        """Return the status of a lane."""
        return self.delivery.statuses()[lane]

    def backs_off(self) -> bool:
        """Return whether the lane of items does."""
        lane = self.delivery.statuses().get(ITEMS)
        return lane is not None and lane.backing_off is not None

    def is_parked(self) -> bool:
        """Return whether the lane of items is."""
        return ITEMS in self.delivery.parked_lanes


async def _until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110 - what is waited for has no event
        await asyncio.sleep(0)


async def _rest() -> None:
    """Let everything happen that can happen without time."""
    for _ in range(100):
        await asyncio.sleep(0)


class _FoundLate(_Outbox):
    """What an earlier start has left is found when it is waited for."""

    found = False

    async def lanes(self) -> frozenset[Lane]:
        return await super().lanes() if self.found else frozenset()

    async def caught_up(self) -> None:
        self.found = True


async def test_a_user_is_forgotten_in_a_backlog_that_is_still_being_scanned() -> None:
    """Also where the lane had not begun."""
    stand = _Stand(outbox=_FoundLate)
    stand.data_plane.always = LaneBlocked("AccessDeniedException")
    position = await stand.append(USERS, "u1", "u2")
    async with stand.runs():
        assert await stand.delivery.forget_user("u1") == 1
        outcomes = await stand.outbox.outcomes_so_far([position])
        assert [outcome is DISCARDED for outcome in outcomes[0]] == [True, False]


async def test_a_lane_that_was_not_found_yet_is_purged() -> None:
    """A lane that is not there at all is an error."""
    stand = _Stand(outbox=_FoundLate)
    stand.data_plane.always = LaneBlocked("AccessDeniedException")
    await stand.append(USERS, "u1", "u2")
    async with stand.runs():
        assert await stand.delivery.discard(USERS, lambda _: True) == 2
        with pytest.raises(KeyError):
            await stand.delivery.discard(ITEMS, lambda _: True)


@pytest.mark.parametrize("paused", [True, False])
async def test_a_pause_or_resume_during_a_discard_is_kept(*, paused: bool) -> None:
    """The lane goes on after the discard as it was told meanwhile, and remembers it."""
    stand = _Stand(LaneBlocked("AccessDeniedException"))
    await stand.append(ITEMS, "a")
    async with stand.runs():
        await _until(stand.is_parked)
        if not paused:
            await stand.delivery.pause(ITEMS)
        stand.outbox.settles.clear()
        discarding = asyncio.create_task(stand.delivery.discard(ITEMS, lambda _: True))
        await stand.outbox.settling.wait()
        change = stand.delivery.pause if paused else stand.delivery.resume
        await change(ITEMS)
        stand.outbox.settles.set()
        assert await discarding == 1
        later = await stand.append(ITEMS, "b")
        stand.clock.move(PROBE_S)
        await _rest()
        assert stand.status().paused is paused
        assert (await stand.outbox.outcomes_so_far([later]) == [(DELIVERED,)]) is not paused
        assert LaneMemory.decoded(stand.memories.kept[ITEMS]).paused is paused


async def test_a_discard_ends_with_delivery() -> None:
    """Who asked for it learns that it was not done."""
    stand = _Stand(LaneBlocked("AccessDeniedException"))
    await stand.append(ITEMS, "a")
    async with stand.runs():
        await _until(stand.is_parked)
        stand.outbox.settles.clear()
        discarding = asyncio.create_task(stand.delivery.discard(ITEMS, lambda _: True))
        await stand.outbox.settling.wait()
        await stand.end()
        with pytest.raises(OutboxUnavailable, match="stops"):
            await discarding
        with pytest.raises(OutboxUnavailable, match="stops"):
            await stand.delivery.discard(ITEMS, lambda _: True)


async def test_what_may_have_arrived_is_held_over_a_discard() -> None:
    """The call may still be at work: its ID is not sent again beside it."""
    stand = _Stand(CallFailed("Timeout", outcome_unknown=True))
    await stand.append(ITEMS, "a")
    async with stand.runs():
        await _until(stand.backs_off)
        assert await stand.delivery.discard(ITEMS, lambda _: False) == 0
        await stand.append(ITEMS, "a")
        (other,) = [await stand.append(ITEMS, "b")]
        await stand.outbox.outcomes([other])
        assert [b'"a"' in call.body for call in stand.data_plane.calls] == [True, False]
        stand.clock.move(CALL_TIMEOUT_S)
        await stand.delivery.drained()
        assert [b'"a"' in call.body for call in stand.data_plane.calls] == [True, False, True]


async def test_a_lane_knows_after_a_discard_what_it_knew() -> None:
    """It is still parked, at the rate that it has learnt."""
    stand = _Stand(CallThrottled("ThrottlingException"))
    stand.data_plane.always = LaneBlocked("AccessDeniedException")
    await stand.append(ITEMS, "a")
    quotas = dict.fromkeys(Kind, 10.0)
    stand.delivery.reconfigure(DESTINATIONS, replace(SETTINGS, quotas=quotas))
    async with stand.runs():
        await _rest()
        stand.clock.move(0.2)
        await _until(stand.backs_off)
        stand.clock.move(0.2)
        await _until(stand.is_parked)
        before = stand.status()
        assert before.rate_per_s < 10.0
        await stand.delivery.discard(ITEMS, lambda _: False)
        await _rest()
        assert stand.status() == before


async def test_a_lane_without_a_destination_flows_when_it_gets_one() -> None:
    """At once: it does not wait for the next probe."""
    stand = _Stand(destinations={})
    position = await stand.append(ITEMS, "a")
    async with stand.runs():
        await _until(stand.is_parked)
        assert stand.status().parked == "NotConfigured"
        stand.delivery.reconfigure(DESTINATIONS, SETTINGS)
        assert await stand.outbox.outcomes([position]) == [(DELIVERED,)]


async def test_a_lane_that_backs_off_is_probed_at_its_new_destination() -> None:
    """The fault may have been that of the old one."""
    pace = replace(SETTINGS.pace, backoff_base_s=1e6, backoff_max_s=1e6)
    settings = replace(SETTINGS, pace=pace)
    stand = _Stand(CallFailed("ConnectionRefused"), settings=settings)
    position = await stand.append(ITEMS, "a")
    async with stand.runs():
        await _until(stand.backs_off)
        stand.delivery.reconfigure(DESTINATIONS, settings)
        await _rest()
        assert len(stand.data_plane.calls) == 1
        moved = {"shop": Destination(Endpoint("eu-central-1"), FACTS)}
        stand.delivery.reconfigure(moved, settings)
        assert await stand.outbox.outcomes([position]) == [(DELIVERED,)]
    assert [call.endpoint.region for call in stand.data_plane.calls] == [
        "eu-west-1",
        "eu-central-1",
    ]


async def test_other_quotas_hold_at_once_and_a_learnt_rate_is_kept() -> None:
    """Where the configured rate did not change."""
    slow = replace(SETTINGS, quotas=dict.fromkeys(Kind, 10.0))
    stand = _Stand(CallThrottled("ThrottlingException", retry_after_s=100.0), settings=slow)
    await stand.append(ITEMS, "a")
    async with stand.runs():
        await _rest()
        stand.clock.move(0.2)
        await _until(stand.backs_off)
        learnt = stand.status().rate_per_s
        assert learnt < 10.0
        stand.delivery.reconfigure(DESTINATIONS, slow)
        assert stand.status().rate_per_s == learnt
        half = {"shop": replace(DESTINATIONS["shop"], quota_share=0.5)}
        stand.delivery.reconfigure(half, slow)
        assert stand.status().rate_per_s == 5.0


@pytest.mark.parametrize(
    "before", [{"linger_s": 1e6}, {"linger_s": 1e6, "look_ahead": LookAhead(records=1)}]
)
async def test_records_that_wait_are_batched_by_the_new_settings(
    before: dict[str, float | LookAhead],
) -> None:
    """None is lost, and none sent twice: also not that of a call that is under way."""
    stand = _Stand(settings=replace(SETTINGS, **before))  # type: ignore[arg-type]  # as in the list
    stand.data_plane.open.clear()
    full = await stand.append(ITEMS, *"abcdefghij")
    rest = [await stand.append(ITEMS, record_id) for record_id in "klm"]
    async with stand.runs():
        await _until(lambda: len(stand.data_plane.calls) == 1)
        stand.delivery.reconfigure(DESTINATIONS, SETTINGS)
        await _rest()
        assert len(stand.data_plane.calls) == 1
        stand.data_plane.open.set()
        assert await stand.outbox.outcomes([full]) == [(DELIVERED,) * 10]
        assert await stand.outbox.outcomes(rest) == [(DELIVERED,)] * 3
    assert len(stand.data_plane.calls) == 2


async def test_who_may_know_a_better_destination_is_told() -> None:
    """When a lane parks, once, and at each probe that finds it no better."""
    gone = LaneBlocked("ResourceNotFoundException")
    stand = _Stand()
    stand.data_plane.always = gone
    stand.data_plane.open.clear()
    async with stand.runs():
        await stand.append(ITEMS, *"abcdefghijklmnopqrst")
        await _until(lambda: len(stand.data_plane.calls) == 2)
        stand.data_plane.open.set()
        await _until(stand.is_parked)
        await _rest()
        assert stand.blocked == [(ITEMS, gone.code)]
        stand.clock.move(PROBE_S)
        await _until(lambda: len(stand.blocked) == 2)
        stand.data_plane.always = LaneBlocked("AccessDeniedException")
        stand.clock.move(PROBE_S)
        await _until(lambda: len(stand.data_plane.calls) == 4)
        await _rest()
    assert stand.blocked == [(ITEMS, gone.code)] * 2


async def test_a_parked_lane_says_for_how_long_and_when_it_is_probed() -> None:
    """Since it was parked, whatever its probes have met."""
    stand = _Stand()
    stand.data_plane.always = LaneBlocked("AccessDeniedException")
    async with stand.runs():
        await stand.append(ITEMS, "a", "b")
        await _until(stand.is_parked)
        stand.clock.move(PROBE_S)
        await _until(lambda: len(stand.data_plane.calls) == 2)
        await _rest()
        stand.clock.move(10.0)
        status = stand.status()
        assert (status.parked, status.records_ahead) == ("AccessDeniedException", 2)
        assert status.stopped_for_s == pytest.approx(PROBE_S + 10.0, abs=_MOMENT_S)
        assert status.next_call_in_s == pytest.approx(PROBE_S - 10.0, abs=_MOMENT_S)
        assert await stand.delivery.oldest_s() == {
            ITEMS: pytest.approx(PROBE_S + 10.0, abs=_MOMENT_S)
        }
        stand.data_plane.always = None
        await stand.delivery.resume(ITEMS)
        await stand.delivery.drained()
        flowing = stand.status()
        assert (flowing.stopped_for_s, flowing.next_call_in_s) == (None, None)
        assert await stand.delivery.oldest_s() == {}


async def test_a_paused_lane_is_there_before_it_has_a_record() -> None:
    """It was paused by an earlier start, and can be resumed."""
    stand = _Stand(remembered={ITEMS: LaneMemory(paused=True).encoded()})
    async with stand.runs():
        await _until(lambda: ITEMS in stand.delivery.statuses())
        assert stand.status().paused
        await stand.delivery.resume(ITEMS)
        position = await stand.append(ITEMS, "a")
        assert await stand.outbox.outcomes([position]) == [(DELIVERED,)]


async def test_a_lane_goes_on_as_soon_as_the_outbox_can_be_written() -> None:
    """It does not wait for the next probe of Personalize, which was not at fault."""
    stand = _Stand()
    stand.outbox.fails = True
    async with stand.runs():
        await stand.append(ITEMS, "a")
        await _until(stand.is_parked)
        assert stand.status().parked == "OutboxUnavailable"
        later = await stand.append(ITEMS, "b")
        stand.outbox.fails = False
        await _rest()
        stand.clock.move(2.0)
        assert await stand.outbox.outcomes([later]) == [(DELIVERED,)]
    assert len(stand.data_plane.calls) == 2


async def test_nothing_newer_follows_what_is_not_noted() -> None:
    """A crash would send the older one again, after the newer one."""
    stand = _Stand()
    stand.outbox.settles.clear()
    async with stand.runs():
        older = await stand.append(ITEMS, "a")
        await stand.outbox.settling.wait()
        newer, other = await stand.append(ITEMS, "a"), await stand.append(ITEMS, "b")
        await _until(lambda: len(stand.data_plane.calls) == 2)
        await _rest()
        stand.outbox.fails = True
        stand.outbox.settles.set()
        await _until(stand.is_parked)
        assert [b'"a"' in call.body for call in stand.data_plane.calls] == [True, False]
        stand.outbox.fails = False
        await _rest()
        stand.clock.move(2.0)
        assert await stand.outbox.outcomes([older, other, newer]) == [(DELIVERED,)] * 3
    assert [b'"a"' in call.body for call in stand.data_plane.calls] == [True, False, True]


async def test_lanes_share_what_they_may_hold_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when one of them has read its records anew."""
    rooms: list[Room] = []
    windows: list[Window] = []

    def note(room: Room, window: Window) -> None:
        rooms.append(room)
        windows.append(window)

    monkeypatch.setattr(Room, "add", note)
    stand = _Stand()
    async with stand.runs():
        await stand.append(ITEMS, "a")
        await stand.append(USERS, "u1")
        await stand.delivery.drained()
        await stand.delivery.discard(ITEMS, lambda _: True)
    assert (len(rooms), len(set(map(id, rooms))), len(set(map(id, windows)))) == (3, 1, 3)


async def test_what_may_still_be_taken_is_remembered_over_a_crash(tmp_path: Path) -> None:
    """A call without an answer, for its time-out; then, and of other calls, nothing is left."""
    lost = CallFailed("no answer", "", outcome_unknown=True)
    stand = _Stand(lost, journal=Journal(tmp_path / "in-flight"))
    async with stand.runs():
        position = await stand.append(ITEMS, "a")
        await _until(stand.backs_off)
        await _rest()
        after_a_crash = Journal(tmp_path / "in-flight").suspects(ITEMS)
        assert after_a_crash == {key(RecordRef(position, 0)): 0}


async def test_after_a_crash_the_whole_backlog_is_found_before_anything_is_sent(
    tmp_path: Path,
) -> None:
    """What may have been taken might be at its end."""
    Journal(tmp_path / "in-flight").begin(ITEMS, [RecordRef(Position((0, 1), 0, 1), 0)], 0.0)
    stand = _Stand(outbox=_FoundLate, journal=Journal(tmp_path / "in-flight"))
    position = await stand.append(ITEMS, "a")
    async with stand.runs():
        assert await stand.outbox.outcomes([position]) == [(DELIVERED,)]
