"""Clients that send one event after another, each on a connection of its own."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import grpc
from personalize_gateway.v1.event_service_pb2 import PutEventsRequest
from personalize_gateway.v1.event_service_pb2_grpc import EventServiceStub

from tests.support.messages import event

_IN_FLIGHT = 4
_PAUSE_S = 0.01


@dataclass(slots=True)
class Load:
    """What came of the calls.

    Attributes:
        answers: how often each status was answered.
        accepted: the IDs of the events that were answered OK.
    """

    answers: Counter[grpc.StatusCode] = field(default_factory=Counter)
    accepted: set[str] = field(default_factory=set)
    _next: int = 0
    _answered: asyncio.Event = field(default_factory=asyncio.Event)

    async def more(self, count: int) -> None:
        """Wait until so many more calls were answered."""
        until = self.answers.total() + count
        async with asyncio.timeout(60):
            while self.answers.total() < until:
                self._answered.clear()
                await self._answered.wait()

    async def send(self, channel: grpc.aio.Channel) -> None:
        """Send one event after another until cancelled."""
        stub = EventServiceStub(channel)
        while True:
            self._next += 1
            event_id = f"load-{self._next}"
            try:
                await stub.PutEvents(PutEventsRequest(events=[event(event_id=event_id)]))
            except grpc.aio.AioRpcError as error:
                self.answers[error.code()] += 1
                await asyncio.sleep(_PAUSE_S)
            else:
                self.answers[grpc.StatusCode.OK] += 1
                self.accepted.add(event_id)
            self._answered.set()


@asynccontextmanager
async def under_load(address: str, clients: int) -> AsyncIterator[Load]:
    """Send events as long as the context lasts."""
    load = Load()
    # Connections of their own, so that all processes behind the address get some.
    options = [("grpc.use_local_subchannel_pool", 1)]
    channels = [grpc.aio.insecure_channel(address, options=options) for _ in range(clients)]
    async with asyncio.TaskGroup() as tasks:
        sending = [
            tasks.create_task(load.send(channel)) for channel in channels for _ in range(_IN_FLIGHT)
        ]
        try:
            yield load
        finally:
            for task in sending:
                task.cancel()
    for channel in channels:
        await channel.close()
