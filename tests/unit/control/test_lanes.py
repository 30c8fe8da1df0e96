"""Operating the lanes over the control socket."""

import asyncio
import contextlib
import re
import stat
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random

import pytest

from gateway.clock import SystemClock
from gateway.control.client import ControlClient, ControlRefused, ControlUnavailable
from gateway.control.lanes import changed, lane_routes, listed, purged
from gateway.control.server import SOCKET_NAME, ControlServer
from gateway.dataset_group import DatasetFacts, DatasetGroupFacts
from gateway.delivery.destination import Destination
from gateway.delivery.engine import Delivery, DeliverySettings
from gateway.errors import LaneBlocked
from gateway.outbox.interface import DELIVERED, DISCARDED
from gateway.outbox.memory import MemoryOutbox
from gateway.personalize.call import Call, Endpoint
from gateway.records import Chunk, Kind, Lane, Record

LANE = Lane("shop", Kind.ITEMS)
FACTS = DatasetGroupFacts("shop", "arn:shop", datasets={Kind.ITEMS: DatasetFacts("arn")})


class _DataPlane:
    """Refuses to work until it is mended."""

    def __init__(self) -> None:
        self.mended = False
        self.called = asyncio.Event()

    async def put(self, call: Call) -> None:
        del call
        self.called.set()
        if not self.mended:
            raise LaneBlocked("AccessDeniedException")

    async def close(self) -> None:
        pass


@pytest.fixture
async def data_plane() -> _DataPlane:
    """What the lane's calls meet."""
    return _DataPlane()


@pytest.fixture
async def outbox() -> MemoryOutbox:
    """Holds what is to be delivered."""
    return MemoryOutbox()


@pytest.fixture
async def control(
    tmp_path: Path, data_plane: _DataPlane, outbox: MemoryOutbox
) -> AsyncIterator[ControlClient]:
    """A client of a delivery process whose lanes do not give up a park by themselves."""
    delivery = Delivery(
        outbox,
        data_plane,
        {"shop": Destination(Endpoint("eu-west-1"), FACTS)},
        DeliverySettings(linger_s=0.0, quotas=dict.fromkeys(Kind, 1e6), call_timeout_s=1.0),
        clock=SystemClock(),
        random=Random(1),
    )
    running = asyncio.create_task(delivery.run())
    server = ControlServer(tmp_path, lane_routes(delivery))
    await server.start()
    async with ControlClient(tmp_path) as client:
        yield client
    await server.stop()
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running


def _chunk(record_id: str) -> Chunk:
    return Chunk(LANE, "web", "storefront", (Record(record_id, b"{}"),))


async def _state(control: ControlClient) -> tuple[bool, str | None]:
    (lane,) = await listed(control)
    return lane["paused"], lane["parked"]


async def _is_parked(control: ControlClient) -> bool:
    return any(lane["parked"] for lane in await listed(control))


async def _until_parked(control: ControlClient) -> None:
    async with asyncio.timeout(60):
        while not await _is_parked(control):  # noqa: ASYNC110 - a socket has no event
            await asyncio.sleep(0.001)


async def test_a_parked_lane_is_named_and_flows_when_it_is_resumed(
    control: ControlClient, data_plane: _DataPlane, outbox: MemoryOutbox
) -> None:
    """An operator who has mended what was wrong need not wait for the next probe."""
    (position,) = await outbox.append([_chunk("a")])
    await _until_parked(control)
    assert await _state(control) == (False, "AccessDeniedException")
    data_plane.mended = True
    await changed(control, str(LANE), "resume")
    await outbox.outcomes([position])
    assert await _state(control) == (False, None)


async def test_the_list_says_how_a_lane_is(control: ControlClient, outbox: MemoryOutbox) -> None:
    """All that an operator has to know of it, under names of their own."""
    await outbox.append([_chunk("a")])
    await _until_parked(control)
    (lane,) = await listed(control)
    times = [lane.pop(name) for name in ("stopped_for_s", "next_call_in_s", "oldest_s")]
    assert [type(time) for time in times] == [float] * 3
    del lane["bytes_ahead"]
    assert lane == {
        "lane": "shop/items",
        "paused": False,
        "parked": "AccessDeniedException",
        "backing_off": None,
        "records_ahead": 1,
        "calls_in_flight": 0,
        "rate_per_s": 1e6,
    }


async def test_a_paused_lane_sends_nothing(
    control: ControlClient, data_plane: _DataPlane, outbox: MemoryOutbox
) -> None:
    """Its records stay until it is resumed."""
    data_plane.mended = True
    (first,) = await outbox.append([_chunk("a")])
    await outbox.outcomes([first])
    await changed(control, str(LANE), "pause")
    data_plane.called.clear()
    (second,) = await outbox.append([_chunk("b")])
    assert await _state(control) == (True, None)
    assert not data_plane.called.is_set()
    await changed(control, str(LANE), "resume")
    await outbox.outcomes([second])
    assert data_plane.called.is_set()


async def test_a_purged_lane_has_nothing_left_to_send(
    control: ControlClient, data_plane: _DataPlane, outbox: MemoryOutbox
) -> None:
    """Its records are discarded; what comes afterwards is delivered."""
    positions = [(await outbox.append([_chunk(record_id)]))[0] for record_id in "abc"]
    await _until_parked(control)
    assert await purged(control, str(LANE)) == 3
    assert await outbox.outcomes(positions) == [(DISCARDED,)] * 3
    data_plane.mended = True
    await changed(control, str(LANE), "resume")
    (later,) = await outbox.append([_chunk("d")])
    assert await outbox.outcomes([later]) == [(DELIVERED,)]


@pytest.mark.parametrize("change", ["pause", "resume", "purge"])
@pytest.mark.parametrize(
    ("lane", "said"),
    [
        ("shop/users", "lane shop/users had no record since the start; these had: shop/items"),
        ("outlet/items", "there is no dataset group 'outlet'; there are: shop"),
        ("shop/hats", "lane shop/hats had no record since the start; these had: shop/items"),
    ],
)
async def test_a_lane_that_is_not_there_is_an_error(
    control: ControlClient, outbox: MemoryOutbox, lane: str, said: str, change: str
) -> None:
    """The answer names it, and those that are."""
    await outbox.append([_chunk("a")])
    await _until_parked(control)
    with pytest.raises(ControlRefused, match=f"^{re.escape(said)}$"):
        await (purged(control, lane) if change == "purge" else changed(control, lane, change))


async def test_the_socket_is_the_owners(control: ControlClient, tmp_path: Path) -> None:
    """Nobody else may open it."""
    await listed(control)
    assert stat.S_IMODE((tmp_path / SOCKET_NAME).stat().st_mode) == 0o600


async def test_without_a_gateway_the_client_says_where_it_looked(tmp_path: Path) -> None:
    """A message for somebody who has named the wrong directory."""
    async with ControlClient(tmp_path) as control:
        with pytest.raises(ControlUnavailable, match=str(tmp_path / SOCKET_NAME)):
            await listed(control)
