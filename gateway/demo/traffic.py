"""A few seconds of the shop: its services at work at the same time."""

import asyncio
from collections.abc import Sequence
from random import Random

import grpc
from google.protobuf.timestamp_pb2 import Timestamp
from personalize_gateway.v1.event_pb2 import Event
from personalize_gateway.v1.event_service_pb2 import PutEventsRequest
from personalize_gateway.v1.ingest_service_pb2 import IngestRecord
from personalize_gateway.v1.item_pb2 import Item
from personalize_gateway.v1.user_pb2 import User

from gateway.cli.failure import Failure
from gateway.demo.client import Client
from gateway.demo.ledger import Ledger
from gateway.demo.shop import Page, Shop
from gateway.records import Kind

_VISITS = 200
_APP_VISITS = 40
_APP_OFFERS = 120
_APP_BATCH_RECORDS = 25
_ROUNDS = 4

_OPEN_S = 2.0
"""How long visits begin. In a demo, time runs fast."""

_PAGE_S = 0.15
"""How long a visitor looks at a page, at most."""


class Traffic:
    """What each service of the shop is going to send. The same seed makes the same.

    Args:
        random: decides everything.
        now_s: when the shop opens, in seconds since the Unix epoch.
    """

    def __init__(self, random: Random, now_s: int) -> None:
        self._random = random
        shop = Shop(random, now_s)
        self._products = shop.new_products(100)
        self._actions = shop.actions()
        visits = iter([*shop.visit(n)] for n in range(_VISITS + _APP_VISITS + 1))
        self._visits = [next(visits) for _ in range(_VISITS)]
        self._app_events = [
            event for _ in range(_APP_VISITS) for page in next(visits) for event in page
        ]
        self._repeated_page = next(visits)[0]
        self._offers = [shop.offer(number) for number in range(_APP_OFFERS)]
        self._changes = [[*shop.price_changes(40), *shop.new_products(3)] for _ in range(_ROUNDS)]
        self._users = [shop.users(60) for _ in range(_ROUNDS)]
        self._faulty = _faulty_request(now_s)

    async def play(self, channel: grpc.aio.Channel, ledger: Ledger) -> Failure:
        """Send all of it, and return what the gateway answered to a request that breaks rules.

        Args:
            channel: to the gateway.
            ledger: where what is sent is noted.
        """
        web_shop, catalogue, accounts, marketing, app = (
            Client(channel, name, ledger)
            for name in ("web-shop", "catalogue", "accounts", "marketing", "app")
        )
        await catalogue.put(Kind.ITEMS, self._products)
        await marketing.put(Kind.ACTIONS, self._actions)
        async with asyncio.TaskGroup() as services:
            services.create_task(self._visit_all(web_shop))
            services.create_task(_put_rounds(catalogue, Kind.ITEMS, self._changes))
            services.create_task(_put_rounds(accounts, Kind.USERS, self._users))
            services.create_task(app.ingest(self._app_batches()))
        for _ in range(2):  # As a client does that has not seen the first answer.
            await web_shop.put(Kind.EVENTS, self._repeated_page)
        return await web_shop.put_refused(self._faulty)

    async def _visit_all(self, client: Client) -> None:
        async with asyncio.TaskGroup() as visitors:
            for pages in self._visits:
                visitors.create_task(self._visit(client, pages))
                await asyncio.sleep(_OPEN_S / _VISITS)

    async def _visit(self, client: Client, pages: Sequence[Page]) -> None:
        """Send each page by itself, with pauses, as a web shop does."""
        for page in pages:
            await client.put(Kind.EVENTS, page)
            await asyncio.sleep(self._random.uniform(0, _PAGE_S))

    def _app_batches(self) -> list[list[IngestRecord]]:
        """Return what an app has collected while it was offline; it has lost one session."""
        for number, event in enumerate(self._app_events):
            event.event_id = f"app-{number}"
        self._app_events[0].session_id = "null"
        records = [IngestRecord(event=event) for event in self._app_events]
        records += [IngestRecord(action_interaction=offer) for offer in self._offers]
        starts = range(0, len(records), _APP_BATCH_RECORDS)
        return [records[start : start + _APP_BATCH_RECORDS] for start in starts]


async def _put_rounds(
    client: Client, kind: Kind, rounds: Sequence[Sequence[Item] | Sequence[User]]
) -> None:
    """Send changes faster than Personalize's quota lets them through."""
    for records in rounds:
        await client.put(kind, records)
        await asyncio.sleep(_OPEN_S / _ROUNDS)


def _faulty_request(now_s: int) -> PutEventsRequest:
    milliseconds = Event(
        session_id="session-1",
        event_type="View",
        event_time=Timestamp(seconds=now_s * 1000),
        item_id="item-1",
    )
    purchase = Event(
        session_id="undefined",
        user_id="",
        event_type="Purchase",
        event_time=Timestamp(seconds=now_s),
        item_id="item-2",
    )
    purchase.properties.update({"timestamp": now_s})
    return PutEventsRequest(events=[milliseconds, purchase])
