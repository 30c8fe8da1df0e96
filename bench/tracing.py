"""What tracing costs: an ingest process with tracing off, of 1 % and of all requests.

Three gateways run at the same time and are called in turns, in each round three others: two that
are started alike differ by up to a tenth for as long as they live. The export of the spans, to a
collector that drops them, counts. Personalize is away: records stay in the outbox.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from functools import partial

from bench.effort import Effort
from bench.gateway import gateway
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
_WARMING = 500
_EXPORT_S = 1.1
_TARGETS = {ratio_name(SOME, OFF): Target(1.08)}


async def measure(effort: Effort) -> Sequence[Figure]:
    """Measure the group; `bench/README.md` says what the figures mean."""
    async with server("collector", LOAD_CORE) as collector:
        rounds = await in_turn(partial(_round, collector.target), effort, GROUP, _TARGETS)
    return [*rounds.figures(), *(rounds.ratio(name, OFF) for name in (SOME, ALL))]


async def _round(collector: str, rounds: Rounds, effort: Effort) -> None:
    rpcs = effort.of(_RPCS)
    async with AsyncExitStack() as running:
        enter = running.enter_async_context
        gateways = {
            name: await enter(gateway(environment=_environment(collector, share)))
            for name, share in _SHARES.items()
        }
        one = await enter(load(PUT_EVENTS, [put_events(1).SerializeToString()]))
        for each in gateways.values():
            await accepted(each, Work(one, effort.of(_WARMING), 1))
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
