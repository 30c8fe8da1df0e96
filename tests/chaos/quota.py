"""How much of a small quota the gateway uses."""

import asyncio
import time
from dataclasses import dataclass
from typing import Self

from tests.chaos.stand import Stand

CALLS_PER_S = 10.0
"""AWS's quota of PutItems."""

_TARGET = 0.95
_WARM_UP_S = 2.0


@dataclass(frozen=True, slots=True)
class _Moment:
    """The emulator's counts at a moment."""

    at_s: float
    calls: int
    records: int
    throttled: int

    @classmethod
    async def now(cls, stand: Stand) -> Self:
        counts = await stand.emulator.calls("PutItems")
        return cls(
            time.monotonic(),
            counts.get("succeeded", 0),
            counts.get("records", 0),
            counts.get("throttled", 0),
        )


async def quota(stand: Stand) -> None:
    """Measure while many callers update items; begins when there is a backlog."""
    await asyncio.sleep(_WARM_UP_S)
    begin = await _Moment.now(stand)
    await asyncio.sleep(stand.seconds)
    end = await _Moment.now(stand)
    duration_s = end.at_s - begin.at_s
    calls, records = end.calls - begin.calls, end.records - begin.records
    share = calls / duration_s / CALLS_PER_S
    stand.notes += [
        f"{records / duration_s:.1f} records/s, {records / max(1, calls):.2f} records a call",
        f"{calls / duration_s:.2f} calls/s: {share:.1%} of the quota",
        f"{end.throttled - begin.throttled} calls throttled",
    ]
    if share < _TARGET:
        stand.failures.append(f"less than {_TARGET:.0%} of the quota was used")
