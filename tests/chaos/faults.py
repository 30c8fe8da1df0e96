"""The faults of each scenario. Each returns when it is time to look what came of it."""

import asyncio
import signal
import time
from collections.abc import Sequence
from dataclasses import replace

from gateway.outbox.draining import QUIET_S
from tests.chaos.kills import (
    delivery_of,
    ingest_of,
    kill_often,
    kill_one,
    kill_whole,
    pause,
    stop,
)
from tests.chaos.messages import POISON
from tests.chaos.stand import Stand
from tests.chaos.wire import Element, Judge, Verdict

_RECOVERY_S = 15.0
_POLL_S = 0.1
_ANSWERS = ("normal", "500", "503", "throttle", "reset_before", "reset_after")
_OPERATIONS = ("PutEvents", "PutItems")
_DELIVERY_PAUSES_S = ((0.1, 0.8), (1.5, 3.0), (4.0, 5.0))
"""It is killed while it starts; with calls under way; when what was under way has gone again."""

_LAST_KILLS = 2

_CLOCK_STEPS_S = (3_600, -7_200, 172_800, -30, 0)
_CLOCK_AT_THE_END_S = 900


async def kill_ingest(stand: Stand) -> None:
    """Kill ingest processes, some while they start."""
    kills = max(1, round(stand.seconds))
    await kill_often(stand, "ingest", ingest_of, kills=kills, in_a_life=11, pauses_s=[(0.1, 1.2)])


async def kill_delivery(stand: Stand) -> None:
    """Kill the delivery process, sometimes while it starts, mostly with calls under way."""
    await _slow_down(stand)
    kills = max(1, round(stand.seconds / 1.5))
    await kill_often(
        stand, "delivery", delivery_of, kills=kills, in_a_life=6, pauses_s=_DELIVERY_PAUSES_S
    )


async def kill_delivery_with_the_last(stand: Stand) -> None:
    """Kill it again while what was sent last is under way."""
    for _ in range(_LAST_KILLS):
        await kill_one(stand, "delivery", delivery_of)
        await pause(stand, 0.5, 3.0)


async def kill_all(stand: Stand) -> None:
    """Kill everything at once, or the supervisor alone, and start it again."""
    await _slow_down(stand)
    for number in range(max(1, round(stand.seconds / 5))):
        await pause(stand, 0.2, 1.2)
        await kill_whole(stand, supervisor_alone=bool(number % 2))


async def _slow_down(stand: Stand) -> None:
    """Let half of the calls take long, before they take effect and after it."""
    await stand.emulator.set_fault(share=0.5, latency_s=0.2, answer_latency_s=0.3)


async def fill_the_disk(stand: Stand) -> None:
    """Fill the disk twice; the second time processes must begin on the full disk."""
    assert stand.disk is not None
    stand.notes.append(f"the disk: {stand.disk.what}")
    for kills in (False, True):
        await asyncio.sleep(stand.seconds / 8)
        refused = stand.ledger.answers["UNAVAILABLE"]
        stand.disk.fill(stand.gateway)
        await asyncio.sleep(stand.seconds / 8)
        if stand.ledger.answers["UNAVAILABLE"] == refused:
            stand.failures.append("the disk was full, and nothing was refused")
        if kills:
            await kill_one(stand, "ingest", ingest_of)
            await kill_one(stand, "delivery", delivery_of)
        await asyncio.sleep(stand.seconds / 8)
        stand.disk.free(stand.gateway)
        await _accepts_again(stand)


async def _accepts_again(stand: Stand) -> None:
    accepted, until_s = len(stand.ledger.accepted), time.monotonic() + _RECOVERY_S
    while len(stand.ledger.accepted) == accepted:
        if time.monotonic() > until_s:
            stand.failures.append(f"nothing was accepted in the {_RECOVERY_S:g} s after the fault")
            return
        await asyncio.sleep(_POLL_S)


