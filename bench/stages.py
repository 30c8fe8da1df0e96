"""What each stage of the way costs an event, in one process: a regression is found by its name.

A request has ten events of one session, and a call takes all of them. All threads of the process
count. What gRPC and the processes cost around the stages is in the groups `unary` and `stream`.
"""

import asyncio
import gc
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.baselines.events import SESSION_ID, USER_ID
from bench.effort import Effort
from bench.messages import put_events
from bench.results import Figure
from bench.rounds import Rounds
from bench.stages_acceptance import acceptance, prepared
from bench.stages_outbox import OutboxStages
from bench.upstream import Upstream, upstream
from gateway.api import PutEventsRequest
from gateway.delivery.pending import Pending
from gateway.delivery.queues import queue_of
from gateway.encoding.body import events_body
from gateway.encoding.event_id import EventIds
from gateway.identity import Caller
from gateway.outbox.interface import Position, RecordRef
from gateway.personalize.credentials import Credentials
from gateway.personalize.curl_client import CurlClient
from gateway.personalize.signature import Signer
from gateway.personalize.transfer import ConnectionSettings
from gateway.records import Kind, Record

GROUP = "stages"
ALL = "all stages"

EVENTS = 10
_REPEATS = 1000
_IN_FLIGHT = 16
_PATH = "/events"
_HEADERS = ["Content-Type: application/json"]
_CREDENTIALS = Credentials("AKIDEXAMPLE", "secret")

Stage = Callable[[int], Awaitable[None]]
"""Takes so many requests, or calls."""

_NOT_ON_THE_WAY = frozenset({"derive event IDs"})
"""What is done only for callers that send none."""


async def measure(effort: Effort) -> Sequence[Figure]:
    """Measure the group; `bench/README.md` says what the figures mean."""
    rounds, repeats = Rounds(GROUP), effort.of(_REPEATS)
    async with AsyncExitStack() as running:
        stages = await _stages(running)
        for stage in stages.values():
            await stage(repeats)
        for _ in range(effort.rounds):
            costs_us = {name: await _event_us(stage, repeats) for name, stage in stages.items()}
            for name, cost_us in costs_us.items():
                rounds.add(name, "µs an event", cost_us)
            all_us = sum(costs_us[name] for name in costs_us.keys() - _NOT_ON_THE_WAY)
            rounds.add(ALL, "µs an event", all_us)
    return rounds.figures()


async def _event_us(stage: Stage, repeats: int) -> float:
    gc.collect()  # What the stage before has left is not this one's to clear away.
    start_s = time.process_time()
    await stage(repeats)
    return (time.process_time() - start_s) / repeats / EVENTS * 1e6


async def _stages(running: AsyncExitStack) -> Mapping[str, Stage]:
    """Return the stages in the order of the way."""
    data = put_events(EVENTS).SerializeToString()
    request = PutEventsRequest.FromString(data)
    accepting = acceptance()
    derive = EventIds(Caller("web"), "shop").of
    without_ids = PutEventsRequest.FromString(data).events
    for event in without_ids:
        event.event_id = ""
    records = tuple(prepared(accepting, request))
    call = _body(records)
    folder = Path(running.enter_context(TemporaryDirectory()))
    outbox = await running.enter_async_context(OutboxStages.opened(folder, records))
    personalize = await running.enter_async_context(upstream())
    signer = Signer("us-east-1", "127.0.0.1")
    return {
        "parse": _each(lambda: PutEventsRequest.FromString(data)),
        "validate and encode": _each(lambda: prepared(accepting, request)),
        "derive event IDs": _each(lambda: [derive(one) for one in without_ids]),
        "commit": outbox.commit,
        "read": outbox.read,
        "batch": partial(_batch, records),
        "join the body": _each(lambda: _body(records)),
        "sign": _each(lambda: signer.headers(_PATH, call, _CREDENTIALS, datetime.now(UTC))),
        "send": partial(_send, _client(running, personalize), personalize.url + _PATH, call),
        "settle": outbox.settle,
    }


def _each(work: Callable[[], object]) -> Stage:
    async def stage(repeats: int) -> None:
        for _ in range(repeats):
            work()

    return stage


def _body(records: Iterable[Record]) -> bytes:
    elements = [record.element for record in records]
    return events_body("tracking", SESSION_ID, USER_ID, elements)


async def _batch(records: Sequence[Record], calls: int) -> None:
    """Let all records wait, then take them out as calls."""
    queue = queue_of(Kind.EVENTS, linger_s=0.02)
    position = Position((1, 0), 0, 0)
    for _ in range(calls):
        for index, record in enumerate(records):
            queue.add(Pending(RecordRef(position, index), record, "web", "", since_s=0.0))
    for _ in range(calls):
        queue.done(queue.take(0.0))


def _client(running: AsyncExitStack, personalize: Upstream) -> CurlClient:
    client = CurlClient(ConnectionSettings(ca_bundle=str(personalize.ca_bundle)))
    running.push_async_callback(client.close)
    return client


async def _send(client: CurlClient, url: str, body: bytes, calls: int) -> None:
    left = iter(range(calls))

    async def send() -> None:
        for _ in left:
            await client.post(url, body, lambda: _HEADERS)

    await asyncio.gather(*(send() for _ in range(_IN_FLIGHT)))
