"""A user forgotten, and a lane purged, while the backlog of an earlier start is being scanned."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import pytest

from gateway.clock import SystemClock
from gateway.delivery.engine import Delivery, DeliverySettings
from gateway.outbox import backlog
from gateway.outbox.sqlite import SqliteOutbox
from gateway.personalize.call import Call
from gateway.records import Chunk, Kind, Lane, Record

ITEMS, USERS = Lane("shop", Kind.ITEMS), Lane("shop", Kind.USERS)


class _NoPersonalize:
    async def put(self, call: Call) -> None:
        raise AssertionError(f"{call.operation} of a dataset group that is not configured")

    async def close(self) -> None:
        pass


@pytest.fixture
async def outbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SqliteOutbox]:
    """What an earlier start has left: a hundred chunks of items, and behind them one of users."""
    monkeypatch.setattr(backlog, "_SCAN_CHUNKS", 3)
    before = SqliteOutbox.open(tmp_path, {})
    item, users = Record("i", b'{"itemId":"i"}'), [Record(u, b"{}") for u in ("u1", "u2")]
    chunks = [Chunk(ITEMS, "web", "storefront", (item,))] * 100
    await before.append([*chunks, Chunk(USERS, "web", "storefront", tuple(users))])
    await before.close()
    after = SqliteOutbox.open(tmp_path, {})
    yield after
    await after.close()


@asynccontextmanager
async def _delivering(outbox: SqliteOutbox) -> AsyncIterator[Delivery]:
    settings = DeliverySettings(linger_s=0.0, quotas=dict.fromkeys(Kind, 10.0), call_timeout_s=1.0)
    delivery = Delivery(
        outbox, _NoPersonalize(), {}, settings, clock=SystemClock(), random=Random(1)
    )
    running = asyncio.create_task(delivery.run())
    try:
        yield delivery
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


async def test_a_lane_is_known_when_the_outbox_has_caught_up(outbox: SqliteOutbox) -> None:
    """Before, the first of a backlog is."""
    assert await outbox.lanes() == {ITEMS}
    await outbox.caught_up()
    assert await outbox.lanes() == {ITEMS, USERS}


async def test_a_user_is_forgotten_at_the_end_of_a_backlog(outbox: SqliteOutbox) -> None:
    """However much lies before it."""
    async with _delivering(outbox) as delivery:
        assert await delivery.forget_user("u1") == 1
        (chunk,) = await outbox.read(USERS, after=None, max_records=10, max_bytes=1000)
        assert chunk.settled == {0}


async def test_a_lane_is_purged_of_all_of_a_backlog(outbox: SqliteOutbox) -> None:
    """And nothing of another lane."""
    async with _delivering(outbox) as delivery:
        assert await delivery.discard(ITEMS, lambda _: True) == 100
        assert await outbox.lanes() == {USERS}
