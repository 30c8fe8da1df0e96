"""Has a publisher send events to a gateway that is killed and started again under load."""

import asyncio
import random
import time
from collections import Counter
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

from tests.chaos.commands import DidNotStart
from tests.conformance.dataset_groups import PLAIN
from tests.conformance.envoy import through_envoy
from tests.conformance.language import Language, Program, ProgramFailed
from tests.conformance.stand import Stand, standing

_RUN_S = 900.0
_DELIVERY_S = 90.0
_POLL_S = 0.1
_RUNS_S = (0.8, 2.5)
"""So long a gateway lives, at least and at most."""
_AWAY_S = (0.0, 1.0)
"""So long there is none, besides the time that it takes to start."""


@dataclass(slots=True)
class Outcome:
    """What became of a publisher's events.

    Attributes:
        client: its language and variant, and how it calls where that is not directly.
        confirmed: how many were.
        refused: how many were.
        kills: how often the gateway was killed.
        duplicates: how many records arrived again, under an event ID that was there already.
        failures: what must not be.
    """

    client: str
    confirmed: int = 0
    refused: int = 0
    kills: int = 0
    duplicates: int = 0
    failures: list[str] = field(default_factory=list)


async def run_publisher(
    language: Language,
    program: str,
    seconds: float,
    rate: float,
    seed: int,
    logs: Path,
    *,
    by_envoy: bool = False,
) -> Outcome:
    """Return what becomes of a publisher's events.

    Args:
        language: of the publisher.
        program: of that language.
        seconds: how long it publishes.
        rate: events a second.
        seed: decides when the gateway is killed.
        logs: gets what the program says of what went wrong.
        by_envoy: whether an Envoy stands before the gateway; it is not killed.
    """
    async with AsyncExitStack() as stack:
        stand = await stack.enter_async_context(standing(routes=[PLAIN]))
        if by_envoy:
            stand = await stack.enter_async_context(through_envoy(stand))
        outcome = Outcome(f"{_shown(language, program)}{stand.way}")
        fates = Counter[tuple[str, str]]()
        try:
            arguments = (program, stand.target, f"{seconds:g}", f"{rate:g}")
            log = logs / f"{outcome.client.replace(' ', '-')}-publisher.log"
            killer = Killer(stand, seconds, random.Random(seed), outcome)
            await _publish(language.running(*arguments, log=log), killer, fates)
        except* (TimeoutError, ProgramFailed, DidNotStart) as errors:
            outcome.failures += [f"{type(one).__name__} {one}" for one in errors.exceptions]
        else:
            await _judge(stand, fates, int(seconds * rate), outcome)
    return outcome


def _shown(language: Language, program: str) -> str:
    variant = program.removeprefix("run-publisher")
    return f"{language.name}{variant}"


async def _publish(
    running: AbstractAsyncContextManager[Program],
    killer: "Killer",
    fates: Counter[tuple[str, str]],
) -> None:
    """Count what a publisher says while the gateway is killed, from its first word on."""
    async with asyncio.timeout(_RUN_S), running as program, asyncio.TaskGroup() as tasks:
        killing: asyncio.Task[None] | None = None
        async for line in program.lines():
            word, _, rest = line.partition(" ")
            if word in ("confirmed", "refused"):
                fates[word, rest.split()[0]] += 1
                killing = killing or tasks.create_task(killer.kill_often())


@dataclass(frozen=True, slots=True)
class Killer:
    """Kills all of a gateway again and again, as long as is published, and starts it again."""

    stand: Stand
    seconds: float
    chance: random.Random
    outcome: Outcome

    async def kill_often(self) -> None:
        """Leave the gateway running."""
        until_s = time.monotonic() + self.seconds
        while True:
            await asyncio.sleep(self.chance.uniform(*_RUNS_S))
            if time.monotonic() > until_s:
                return
            await self.stand.gateway.kill(supervisor_alone=False)
            await asyncio.sleep(self.chance.uniform(*_AWAY_S))
            await self.stand.gateway.start()
            self.outcome.kills += 1


async def _judge(
    stand: Stand, fates: Counter[tuple[str, str]], published: int, outcome: Outcome
) -> None:
    """Compare what the publisher says with what Personalize has."""
    confirmed = {event_id for word, event_id in fates if word == "confirmed"}
    refused = {event_id for word, event_id in fates if word == "refused"}
    outcome.confirmed, outcome.refused = len(confirmed), len(refused)
    arrived = await _arrived(stand, confirmed)
    outcome.duplicates = arrived.total() - len(arrived)
    told_twice = [key for key, count in fates.items() if count > 1]
    findings = {
        "were confirmed and did not arrive": len(confirmed - arrived.keys()),
        "were told of twice": len(told_twice) + len(confirmed & refused),
        "have no fate": published - len(confirmed | refused),
        "were refused, though nothing was wrong with them": len(refused),
    }
    outcome.failures += [f"{count} {text}" for text, count in findings.items() if count]
    if not outcome.kills:
        outcome.failures.append("the gateway was never killed: publish for longer")


async def _arrived(stand: Stand, confirmed: set[str]) -> Counter[str]:
    """Wait until all that was confirmed has arrived, and count event IDs."""
    until_s = asyncio.get_running_loop().time() + _DELIVERY_S
    while True:
        records = await stand.emulator.records("events")
        arrived = Counter(str(record.parsed()["eventId"]) for record in records)
        if confirmed <= arrived.keys() or asyncio.get_running_loop().time() > until_s:
            return arrived
        await asyncio.sleep(_POLL_S)
