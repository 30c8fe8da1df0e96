"""SIGKILL, at random moments, of parts of the gateway or of all of it."""

import asyncio
import signal
import time
from collections.abc import Callable, Sequence

from tests.chaos.processes import Process
from tests.chaos.stand import Stand

_BACK_S = 60.0
_POLL_S = 0.02


async def pause(stand: Stand, least_s: float, most_s: float) -> None:
    """Wait for a random time."""
    await asyncio.sleep(stand.random.uniform(least_s, most_s))


def ingest_of(stand: Stand) -> Sequence[Process]:
    """Return the ingest processes."""
    return stand.gateway.ingest


def delivery_of(stand: Stand) -> Sequence[Process]:
    """Return the delivery process, if there is one."""
    delivery = stand.gateway.delivery
    return [] if delivery is None else [delivery]


async def kill_one(stand: Stand, role: str, of: Callable[[Stand], Sequence[Process]]) -> bool:
    """Kill one of the processes of a role; return False where none is there for long."""
    until_s = time.monotonic() + _BACK_S
    while not (victims := of(stand)):
        if time.monotonic() > until_s:
            stand.failures.append(f"no {role} process within {_BACK_S:g} s")
            return False
        await asyncio.sleep(_POLL_S)
    stand.kills[role] += stand.random.choice(victims).signal(signal.SIGKILL)
    return True


async def kill_often(
    stand: Stand,
    role: str,
    of: Callable[[Stand], Sequence[Process]],
    *,
    kills: int,
    in_a_life: int,
    pauses_s: Sequence[tuple[float, float]],
) -> None:
    """Kill processes of a role, with a random pause before each.

    Args:
        stand: where.
        role: for the report.
        of: which processes those are.
        kills: how many.
        in_a_life: after so many the gateway is restarted: a child that dies again and again is
            started later and later.
        pauses_s: the shortest and the longest pause, before one kill after the other.
    """
    for number in range(kills):
        if number and number % in_a_life == 0:
            await restart(stand)
        await pause(stand, *pauses_s[number % len(pauses_s)])
        if not await kill_one(stand, role, of):
            return


async def kill_whole(stand: Stand, *, supervisor_alone: bool) -> None:
    """Kill the gateway and start it again; killed alone, its supervisor must take all with it."""
    stand.kills["all"] += 1
    if not await stand.gateway.kill(supervisor_alone=supervisor_alone):
        stand.failures.append("processes lived on without their supervisor")
    await stand.gateway.start()


async def restart(stand: Stand) -> None:
    """Stop the gateway as an operator does, and start it again."""
    await stop(stand)
    await stand.gateway.start()


async def stop(stand: Stand) -> None:
    """Stop the gateway as an operator does."""
    if status := await stand.gateway.stop():
        stand.failures.append(f"the gateway was told to stop and ended with status {status}")
