"""When a stream of responses ends before all is said."""

import asyncio
from collections.abc import Coroutine

from gateway.rpc.errors import Draining, StreamEnded


async def unless_ended(
    draining: asyncio.Event, max_s: float | None, work: Coroutine[None, None, None]
) -> None:
    """Do some work; cancel it where the gateway stops before its end, or it lasts too long.

    Raises:
        Draining: the gateway stops.
        StreamEnded: the work lasted for the longest that it may.
    """
    working = asyncio.create_task(work)
    stopping = asyncio.create_task(draining.wait())
    try:
        await asyncio.wait((working, stopping), timeout=max_s, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise Draining if stopping.done() else StreamEnded
        working.result()
    finally:
        working.cancel()
        stopping.cancel()
        await asyncio.wait((working, stopping))
