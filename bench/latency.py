"""Group 5: how long a unary PutEvents of one event takes, beside a direct call of Personalize.

Both are sent open-loop at the same rate, in turn (`bench.open_loop`): a share of what the gateway
can accept and deliver for good, which a closed loop finds just before. The direct call is an HTTPS
request made beforehand, over a connection that is kept: what an SDK takes to make and to sign it
comes on top of it, and is not counted.
"""

import json
import time
from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

from bench.baselines import events
from bench.effort import Effort
from bench.gateway import Running, gateway
from bench.load import load
from bench.messages import PUT_EVENTS, put_events
from bench.open_loop import Load, Plan, Served, percentile, served
from bench.open_loop_grpc import GrpcConnection
from bench.open_loop_https import HttpsConnection
from bench.results import Figure
from bench.rounds import Rounds
from bench.trial import NotAsSent
from bench.upstream import Upstream, upstream

GROUP = "latency"
SHARES = (25, 50, 75)
PERCENTILES: Mapping[str, float] = {"p50": 0.5, "p99": 0.99, "p99.9": 0.999}
ROUNDS = 3
DURATION_S = 8
REQUESTS = 6_000
CALLERS = 8
DIRECT_CONNECTIONS = 256

LATE_S = 0.001
"""Where one request of a hundred leaves later than so, the point measures the generator."""

_ATTEMPTS = 3
_MS = 1000.0


class Case(NamedTuple):
    """What is measured.

    Attributes:
        name: as the figures have it.
        delivered: whether a request is answered only when its event is delivered.
        delay_ms: how long Personalize takes to answer.
    """

    name: str
    delivered: bool
    delay_ms: int


CASES = (
    Case("DURABLE", delivered=False, delay_ms=0),
    Case("DELIVERED, upstream 0 ms", delivered=True, delay_ms=0),
    Case("DELIVERED, upstream 30 ms", delivered=True, delay_ms=30),
)


async def measure(effort: Effort) -> list[Figure]:
    """Return the percentiles of each case, and of the direct call, at each share of its capacity.

    Raises:
        LoadFailed, NotAsSent: not all was answered.
    """
    return [figure for case in CASES for figure in await _measured(case, effort)]


async def _measured(case: Case, effort: Effort) -> list[Figure]:
    rounds = Rounds(GROUP)
    async with upstream(case.delay_ms) as personalize, gateway(upstream=personalize) as running:
        for number in range(min(effort.rounds, ROUNDS)):
            capacity_per_s = await _capacity_per_s(running, case, effort.of(REQUESTS))
            rounds.add(f"{case.name}: capacity", "requests/s", capacity_per_s)
            refused = 0
            for share in SHARES:
                plan = Plan(capacity_per_s * share / 100, effort.of(DURATION_S), seed=number)
                through = await _in_time(_through_gateway(running, case, plan))
                direct = await _in_time(_direct(personalize, plan))
                if through and direct:
                    _compare(rounds, f"{case.name}, {share} %", through, direct)
                else:
                    refused += 1
            rounds.add(f"{case.name}: refused, as the generator was late", "points", refused)
    return rounds.figures()


def _compare(rounds: Rounds, name: str, through: Served, direct: Served) -> None:
    for label, share in PERCENTILES.items():
        through_ms = percentile(through.latencies_s, share) * _MS
        direct_ms = percentile(direct.latencies_s, share) * _MS
        rounds.add(f"{name}: {label}", "ms", through_ms)
        rounds.add(f"{name}: {label} of the direct call", "ms", direct_ms)
        rounds.add(f"{name}: {label} added", "ms", through_ms - direct_ms)
    rounds.add(
        f"{name}: p99 of the generator's lateness", "ms", percentile(through.late_s, 0.99) * _MS
    )


async def _capacity_per_s(running: Running, case: Case, requests: int) -> float:
    """Return how many requests a second are accepted and delivered, by a closed loop."""
    message = put_events(1, delivered=case.delivered).SerializeToString()
    delivered = await running.delivered()
    async with load(PUT_EVENTS, [message], connections=CALLERS, streams=32) as closed_loop:
        start_s = time.monotonic()
        await closed_loop.send(running.target, requests)
        await running.until_delivered(delivered + requests)
        return requests / (time.monotonic() - start_s)


def _through_gateway(running: Running, case: Case, plan: Plan) -> Load:
    message = put_events(1, delivered=case.delivered).SerializeToString()
    return Load(plan, partial(GrpcConnection, running.target, f"/{PUT_EVENTS}"), CALLERS, [message])


def _direct(personalize: Upstream, plan: Plan) -> Load:
    body = json.dumps(events.put_events(1)).encode()
    connect = partial(HttpsConnection, f"{personalize.url}/events", personalize.ca_bundle)
    return Load(plan, connect, DIRECT_CONNECTIONS, [body])


async def _in_time(load: Load) -> Served | None:
    """Send a load until it leaves in time; return None where it never does.

    Raises:
        NotAsSent: not all of it was answered with success.
    """
    for _ in range(_ATTEMPTS):
        done = await served(load)
        if done.failed:
            raise NotAsSent(f"{done.failed} of {done.failed + len(done.latencies_s)} calls failed")
        if percentile(done.late_s, 0.99) <= LATE_S:
            return done
    return None
