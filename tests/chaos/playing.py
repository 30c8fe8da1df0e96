"""Plays a scenario and reports what came of it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.chaos.commands import DidNotStart
from tests.chaos.kills import stop
from tests.chaos.ledger import Audit
from tests.chaos.scenarios import Scenario
from tests.chaos.settling import look_at_dead_letters, look_at_logs, settled
from tests.chaos.stand import Stand

_LIMIT_S = 300.0


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a scenario.

    Attributes:
        audit: of the records; None where the scenario broke off.
        kills: how many processes were killed, by what they were.
        answers: how often a call ended with each gRPC status but OK.
        notes: what people should know.
        failures: what must not be; none where all is well.
    """

    name: str
    audit: Audit | None
    kills: Mapping[str, int]
    answers: Mapping[str, int]
    notes: Sequence[str]
    failures: Sequence[str]


async def play(
    scenario: Scenario,
    *,
    seconds: float | None = None,
    seed: int = 0,
    settle_s: float = 120.0,
    logs: Path | None = None,
) -> Report:
    """Play a scenario.

    Args:
        scenario: which.
        seconds: how long the faults last; None for as long as the scenario says.
        seed: of its random numbers.
        settle_s: how long, after the faults, what is missing may take to arrive.
        logs: gets the logs of gateway and emulator; None for none.
    """
    seconds = scenario.seconds if seconds is None else seconds
    stand = Stand(
        scenario.setup,
        scenario.load,
        seconds=seconds,
        random=Random(f"{seed}/{scenario.name}"),
        logs=None if logs is None else logs / scenario.name,
    )
    audit: Audit | None = None
    try:
        async with asyncio.timeout(4 * seconds + _LIMIT_S), stand:
            audit = await _played(scenario, stand, settle_s)
    except (DidNotStart, TimeoutError) as error:
        stand.failures.append(f"broken off: {type(error).__name__}: {error}")
    return Report(
        scenario.name,
        audit,
        stand.kills,
        stand.ledger.answers,
        stand.notes,
        [*stand.failures, *_anomalies(stand), *_wrong(audit)],
    )


async def _played(scenario: Scenario, stand: Stand, settle_s: float) -> Audit:
    async with stand.load.running():
        await scenario.faults(stand)
    if scenario.faults_after is not None:
        await scenario.faults_after(stand)
    audit = await settled(stand, settle_s)
    await stop(stand)
    look_at_dead_letters(stand)
    look_at_logs(stand)
    return audit


def _anomalies(stand: Stand) -> Sequence[str]:
    return [f"{what} ({count} times)" for what, count in stand.ledger.anomalies.items()]


def _wrong(audit: Audit | None) -> Sequence[str]:
    """Say what the counts show, with the first of each kind."""
    if audit is None:
        return []
    if not audit.accepted:
        return ["nothing was accepted"]
    kinds = {
        "lost": audit.lost,
        "in the wrong order": audit.wrong_order,
        "arrived that were never sent": audit.strangers,
    }
    return [f"{len(which)} {what}: {which[0]} …" for what, which in kinds.items() if which]
