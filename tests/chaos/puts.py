"""Clients with unary calls: events, and updates of items in their causal order."""

import asyncio
from collections.abc import Sequence
from random import Random
from typing import ClassVar

import grpc
from personalize_gateway.v1.catalog_service_pb2 import PutItemsRequest
from personalize_gateway.v1.catalog_service_pb2_grpc import CatalogServiceStub
from personalize_gateway.v1.event_service_pb2 import PutEventsRequest
from personalize_gateway.v1.event_service_pb2_grpc import EventServiceStub

from tests.chaos.connection import CALL_S, Connection, metadata
from tests.chaos.ledger import Ledger, Version
from tests.chaos.messages import events, item
from tests.chaos.pace import Pace


class EventPuts:
    """Puts events, again and again under the same IDs until they are taken."""

    EVENTS: ClassVar = 5
    """How many a request has."""

    def __init__(self, connection: Connection, ledger: Ledger) -> None:
        self._connection = connection
        self._ledger = ledger

    async def put(self, event_ids: Sequence[str]) -> None:
        """Put events of these IDs."""
        self._ledger.sent.update(event_ids)
        request = PutEventsRequest(events=events(event_ids))
        while True:
            stub = EventServiceStub(self._connection.channel())
            try:
                await stub.PutEvents(request, timeout=CALL_S, metadata=metadata("put"))
            except grpc.aio.AioRpcError as error:
                if not await self._connection.failed("PutEvents", error):
                    return
            else:
                self._ledger.accepted.update(event_ids)
                return


class ItemUpdates:
    """Updates items. The next update of an item is sent when the one before it was taken.

    An item's updates take turns between the connections, so that they come to the gateway by
    different ingest processes.

    Args:
        random: chooses item and caller.
        items: how many items there are.
        callers: how many callers.
        bad_share: the share of updates that are marked to be refused.
    """

    def __init__(
        self,
        connections: Sequence[Connection],
        ledger: Ledger,
        random: Random,
        *,
        items: int,
        callers: int,
        bad_share: float,
    ) -> None:
        self._connections = connections
        self._ledger = ledger
        self._random = random
        self._callers = callers
        self._bad_share = bad_share
        self._idle = [Version(f"item-{number}", 0) for number in range(1, items + 1)]
        self._count = items

    async def run(self, stopping: asyncio.Event, pace: Pace) -> None:
        """Update until told to stop and all is answered."""
        async with asyncio.TaskGroup() as tasks:
            while not stopping.is_set():
                await pace.turn()
                if self._idle:
                    place = self._random.randrange(len(self._idle))
                    self._idle[place], self._idle[-1] = self._idle[-1], self._idle[place]
                    item_id, version = self._idle.pop()
                    tasks.create_task(self._update(Version(item_id, version + 1)))

    async def _update(self, update: Version) -> None:
        self._ledger.sent.add(update)
        if await self._taken(update):
            self._ledger.accepted.add(update)
            self._idle.append(update)
        else:
            # It may still be taken later, and then after what would be sent next.
            self._count += 1
            self._idle.append(Version(f"item-{self._count}", 0))

    async def _taken(self, update: Version) -> bool:
        bad = self._random.random() < self._bad_share
        request = PutItemsRequest(items=[item(update, bad=bad)])
        caller = metadata(f"caller-{self._random.randrange(self._callers)}")
        turn = update.version
        while True:
            connection = self._connections[turn % len(self._connections)]
            stub = CatalogServiceStub(connection.channel())
            try:
                await stub.PutItems(request, timeout=CALL_S, metadata=caller)
            except grpc.aio.AioRpcError as error:
                again = await connection.failed("PutItems", error)
                if not again or error.code() is grpc.StatusCode.DEADLINE_EXCEEDED:
                    return False
                turn += 1
            else:
                return True