async def outage(stand: Stand) -> None:
    """Let Personalize hang, then be gone, in turns."""
    until_s = time.monotonic() + stand.seconds
    while time.monotonic() < until_s:
        await pause(stand, 0.5, 1.0)
        stand.emulator.freeze()
        await pause(stand, 0.5, 3.0)
        stand.emulator.thaw()
        await pause(stand, 0.5, 1.0)
        await stand.emulator.stop()
        await pause(stand, 0.5, 2.0)
        await stand.emulator.start()


async def answers(stand: Stand) -> None:
    """Let Personalize answer by a script that changes every second."""
    for _ in range(max(1, round(stand.seconds))):
        for operation in _OPERATIONS:
            sequence = stand.random.choices(_ANSWERS, k=12)
            await stand.emulator.set_fault(
                sequence=sequence, operation=operation, retry_after_s=0.2
            )
        await asyncio.sleep(1.0)
        await stand.emulator.clear_faults()


async def bad_records(stand: Stand) -> None:
    """Wait while the load's bad records are refused."""
    await asyncio.sleep(stand.seconds)
    assert stand.wire is not None
    stand.notes.append(
        f"{stand.wire.calls_refused} calls were refused, {stand.wire.refused_alone} of one record"
    )
    if not stand.wire.refused_alone:
        stand.failures.append("no record was ever refused alone")


async def fewer_workers(stand: Stand) -> None:
    """Leave a backlog of three workers to a gateway with one, then what is left of it to two.

    In between, events are delivered and items are not, for so long that segments are given up and
    the updates in them are kept elsewhere.
    """
    await stand.emulator.set_fault(answer="503")
    await asyncio.sleep(stand.seconds / 2)
    stand.kills["all"] += 1
    await stand.gateway.kill(supervisor_alone=False)
    await _start_with(stand, workers=1)
    await stand.emulator.clear_faults()
    await stand.emulator.set_fault(answer="503", operation="PutItems")
    await asyncio.sleep(QUIET_S + 3.0)
    await stop(stand)
    await _start_with(stand, workers=2)
    await stand.emulator.clear_faults()
    await asyncio.sleep(stand.seconds / 2)


async def _start_with(stand: Stand, *, workers: int) -> None:
    stand.gateway.configuration = replace(stand.gateway.configuration, workers=workers)
    await stand.gateway.start()


async def step_the_clock(stand: Stand) -> None:
    """Set the gateway's wall clock forward and back, and restart it with a clock gone back."""
    assert stand.clock is not None
    for offset_s in _CLOCK_STEPS_S:
        stand.clock.set(offset_s)
        await asyncio.sleep(stand.seconds / (len(_CLOCK_STEPS_S) + 1))
        if offset_s == min(_CLOCK_STEPS_S):
            await kill_whole(stand, supervisor_alone=False)
    stand.clock.set(_CLOCK_AT_THE_END_S)
    await asyncio.sleep(stand.seconds / (len(_CLOCK_STEPS_S) + 1))


def killing(stand: Stand) -> Judge:
    """Return what kills the delivery process whenever it sends a certain record."""

    def judge(elements: Sequence[Element]) -> Verdict:
        if not any(str(one.get("eventId")).startswith(POISON) for one in elements):
            return Verdict.FORWARD
        for delivery in delivery_of(stand):
            stand.kills["by its record"] += delivery.signal(signal.SIGKILL)
        return Verdict.CUT_OFF

    return judge


async def poison(stand: Stand) -> None:
    """Send an event that kills the delivery process, among others of its session."""
    await asyncio.sleep(stand.seconds / 4)
    await stand.load.puts.put([f"before-{POISON}", f"{POISON}-1", f"after-{POISON}"])
    await asyncio.sleep(stand.seconds * 3 / 4)


async def repeated_answers(stand: Stand) -> None:
    """Leave it open, for some calls, whether they were taken."""
    operation = "PutItems"
    await stand.emulator.set_fault(answer="reset_after", share=0.05, operation=operation)
    await stand.emulator.set_fault(answer="500", share=0.03, operation=operation)
    await asyncio.sleep(stand.seconds)
    if len({stand.gateway.address_of(number) for number in range(2)}) == 1:
        stand.notes.append("the gateway has one process: both connections went to it")
