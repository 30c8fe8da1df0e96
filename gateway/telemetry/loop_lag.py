"""How much the event loop of a process lags: work that blocks it makes every answer late."""

import asyncio
import time

from gateway.telemetry.metrics import LOOP_LAG

_INTERVAL_S = 0.5


async def watch_loop(interval_s: float = _INTERVAL_S) -> None:
    """Measure the running loop's lag until cancelled.

    Args:
        interval_s: between two measurements.
    """
    while True:
        due_s = time.monotonic() + interval_s
        await asyncio.sleep(interval_s)
        LOOP_LAG.record(max(0.0, time.monotonic() - due_s))
