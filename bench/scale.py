"""Group 4: what grows, and what does not: workers, connections, sessions, and a scarce quota.

Load, upstream and gateway share two cores, so a second worker cannot show that a gateway is twice
as fast. It shows that workers are not in each other's way: that an event costs no more CPU time.

Connections are made within the measurement; over each of a thousand go ten requests.
"""

from collections.abc import Iterator
from random import Random

from personalize_gateway.v1.ingest_service_pb2 import IngestRequest

from bench import scale_quota
from bench.effort import Effort
from bench.gateway import gateway
from bench.load import Load, load
from bench.messages import INGEST, PUT_EVENTS, event, put_events
from bench.results import Figure
from bench.rounds import Rounds
from bench.trial import Spent, Work, delivered
from bench.upstream import upstream

GROUP = "scale"
WORKERS = (1, 2)
CONNECTIONS = (1, 10, 100, 1_000)
SESSIONS = (1, 10, 100, 1_000, 10_000, 100_000)
ROUNDS = 3

_REQUESTS = 10_000
_UNDER_WAY = 64
_MESSAGES = 1_000
_EVENTS_A_MESSAGE = 100


async def measure(effort: Effort) -> list[Figure]:
    """Return what an event costs with so many workers, connections, sessions, and few calls.

    Raises:
        LoadFailed, NotAsSent: not all that was sent was accepted.
        TimeoutError: not all was delivered.
    """
    rounds = Rounds(GROUP)
    for _ in range(min(effort.rounds, ROUNDS)):
        await _workers(rounds, effort)
        await _connections(rounds, effort)
        await _sessions(rounds, effort)
    return [*rounds.figures(), *await scale_quota.measure(effort)]


async def _workers(rounds: Rounds, effort: Effort) -> None:
    message = put_events(1).SerializeToString()
    async with upstream() as personalize, load(PUT_EVENTS, [message], connections=16) as one:
        for workers in WORKERS:
            async with gateway(upstream=personalize, workers=workers) as running:
                work = Work(one, effort.of(_REQUESTS), events=1)
                await delivered(running, work)  # The first requests of a process cost more.
                spent = await delivered(running, work)
            rounds.add(f"{_of(workers, 'worker')}: unary, 1 event", "µs", _each_us(spent, work))


async def _connections(rounds: Rounds, effort: Effort) -> None:
    message = put_events(1).SerializeToString()
    async with (
        upstream() as personalize,
        gateway(upstream=personalize) as running,
        load(PUT_EVENTS, [message]) as any_number,
    ):
        for number in CONNECTIONS:
            streams = max(1, _UNDER_WAY // number)
            one = Load(PUT_EVENTS, any_number.body, number, streams)
            work = Work(one, max(effort.of(_REQUESTS), number), events=1)
            spent = await delivered(running, work)
            name = f"{_of(number, 'connection')}: unary, 1 event"
            rounds.add(name, "µs", _each_us(spent, work))
            rounds.add(f"{name}, accepted and delivered", "1/s", work.requests / spent.wall_s)


async def _sessions(rounds: Rounds, effort: Effort) -> None:
    async with upstream() as personalize, gateway(upstream=personalize) as running:
        for sessions in SESSIONS:
            messages = effort.of(_MESSAGES)
            async with load(INGEST, _stream(messages, sessions), connections=1) as stream:
                work = Work(stream, 1, messages * _EVENTS_A_MESSAGE)
                before = await personalize.calls()
                spent = await delivered(running, work)
                calls = await personalize.calls() - before
            name = f"{_of(sessions, 'session')}: stream"
            rounds.add(f"{name}, events a call", "events", work.all_events / calls)
            rounds.add(f"{name}, an event", "µs", _each_us(spent, work))
            rounds.add(
                f"{name}, accepted and delivered", "events/s", work.all_events / spent.wall_s
            )


def _stream(messages: int, sessions: int) -> Iterator[bytes]:
    """Yield the messages of a stream, whose events are of sessions drawn at random."""
    random, message = Random(sessions), IngestRequest()
    for sequence in range(1, messages + 1):
        message.sequence = sequence
        del message.records[:]
        for number in range(_EVENTS_A_MESSAGE):
            session_id = f"session-{random.randrange(sessions):010}"
            message.records.add().event.CopyFrom(event(number, session_id))
        yield message.SerializeToString()


def _each_us(spent: Spent, work: Work) -> float:
    return spent.cpu.total_us / work.all_events


def _of(number: int, what: str) -> str:
    return f"{number:,} {what}{'s' * (number > 1)}"
