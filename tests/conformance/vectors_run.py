"""Has a client send the vectors to a running gateway, and compares what comes of them."""

import asyncio
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.conformance.case import Case
from tests.conformance.delivered import Received, due, received
from tests.conformance.fate import Fate
from tests.conformance.language import Language, ProgramFailed
from tests.conformance.stand import Stand

_RUN_S = 900.0
_DELIVERY_S = 60.0
_POLL_S = 0.05
_SHOWN_CHARS = 300


@dataclass(slots=True)
class Result:
    """What a client made of the vectors.

    Attributes:
        client: its language, and how it calls where that is not directly.
        deviations: what is not as it must be, by the name of the case.
        failures: what concerns no single case.
        by_client: how many cases the client itself refused to send.
        sent: how many cases it says something of.
    """

    client: str
    deviations: dict[str, str] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    by_client: int = 0
    sent: int = 0

    @property
    def is_good(self) -> bool:
        return not self.deviations and not self.failures


async def run_vectors(
    stand: Stand, language: Language, cases: Sequence[Case], vectors: Path, logs: Path
) -> Result:
    """Return what a client makes of the vectors of a directory."""
    result = Result(f"{language.name}{stand.way}")
    before = len(await stand.emulator.records())
    log = logs / f"{result.client.replace(' ', '-')}-conformance.log"
    fates: dict[str, Fate] = {}
    try:
        async with (
            asyncio.timeout(_RUN_S),
            language.running("run-conformance", stand.target, vectors, log=log) as program,
        ):
            async for line in program.lines():
                _take(line, fates, result)
    except TimeoutError:
        result.failures.append(f"it did not end within {_RUN_S:g} s")
    except ProgramFailed as error:
        result.failures.append(str(error))
    result.sent = len(fates)
    if fates:
        _compare(cases, fates, result)
        result.failures += await _misdelivered(stand, before, cases)
    return result


def _take(line: str, fates: dict[str, Fate], result: Result) -> None:
    try:
        shown = json.loads(line)
        name, fate = shown["name"], Fate.of(shown)
    except (ValueError, KeyError, TypeError, AttributeError):
        result.failures.append(f"it printed what is no result: {line[:_SHOWN_CHARS]!r}")
        return
    if name in fates:
        result.deviations[name] = "sent twice"
    fates[name] = fate
    result.by_client += fate.is_clients


def _compare(cases: Sequence[Case], fates: Mapping[str, Fate], result: Result) -> None:
    for case in cases:
        fate = fates.get(case.name)
        deviation = "not sent" if fate is None else fate.deviation_from(case.expected)
        if deviation:
            result.deviations[case.name] = deviation[: 2 * _SHOWN_CHARS]
    unknown = sorted(fates.keys() - {case.name for case in cases})
    result.failures += [f"there is no case {name!r}" for name in unknown]


async def _misdelivered(stand: Stand, before: int, cases: Sequence[Case]) -> Sequence[str]:
    """Wait for what must arrive; say what did not, and what should not have."""
    expected = Counter(one for case in cases for one in due(case))
    until_s = asyncio.get_running_loop().time() + _DELIVERY_S
    while True:
        records = (await stand.emulator.records())[before:]
        found = received(records, expected)
        if len(records) >= expected.total() or asyncio.get_running_loop().time() > until_s:
            return [
                *_listed("Personalize did not get", expected - found),
                *_listed("Personalize got", found - expected),
            ]
        await asyncio.sleep(_POLL_S)


def _listed(what: str, records: Counter[Received]) -> Sequence[str]:
    shown = [f"{what} {' '.join(record)[:_SHOWN_CHARS]}" for record in list(records)[:5]]
    return [*shown, *([f"{what} {records.total()} such records in all"] if shown else [])]
