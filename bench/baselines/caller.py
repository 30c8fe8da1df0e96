"""`python -m bench.baselines.caller WAY TARGET EVENTS`: a service that calls the gateway.

What it pays itself, with so many events in each message, all different, over one connection:

- `blocking`: PutEvents by grpc, one call after another;
- `aio`: PutEvents by grpc.aio on uvloop, several at once;
- `delivered`: the same, answered when the events are delivered;
- `stream`: messages on an Ingest stream, by grpc.aio on uvloop.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from functools import partial
from itertools import count

import grpc
import uvloop
from personalize_gateway.v1.event_service_pb2_grpc import EventServiceStub
from personalize_gateway.v1.ingest_service_pb2 import IngestRequest
from personalize_gateway.v1.ingest_service_pb2_grpc import IngestServiceStub

from bench.baselines.turns import take_turns
from bench.messages import ingest_request, put_events

_IN_FLIGHT = 16
_MESSAGES = count()


def _blocking(target: str, events: int) -> None:
    stub = EventServiceStub(grpc.insecure_channel(target))

    def calls(messages: int) -> None:
        for _ in range(messages):
            stub.PutEvents(put_events(events, _first(events)))

    take_turns(calls)


def _first(events: int) -> int:
    """Return the number of the first event of the next message."""
    return next(_MESSAGES) * events


def _on_loop(way: str, target: str, events: int) -> None:
    calls = _WAYS[way]
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        channel = runner.run(_channel(target))
        take_turns(lambda messages: runner.run(calls(channel, events, messages)))


async def _channel(target: str) -> grpc.aio.Channel:
    return grpc.aio.insecure_channel(target)


async def _calls(
    channel: grpc.aio.Channel, events: int, messages: int, *, delivered: bool = False
) -> None:
    stub, left = EventServiceStub(channel), iter(range(messages))

    async def call() -> None:
        for _ in left:
            await stub.PutEvents(put_events(events, _first(events), delivered=delivered))

    await asyncio.gather(*(call() for _ in range(_IN_FLIGHT)))


async def _stream(channel: grpc.aio.Channel, events: int, messages: int) -> None:
    async def requests() -> AsyncIterator[IngestRequest]:
        for sequence in range(1, messages + 1):
            yield ingest_request(sequence, events, _first(events))

    async for answer in IngestServiceStub(channel).Ingest(requests()):
        assert not answer.refusals, "the gateway refuses the events of the benchmark"


_WAYS: dict[str, Callable[[grpc.aio.Channel, int, int], Coroutine[None, None, None]]] = {
    "aio": _calls,
    "delivered": partial(_calls, delivered=True),
    "stream": _stream,
}

if __name__ == "__main__":
    how, to, many = sys.argv[1:]
    if how == "blocking":
        _blocking(to, int(many))
    else:
        _on_loop(how, to, int(many))
