"""`python -m bench.baselines.asyncio_sdk URL EVENTS`: the same by aiobotocore, on uvloop.

Several calls are under way at once, each over a kept connection. Runs in `.venv-bench`: aiobotocore
asks for a version of botocore of its own.
"""

import asyncio
import sys
from typing import Any

import uvloop
from aiobotocore.config import AioConfig  # type: ignore[import-not-found]
from aiobotocore.session import get_session  # type: ignore[import-not-found]

from bench.baselines.events import put_events
from bench.baselines.turns import take_turns

_IN_FLIGHT = 16


async def _calls(client: Any, events: int, count: int) -> None:  # noqa: ANN401 - it has no types
    left = iter(range(count))

    async def call() -> None:
        for _ in left:
            await client.put_events(**put_events(events))

    await asyncio.gather(*(call() for _ in range(_IN_FLIGHT)))


def _main(url: str, events: str) -> None:
    config = AioConfig(max_pool_connections=_IN_FLIGHT)
    making = get_session().create_client("personalize-events", endpoint_url=url, config=config)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        client = runner.run(making.__aenter__())
        take_turns(lambda count: runner.run(_calls(client, int(events), count)))
        runner.run(making.__aexit__(None, None, None))


if __name__ == "__main__":
    _main(*sys.argv[1:])
