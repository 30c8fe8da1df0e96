"""A gateway that was told ARNs and nothing else."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest
import yaml
from personalize_gateway.v1.acknowledgement_pb2 import ACK_LEVEL_DELIVERED
from personalize_gateway.v1.catalog_service_pb2 import PutItemsRequest
from personalize_gateway.v1.catalog_service_pb2_grpc import CatalogServiceStub
from personalize_gateway.v1.event_service_pb2 import PutEventsRequest
from personalize_gateway.v1.event_service_pb2_grpc import EventServiceStub
from personalize_gateway.v1.item_pb2 import Item
from personalize_gateway.v1.tracker_service_pb2 import (
    CreateEventTrackerRequest,
    WatchEventTrackerRequest,
)
from personalize_gateway.v1.tracker_service_pb2_grpc import TrackerServiceStub

from gateway.personalize.emulator import (
    DOCUMENTED_QUOTAS,
    Emulator,
    EmulatorConfig,
    SeedGroup,
)
from gateway.personalize.emulator.config import Delays
from gateway.personalize.emulator.resources import DatasetType
from tests.support.messages import event
from tests.support.refused import refused
from tests.support.served import arrived, serving, until


def schema(name: str, **columns: object) -> dict[str, Any]:
    """Return an Avro schema of a dataset; what may be missing is given as a list with null."""
    return {
        "type": "record",
        "name": name,
        "namespace": "com.amazonaws.personalize.schema",
        "fields": [{"name": column, "type": type_} for column, type_ in columns.items()],
        "version": "1.0",
    }


INTERACTIONS = schema(
    "Interactions",
    USER_ID="string",
    ITEM_ID="string",
    TIMESTAMP="long",
    EVENT_TYPE="string",
    DISCOUNT=["null", "float"],
)
ITEMS = schema(
    "Items", ITEM_ID="string", PRICE="float", CATEGORY_L1="string", STOCK=["null", "int"]
)
OTHER_ITEMS = schema("Items", ITEM_ID="string", PRICE="string", CATEGORY_L1="string")


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    """Two dataset groups with other schemas for items, and one without an event tracker."""
    settings = EmulatorConfig(
        quotas=dict.fromkeys(DOCUMENTED_QUOTAS),
        delays=Delays(create_pending_s=0.3, create_in_progress_s=0.3),
    )
    async with Emulator(settings) as started:
        schemas = {DatasetType.INTERACTIONS: INTERACTIONS, DatasetType.ITEMS: ITEMS}
        started.seed(
            SeedGroup(name="shop", schemas=schemas),
            SeedGroup(name="next", schemas={**schemas, DatasetType.ITEMS: OTHER_ITEMS}),
            SeedGroup(name="new", schemas=schemas, event_tracker=False),
        )
        yield started


@pytest.fixture
def config_file(tmp_path: Path, emulator: Emulator) -> Path:
    """ARNs, and where the emulator is."""
    groups = ("shop", "next", "new")
    path = tmp_path / "gateway.yaml"
    settings = {
        "server": {"listen": "127.0.0.1:0"},
        "outbox": {"path": str(tmp_path / "outbox")},
        "delivery": {"drain": "0s"},
        "dataset_groups": {
            name: {"arn": emulator.dataset_group(name).arn, "endpoint_url": emulator.url}
            for name in groups
        },
        "routes": [
            {
                "name": "storefront",
                "callers": ["*"],
                "kinds": ["events", "items"],
                "dataset_group": "shop",
                "mirror_to": ["next"],
            },
            {"name": "beginning", "callers": ["*"], "kinds": ["events"], "dataset_group": "new"},
        ],
        "admins": ["*"],
    }
    path.write_text(yaml.safe_dump(settings))
    return path


def elements(emulator: Emulator, kind: str, dataset_group: str) -> list[dict[str, Any]]:
    """Return what arrived, properties parsed, times and IDs of events left out."""
    found = [record.parsed() for record in emulator.records(kind, dataset_group)]
    for element in found:
        element["properties"] = json.loads(element["properties"])
    return found


async def test_records_arrive_with_the_types_of_each_dataset(
    config_file: Path, emulator: Emulator
) -> None:
    """In the dataset group of the route, and in its mirror as that one wants them."""
    item = Item(item_id="i1")
    item.properties.update({"price": "12.50", "category_l1": ["shoes", "sale"], "stock": 3})
    seen = event(event_id="e1")
    seen.properties.update({"DISCOUNT": 1})
    async with serving(config_file) as served, grpc.aio.insecure_channel(served.address) as channel:
        await CatalogServiceStub(channel).PutItems(
            PutItemsRequest(items=[item], dataset_group="shop", ack_level=ACK_LEVEL_DELIVERED),
            timeout=60,
        )
        await EventServiceStub(channel).PutEvents(
            PutEventsRequest(events=[seen], dataset_group="shop", ack_level=ACK_LEVEL_DELIVERED),
            timeout=60,
        )
        await until(lambda: len(emulator.records("events", "next")) == 1)
        assert elements(emulator, "items", "shop") == [
            {
                "itemId": "i1",
                "properties": {"price": 12.5, "categoryL1": "shoes|sale", "stock": 3},
            }
        ]
        assert [one["properties"] for one in elements(emulator, "events", "shop")] == [
            {"discount": 1.0}
        ]
        assert elements(emulator, "events", "next") == elements(emulator, "events", "shop")
        # The mirror has no column STOCK: its Personalize refuses, and only the mirror's lane knows.
        await served.logged("records became dead letters", lane="next/items")
        assert elements(emulator, "items", "next") == []


async def test_a_tracker_is_created_watched_and_used(config_file: Path, emulator: Emulator) -> None:
    """Events are refused before there is one, held until it is ACTIVE, and then delivered."""
    request = PutEventsRequest(events=[event(event_id="e1")], dataset_group="new")
    async with serving(config_file) as served, grpc.aio.insecure_channel(served.address) as channel:
        put = EventServiceStub(channel).PutEvents
        error = await refused(put(request, timeout=60))
        assert (error.code, error.reason) == (
            grpc.StatusCode.FAILED_PRECONDITION,
            "KIND_NOT_AVAILABLE",
        )
        trackers = TrackerServiceStub(channel)
        await trackers.CreateEventTracker(
            CreateEventTrackerRequest(dataset_group="new", name="first"), timeout=60
        )
        watched = [
            response.event_tracker.aws_status
            async for response in trackers.WatchEventTracker(
                WatchEventTrackerRequest(dataset_group="new", name="first"), timeout=60
            )
        ]
        assert watched[-1] == "ACTIVE"
        described = await served.logged(
            "what is known of a dataset group has changed", dataset_group="new", tracker="ACTIVE"
        )
        assert described["level"] == "info"
        await _accepted(put, request)
        await until(lambda: arrived(emulator) == {"e1"})


async def _accepted(put: Any, request: PutEventsRequest) -> None:
    """Send until it is taken: an ingest process learns of the tracker a moment later."""
    async with asyncio.timeout(60):
        while True:
            try:
                await put(request, timeout=60)
            except grpc.aio.AioRpcError as error:
                if error.code() is not grpc.StatusCode.FAILED_PRECONDITION:
                    raise
            else:
                return
