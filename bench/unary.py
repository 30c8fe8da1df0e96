"""Unary PutEvents: what an RPC of 1, 10 and 100 events costs, beside an echo and the AWS SDKs."""

from collections.abc import Iterator, Sequence
from functools import partial

from bench.baselines import echo
from bench.contenders import DELAY_MS, SIZES, Contenders, contenders
from bench.effort import Effort
from bench.load import load
from bench.messages import PUT_EVENTS, put_events
from bench.results import Figure, Target
from bench.rounds import Rounds, in_turn, ratio_name
from bench.sdk_costs import SdkCosts, sdk_names
from bench.trial import Work, accepted, delivered, echo_us

GROUP = "unary"

ACCEPTED = "accepted"
DELIVERED = "accepted and delivered"
_CALLERS = {"aio": "caller, grpc.aio", "blocking": "caller, grpc"}
_AWAITED = {0: "DELIVERED, upstream 0 ms", DELAY_MS: f"DELIVERED, upstream {DELAY_MS} ms"}

_WITH_CALLER = f"{DELIVERED}, and the caller's own call"
_ECHO = "echo"

_RPCS = {1: 4000, 10: 2000, 100: 400}
_RPC = "µs an RPC"

_TARGETS = {
    ratio_name("1 event: accepted and delivered", "1 event: echo"): Target(1.2),
    ratio_name("1 event: accepted and delivered", "1 event: boto3"): Target(1 / 4),
    "10 events: accepted and delivered": Target(280),
    "1 event: DELIVERED, upstream 0 ms": Target(350),
}


async def measure(effort: Effort) -> Sequence[Figure]:
    """Measure the group; `bench/README.md` says what the figures mean."""
    async with contenders(*_CALLERS) as field:
        rounds = await in_turn(partial(_round, field), effort, GROUP, _TARGETS)
    return [*rounds.figures(), *(figure for events in SIZES for figure in _ratios(rounds, events))]


async def _round(field: Contenders, rounds: Rounds, effort: Effort) -> None:
    sdk_costs = await SdkCosts.measured(field.sdks, effort)
    for events in SIZES:
        rpcs = effort.of(_RPCS[events])
        await _echoes(field, rounds, events, rpcs)
        await _durable(field, rounds, events, rpcs)
        await _awaited(field, rounds, events, rpcs)
        await _callers(field, rounds, events, rpcs)
        for name, cost_us in sdk_costs.of(events):
            rounds.add(_name(events, name), "µs", cost_us)


async def _callers(field: Contenders, rounds: Rounds, events: int, rpcs: int) -> None:
    for way, name in _CALLERS.items():
        cost_us = await field.callers[way, events].call_us(rpcs)
        rounds.add(_name(events, name), _RPC, cost_us)
    both_us = sum(rounds.latest(_name(events, name)) for name in (DELIVERED, _CALLERS["aio"]))
    rounds.add(_name(events, _WITH_CALLER), _RPC, both_us)


async def _echoes(field: Contenders, rounds: Rounds, events: int, rpcs: int) -> None:
    message = put_events(events).SerializeToString()
    for method, name in ((echo.PARSED, _ECHO), (echo.BYTES, "echo of unread bytes")):
        async with load(method, [message]) as one:
            rounds.add(_name(events, name), _RPC, await echo_us(field.echo, one, rpcs))


async def _durable(field: Contenders, rounds: Rounds, events: int, rpcs: int) -> None:
    async with load(PUT_EVENTS, [put_events(events).SerializeToString()]) as one:
        work = Work(one, rpcs, events)
        spent = await accepted(field.away, work)
        rounds.add_spent(_name(events, ACCEPTED), _RPC, spent, of=rpcs)
        spent = await delivered(field.near, work)
        rounds.add_spent(_name(events, DELIVERED), _RPC, spent, of=rpcs)


async def _awaited(field: Contenders, rounds: Rounds, events: int, rpcs: int) -> None:
    message = put_events(events, delivered=True).SerializeToString()
    # More at once, so that the upstream's latency is no limit.
    async with load(PUT_EVENTS, [message], streams=64) as one:
        work = Work(one, rpcs, events)
        for delay_ms, gateway in ((0, field.near), (DELAY_MS, field.far)):
            spent = await delivered(gateway, work)
            rounds.add_spent(_name(events, _AWAITED[delay_ms]), _RPC, spent, of=rpcs)


def _name(events: int, what: str) -> str:
    return f"{events} event{'s' * (events > 1)}: {what}"


def _ratios(rounds: Rounds, events: int) -> Iterator[Figure]:
    for name in (ACCEPTED, DELIVERED):
        yield rounds.ratio(_name(events, name), _name(events, _ECHO))
    for name in (DELIVERED, _WITH_CALLER):
        for sdk in sdk_names(events):
            yield rounds.ratio(_name(events, name), _name(events, sdk))
