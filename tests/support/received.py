"""Waits until records have arrived."""

import asyncio
from collections.abc import Sequence

from gateway.personalize.emulator import Emulator, Record

_LIMIT_S = 60.0
_POLL_S = 0.01


async def received(emulator: Emulator, kind: str, count: int) -> Sequence[Record]:
    """Wait until so many records of a kind have arrived, and return all of them."""
    async with asyncio.timeout(_LIMIT_S):
        while len(records := emulator.records(kind)) < count:  # noqa: ASYNC110 - it has no event
            await asyncio.sleep(_POLL_S)
    return records
