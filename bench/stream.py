"""Ingest streams: what an event costs in messages of 1, 10 and 100, beside an echo and AWS SDKs."""

from collections.abc import Iterator, Sequence
from functools import partial

from bench.baselines import echo
from bench.contenders import SIZES, Contenders, contenders
from bench.effort import Effort
from bench.load import load
from bench.messages import INGEST, stream
from bench.results import Figure, Target
from bench.rounds import Rounds, in_turn, ratio_name
from bench.sdk_costs import SdkCosts, sdk_names
from bench.trial import Work, accepted, delivered, echo_us

GROUP = "stream"

ACCEPTED = "accepted"
DELIVERED = "accepted and delivered"
_CALLER = "caller, grpc.aio"
_WITH_CALLER = f"{DELIVERED}, and the caller's own messages"
_ECHO = "echo"

_STREAMS = 4
"""Under way at once, each on a connection of its own."""

_MESSAGES = {1: 4000, 10: 2000, 100: 300}
_EVENT = "µs an event"

_TARGETS = {
    "100 events a message: accepted and delivered, a core": Target(100_000, at_least=True),
    "100 events a message: accepted, a core": Target(200_000, at_least=True),
    ratio_name(
        "100 events a message: accepted and delivered", "100 events a message: boto3"
    ): Target(1 / 9),
    ratio_name(
        "100 events a message: accepted and delivered",
        "100 events a message: boto3, one event a call",
    ): Target(1 / 60),
}


async def measure(effort: Effort) -> Sequence[Figure]:
    """Measure the group; `bench/README.md` says what the figures mean."""
    async with contenders("stream") as field:
        rounds = await in_turn(partial(_round, field), effort, GROUP, _TARGETS)
    return [*rounds.figures(), *(figure for events in SIZES for figure in _ratios(rounds, events))]


async def _round(field: Contenders, rounds: Rounds, effort: Effort) -> None:
    sdk_costs = await SdkCosts.measured(field.sdks, effort)
    for events in SIZES:
        messages = effort.of(_MESSAGES[events])
        await _echo(field, rounds, events, messages)
        await _gateway(field, rounds, events, messages)
        await _caller(field, rounds, events, messages)
        for name, cost_us in sdk_costs.of(events):
            rounds.add(_name(events, name), _EVENT, cost_us / events)


async def _echo(field: Contenders, rounds: Rounds, events: int, messages: int) -> None:
    async with load(echo.STREAM, stream(messages, events), connections=_STREAMS, streams=1) as one:
        stream_us = await echo_us(field.echo, one, _STREAMS)
        rounds.add(_name(events, _ECHO), _EVENT, stream_us / messages / events)


async def _gateway(field: Contenders, rounds: Rounds, events: int, messages: int) -> None:
    async with load(INGEST, stream(messages, events), connections=_STREAMS, streams=1) as one:
        work = Work(one, _STREAMS, messages * events)
        for name, spent in (
            (_name(events, ACCEPTED), await accepted(field.away, work)),
            (_name(events, DELIVERED), await delivered(field.near, work)),
        ):
            rounds.add_spent(name, _EVENT, spent, of=work.all_events)
    for name in (ACCEPTED, DELIVERED):
        event_us = rounds.latest(_name(events, name))
        rounds.add(_name(events, f"{name}, a core"), "events/s", 1e6 / event_us)


async def _caller(field: Contenders, rounds: Rounds, events: int, messages: int) -> None:
    caller_us = await field.callers["stream", events].call_us(messages) / events
    rounds.add(_name(events, _CALLER), _EVENT, caller_us)
    both_us = rounds.latest(_name(events, DELIVERED)) + caller_us
    rounds.add(_name(events, _WITH_CALLER), _EVENT, both_us)


def _name(events: int, what: str) -> str:
    return f"{events} event{'s' * (events > 1)} a message: {what}"


def _ratios(rounds: Rounds, events: int) -> Iterator[Figure]:
    for name in (ACCEPTED, DELIVERED):
        yield rounds.ratio(_name(events, name), _name(events, _ECHO))
    for name in (DELIVERED, _WITH_CALLER):
        for sdk in sdk_names(events):
            yield rounds.ratio(_name(events, name), _name(events, sdk))
