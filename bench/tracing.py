"""What tracing costs: an ingest process with tracing off, of 1 % and of all requests.

Three gateways run at the same time and are called in turns. The export of the spans, to a collector
that drops them, counts. Personalize is away: records stay in the outbox.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from functools import partial

from bench.effort import Effort
from bench.gateway import Running, gateway
from bench.load import load
from bench.messages import PUT_EVENTS, put_events
from bench.processes import LOAD_CORE
from bench.results import Figure, Target
from bench.rounds import Rounds, in_turn, ratio_name
from bench.servers import server
from bench.trial import Work, accepted

GROUP = "tracing"

OFF, SOME, ALL = "tracing off", "tracing of 1 %", "tracing of all"
_SHARES: Mapping[str, str | None] = {OFF: None, SOME: "0.01", ALL: "1.0"}
_RPCS = 3000
_EXPORT_S = 1.1
_TARGETS = {ratio_name(SOME, OFF): Target(1.08)}


async def measure(effort: Effort) -> Sequence[Figure]:
    """Measure the group; `bench/README.md` says what the figures mean."""
    async with AsyncExitStack() as running:
        enter = running.enter_async_context
        collector = await enter(server("collector", LOAD_CORE))
        gateways = {
            name: await enter(gateway(environment=_environment(collector.target, share)))
            for name, share in _SHARES.items()
        }
        rounds = await in_turn(partial(_round, gateways), effort, GROUP, _TARGETS)
    return [*rounds.figures(), *(rounds.ratio(name, OFF) for name in (SOME, ALL))]


async def _round(gateways: Mapping[str, Running], rounds: Rounds, effort: Effort) -> None:
    rpcs = effort.of(_RPCS)
    async with load(PUT_EVENTS, [put_events(1).SerializeToString()]) as one:
        for name, each in gateways.items():
            before = each.cpu()
            await accepted(each, Work(one, rpcs, 1))
            await asyncio.sleep(_EXPORT_S)
            rounds.add(name, "µs an RPC", each.cpu().since(before).ingest_us / rpcs)


def _environment(collector: str, share: str | None) -> Mapping[str, str]:
    """Return what makes a gateway trace a share of its requests; None for none of them."""
    if share is None:
        return {}
    return {
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": f"http://{collector}",
        "OTEL_TRACES_SAMPLER": "parentbased_traceidratio",
        "OTEL_TRACES_SAMPLER_ARG": share,
        "OTEL_BSP_SCHEDULE_DELAY": "1000",
    }
