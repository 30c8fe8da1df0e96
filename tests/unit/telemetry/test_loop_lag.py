"""An event loop that is blocked lags."""

import asyncio
import time

from gateway.telemetry.loop_lag import watch_loop
from gateway.telemetry.metrics import LOOP_LAG


async def test_work_that_blocks_is_seen() -> None:
    """By as much as it blocks."""
    LOOP_LAG.values.clear()
    watching = asyncio.create_task(watch_loop(0.0))
    await asyncio.sleep(0)
    time.sleep(0.05)  # noqa: ASYNC251 - that is the point
    while not LOOP_LAG.values:  # noqa: ASYNC110 - it sets no event
        await asyncio.sleep(0)
    watching.cancel()
    assert LOOP_LAG.values[()].total >= 0.05
