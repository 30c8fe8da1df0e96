"""Group 4, the quota: many sessions of which each has one event now and then, and few calls.

PutEvents takes ten events, but of one session. At 3,000 events a second of 20,000 sessions, in
batches of what is there the quota of 1,000 calls a second would do for a third of them. Records
wait until their sessions have several: how many that are has to stop growing.

Requests of ten events, of any sessions, come open-loop: a gateway that fell behind would not be
spared. Personalize takes 30 ms.
"""

import asyncio
import statistics
import time
from collections.abc import Sequence
from functools import partial
from itertools import dropwhile
from random import Random
from typing import NamedTuple

from personalize_gateway.v1.event_service_pb2 import PutEventsRequest

from bench.effort import Effort
from bench.gateway import Running, gateway
from bench.messages import PUT_EVENTS, event
from bench.open_loop import Load, Plan, served
from bench.open_loop_grpc import GrpcConnection
from bench.results import Figure, Target
from bench.rounds import Rounds
from bench.trial import NotAsSent
from bench.upstream import Upstream, upstream

GROUP = "scale"
SESSIONS = 20_000
EVENTS_PER_S = 3_000
EVENTS_A_REQUEST = 10
CALLS_PER_S = 1_000
DURATION_S = 90
DELAY_MS = 30

_GROWTH = "quota: growth in the last third"
TARGETS = {_GROWTH: Target(EVENTS_PER_S * 0.01)}
"""One of a hundred that come: they come unevenly of themselves."""

_SAMPLE_S = 1.0
_CALLERS = 8


class Sample(NamedTuple):
    """What there was at a time.

    Attributes:
        at_s: when, in seconds.
        waiting: events that are accepted and not delivered.
        calls: how many calls Personalize has answered so far.
        delivered: events that have been delivered so far.
        cpu_us: CPU time of the gateway so far.
    """

    at_s: float
    waiting: int
    calls: int
    delivered: int
    cpu_us: float


async def measure(effort: Effort) -> list[Figure]:
    """Return how many events wait, and whether they become more.

    Raises:
        NotAsSent: not all was accepted.
    """
    duration_s = effort.of(DURATION_S)
    delivery = {"quotas": {"events": CALLS_PER_S}, "drain": "0s"}
    async with (
        upstream(DELAY_MS) as personalize,
        gateway(upstream=personalize, delivery=delivery) as running,
    ):
        samples: list[Sample] = []
        sampling = asyncio.create_task(_sample(running, personalize, samples))
        done = await served(_load(running, duration_s))
        sampling.cancel()
        if done.failed:
            raise NotAsSent(f"{done.failed} requests were not accepted")
        return _figures(since_first(samples))


def _load(running: Running, duration_s: float) -> Load:
    random = Random(SESSIONS)
    sessions = [f"session-{number:010}" for number in range(SESSIONS)]
    bodies = [
        PutEventsRequest(
            events=[event(number, random.choice(sessions)) for number in range(EVENTS_A_REQUEST)]
        ).SerializeToString()
        for _ in sessions
    ]
    plan = Plan(EVENTS_PER_S / EVENTS_A_REQUEST, duration_s)
    return Load(plan, partial(GrpcConnection, running.target, f"/{PUT_EVENTS}"), _CALLERS, bodies)


async def _sample(running: Running, personalize: Upstream, samples: list[Sample]) -> None:
    """Look once a second until cancelled."""
    while True:
        delivered, accepted = await running.delivered(), await running.accepted()
        calls = await personalize.calls()
        at_s, cpu_us = time.monotonic(), running.cpu().total_us
        samples.append(Sample(at_s, accepted - delivered, calls, delivered, cpu_us))
        await asyncio.sleep(_SAMPLE_S)


def since_first(samples: Sequence[Sample]) -> list[Sample]:
    """Return the samples from the first with an event on, with the times since then."""
    found = list(dropwhile(lambda sample: not sample.waiting, samples))
    return [sample._replace(at_s=sample.at_s - found[0].at_s) for sample in found]


def _figures(samples: Sequence[Sample]) -> list[Figure]:
    rounds, duration_s = Rounds(GROUP, TARGETS), samples[-1].at_s
    for share, when in ((1 / 3, "a third"), (2 / 3, "two thirds"), (1.0, "all")):
        nearest = min(samples, key=lambda sample: abs(sample.at_s - share * duration_s))
        rounds.add(f"quota: waiting after {when} of the time", "events", nearest.waiting)
    last_third = [sample for sample in samples if sample.at_s >= duration_s * 2 / 3]
    first, last = last_third[0], last_third[-1]
    passed_s, calls = last.at_s - first.at_s, last.calls - first.calls
    busy = (last.cpu_us - first.cpu_us) / 1e6 / passed_s
    rounds.add("quota: core used in the last third", "%", 100 * busy)
    rounds.add("quota: calls in the last third", "1/s", calls / passed_s)
    rounds.add(
        "quota: events a call in the last third",
        "events",
        (last.delivered - first.delivered) / calls,
    )
    rounds.add(_GROWTH, "events/s", slope(last_third))
    return rounds.figures()


def slope(samples: Sequence[Sample]) -> float:
    """Return by how many a second the events that wait become more: least squares."""
    at_s = [sample.at_s for sample in samples]
    return statistics.linear_regression(at_s, [sample.waiting for sample in samples]).slope
