"""What comes after the faults: the gateway catches up, and everything is counted."""

import asyncio
import re
import time
from collections import Counter

import grpc

from tests.chaos.dead_letters import Given, given_up
from tests.chaos.ledger import Arrivals, Audit
from tests.chaos.messages import POISON
from tests.chaos.stand import Stand

_QUIET_S = 0.7
_OPERATIONS = ("PutEvents", "PutItems")
_EXCEPTION = re.compile(r'"exception": "([^"]+)"|^([\w.]+(?:Error|Exception)): ', re.MULTILINE)
_REFUSED = "REFUSED"
_INTERNAL = "INTERNAL"


async def settled(stand: Stand, limit_s: float) -> Audit:
    """Wait until nothing more arrives and nothing is missing, or for so long; then count."""
    until_s = time.monotonic() + limit_s
    before = -1
    while True:
        late = time.monotonic() > until_s
        arrived = await _arrived(stand)
        if late or arrived == before:
            audit = await _audit(stand, late=late)
            if audit is not None and (late or not audit.lost):
                return audit
        before = arrived
        await asyncio.sleep(_QUIET_S)


async def _arrived(stand: Stand) -> int:
    calls = [await stand.emulator.calls(operation) for operation in _OPERATIONS]
    return sum(int(one.get("records", 0)) for one in calls)


async def _audit(stand: Stand, *, late: bool) -> Audit | None:
    """Return None where the gateway cannot tell of its dead letters yet."""
    try:
        stand.given_up = await given_up(stand.gateway.address)
    except grpc.aio.AioRpcError as error:
        if not late:
            return None
        stand.failures.append(f"the gateway does not tell its dead letters: {error.details()}")
    emulator = stand.emulator
    arrivals = Arrivals(await emulator.records("events"), await emulator.records("items"))
    return stand.ledger.audit(arrivals, (one.identity for one in stand.given_up))


def look_at_dead_letters(stand: Stand) -> None:
    """Note why there are some; the reason has to be what the harness did to the record."""
    for reason, count in sorted(Counter(one.reason for one in stand.given_up).items()):
        stand.notes.append(f"dead letters: {reason} {count}")
    wrong = [one for one in stand.given_up if one.reason == _REFUSED and not one.bad]
    if wrong:
        stand.failures.append(f"{len(wrong)} good records became dead letters as {_REFUSED}")
    accused = [one for one in stand.given_up if one.reason == _INTERNAL and not _kills(one)]
    if accused:
        stand.failures.append(f"{len(accused)} good records became dead letters as {_INTERNAL}")


def _kills(one: Given) -> bool:
    return isinstance(one.identity, str) and one.identity.startswith(POISON)


def look_at_logs(stand: Stand) -> None:
    """Note which exceptions the gateway has logged."""
    found = Counter(named or plain for named, plain in _EXCEPTION.findall(stand.gateway.logs()))
    for name, count in sorted(found.items()):
        stand.notes.append(f"the gateway logged {name} ({count} times)")
