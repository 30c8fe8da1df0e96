"""Delivery with what discovery finds, against the emulator."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from random import Random

import pytest

from gateway import embedded
from gateway.clock import SystemClock
from gateway.config import DatasetGroup
from gateway.dataset_group import DatasetGroupFacts
from gateway.delivery.engine import Delivery, DeliverySettings
from gateway.delivery.pace import PaceSettings
from gateway.destinations import destinations
from gateway.discovery import Discovery, sources
from gateway.outbox.interface import DELIVERED
from gateway.outbox.memory import MemoryOutbox
from gateway.personalize.call import Endpoint
from gateway.personalize.control_plane import BotoControlPlane
from gateway.personalize.data_plane import HttpDataPlane
from gateway.personalize.emulator import Delays, Emulator, EmulatorConfig, Status
from gateway.records import Chunk, Kind, Lane, Record
from tests.support.hurried_clock import HurriedClock

LANE = Lane("late", Kind.EVENTS)
SETTINGS = DeliverySettings(
    linger_s=0.0,
    quotas=dict.fromkeys(Kind, 1e6),
    call_timeout_s=60.0,
    pace=PaceSettings(probe_interval_s=0.02),
)


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    """A Personalize whose dataset group `late` has no event tracker yet."""
    # No state passes by itself: the test says which there is.
    async with Emulator(EmulatorConfig(delays=Delays(*[86_400.0] * 4))) as started:
        late = {"name": "late", "event_tracker": False}
        started.seed(embedded.SEED.model_copy(update=late))
        yield started


@pytest.fixture
async def control_plane(emulator: Emulator) -> AsyncIterator[BotoControlPlane]:
    """Asks the emulator."""
    plane = BotoControlPlane(embedded.credentials(emulator))
    yield plane
    await plane.close()


@pytest.fixture
def groups(emulator: Emulator) -> Mapping[str, DatasetGroup]:
    """Nothing but the ARN."""
    arn = emulator.config.arn("dataset-group/late")
    return {"late": DatasetGroup(arn=arn, endpoint_url=emulator.url)}


@pytest.fixture
def outbox() -> MemoryOutbox:
    """Holds what is to be delivered."""
    return MemoryOutbox()


@pytest.fixture
async def delivery(
    emulator: Emulator,
    control_plane: BotoControlPlane,
    groups: Mapping[str, DatasetGroup],
    outbox: MemoryOutbox,
) -> AsyncIterator[Delivery]:
    """Delivers where discovery finds that it may, and says where it cannot."""

    def blocked(lane: Lane, _code: str) -> None:
        discovery.wanted(lane.dataset_group)

    def changed(facts: Mapping[str, DatasetGroupFacts]) -> None:
        delivering.reconfigure(destinations(groups, facts), SETTINGS)

    discovery = Discovery(
        control_plane,
        sources(groups),
        refresh_s=86_400.0,
        clock=HurriedClock(),
        random=Random(1),
        on_change=changed,
    )
    data_plane = HttpDataPlane(embedded.credentials(emulator))
    delivering = Delivery(
        outbox,
        data_plane,
        destinations(groups),
        SETTINGS,
        clock=SystemClock(),
        random=Random(1),
        on_blocked=blocked,
    )
    tasks = [asyncio.create_task(one.run()) for one in (discovery, delivering)]
    yield delivering
    for task in tasks:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    await data_plane.close()


async def _until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 - delivery tells nobody that a lane is parked
            await asyncio.sleep(0.005)


async def test_events_are_held_until_their_tracker_is_active(
    emulator: Emulator,
    control_plane: BotoControlPlane,
    groups: Mapping[str, DatasetGroup],
    outbox: MemoryOutbox,
    delivery: Delivery,
) -> None:
    """From the ARN alone, with a tracker that is made while they wait."""
    event = {"eventId": "e", "eventType": "Click", "sentAt": int(time.time()), "itemId": "i"}
    record = Record("e", json.dumps(event).encode(), "session", "user")
    (position,) = await outbox.append([Chunk(LANE, "web", "storefront", (record,))])
    await _until(lambda: delivery.parked_lanes == {LANE: "NotConfigured"})

    group = groups["late"]
    created = await control_plane.perform(
        Endpoint(group.region, emulator.url),
        "CreateEventTracker",
        name="late",
        datasetGroupArn=group.arn,
    )
    emulator.force_status(created["eventTrackerArn"], Status.CREATE_PENDING)
    await _until(lambda: delivery.parked_lanes == {LANE: "TrackerNotActive"})
    sent_before = emulator.records()

    emulator.force_status(created["eventTrackerArn"], Status.ACTIVE)
    assert await outbox.outcomes([position]) == [(DELIVERED,)]
    taken = [(found.kind, json.loads(found.element)) for found in emulator.records()]
    assert (sent_before, taken) == ([], [("events", event)])
