"""All that takes part in a comparison, running at the same time and measured in turn."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.baselines.events import MAX_EVENTS
from bench.gateway import AWS_ENVIRONMENT, Running, gateway
from bench.processes import LOAD_CORE, python
from bench.servers import Server, server
from bench.trial import check
from bench.upstream import Upstream, upstream
from bench.worker import Worker, worker

SIZES = (1, 10, 100)
"""How many events a message has."""

DELAY_MS = 30
"""How long the slow upstream takes to answer."""

BENCH_PYTHON = Path(__file__).parents[1] / ".venv-bench" / "bin" / "python"
"""The Python of the environment that has aiobotocore."""

_SDKS = {
    "boto3": python("-m", "bench.baselines.blocking_sdk"),
    "aiobotocore": (str(BENCH_PYTHON), "-m", "bench.baselines.asyncio_sdk"),
}


@dataclass(frozen=True, slots=True)
class Contenders:
    """All that takes part.

    Attributes:
        away: a gateway whose upstream is away: it only accepts.
        near: one whose upstream answers at once.
        far: one whose upstream answers after `DELAY_MS`.
        echo: a bare gRPC server.
        callers: services that call the first gateway, by way and events a message.
        sdks: services that call Personalize themselves, by SDK and events a call.
    """

    away: Running
    near: Running
    far: Running
    echo: Server
    callers: Mapping[tuple[str, int], Worker]
    sdks: Mapping[tuple[str, int], Worker]


@asynccontextmanager
async def contenders(*ways: str) -> AsyncIterator[Contenders]:
    """Run all that takes part until the block ends.

    Args:
        ways: how the services that call the gateway do it; see `bench.baselines.caller`.

    Raises:
        NotAsSent: an upstream got another number of calls than its gateway says that it made.
    """
    async with AsyncExitStack() as running:
        enter = running.enter_async_context
        # Delivery reads next to nothing ahead: that is no part of accepting.
        away = await enter(gateway(delivery={"look_ahead_records": 10}))
        prompt = await enter(upstream())
        callers = {
            (way, events): await enter(caller(way, away, events))
            for way in ways
            for events in SIZES
        }
        sdks = {
            (name, events): await enter(_sdk(name, prompt, events))
            for name in _SDKS
            for events in (1, MAX_EVENTS)
        }
        yield Contenders(
            away=away,
            near=await enter(_delivering(delay_ms=0)),
            far=await enter(_delivering(DELAY_MS)),
            echo=await enter(server("echo")),
            callers=callers,
            sdks=sdks,
        )


@asynccontextmanager
async def _delivering(delay_ms: int) -> AsyncIterator[Running]:
    """Run a gateway and an upstream of its own, which has to have got all of its calls."""
    async with upstream(delay_ms) as its_own, gateway(upstream=its_own) as running:
        yield running
        check("calls answered", await its_own.calls(), await running.calls())


def caller(way: str, to: Running, events: int) -> AbstractAsyncContextManager[Worker]:
    """Run a service that calls a gateway; see `bench.baselines.caller`."""
    command = python("-m", "bench.baselines.caller", way, to.target, str(events))
    return worker(*command, core=LOAD_CORE)


def _sdk(name: str, to: Upstream, events: int) -> AbstractAsyncContextManager[Worker]:
    environment = {**AWS_ENVIRONMENT, "AWS_CA_BUNDLE": str(to.ca_bundle)}
    return worker(*_SDKS[name], to.url, str(events), environment=environment)
