"""A control plane that does what the test says, and a clock that the test moves."""

import asyncio
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.dataset_group import DatasetFacts, DatasetGroupFacts, TrackerFacts, with_schema
from gateway.discovery import Source
from gateway.errors import ResourceNotFound
from gateway.personalize.call import Endpoint
from gateway.records import Kind

ARN = "arn:aws:personalize:eu-west-1:123456789012:"
GROUP_ARN = f"{ARN}dataset-group/shop"
ENDPOINT = Endpoint("eu-west-1", None, "arn:aws:iam::123456789012:role/shop")
SOURCE = Source(DatasetGroupFacts("shop", GROUP_ARN), ENDPOINT)
ITEMS_AVRO = json.dumps(
    {
        "type": "record",
        "name": "Items",
        "namespace": "com.amazonaws.personalize.schema",
        "fields": [
            {"name": "ITEM_ID", "type": "string"},
            {"name": "PRICE", "type": ["null", "float"]},
        ],
        "version": "1.0",
    }
)
TRACKER = TrackerFacts("clicks", f"{ARN}event-tracker/1", "track-1", "ACTIVE")
ITEMS = with_schema(
    DatasetFacts(f"{ARN}dataset/shop/ITEMS", "ACTIVE", f"{ARN}schema/items", None, ITEMS_AVRO)
)
ACTS = DatasetFacts(f"{ARN}dataset/shop/ACTION_INTERACTIONS", "ACTIVE", tracking_id="act-1")
SHOP = DatasetGroupFacts(
    "shop",
    GROUP_ARN,
    TRACKER,
    {Kind.ITEMS: ITEMS, Kind.ACTION_INTERACTIONS: ACTS},
    refreshed_at_s=1000.0,
)
"""What AWS tells of the dataset group that `FakeControlPlane` begins with."""


def tracker(number: int = 1, status: str = "ACTIVE") -> dict[str, Any]:
    """Return an event tracker as it is described."""
    return {
        "name": "clicks",
        "eventTrackerArn": f"{ARN}event-tracker/{number}",
        "trackingId": f"track-{number}",
        "status": status,
        "creationDateTime": number,
    }


def dataset(type_: str, status: str = "ACTIVE", **more: object) -> dict[str, Any]:
    """Return a dataset as it is described."""
    return {
        "datasetArn": f"{ARN}dataset/shop/{type_.upper()}",
        "datasetType": type_,
        "status": status,
        **more,
    }


@dataclass
class FakeControlPlane:
    """Has one dataset group.

    Attributes:
        failures: what operations fail with, by their names.
        calls: how often each operation was asked for.
        endpoints: who was asked.
        asked: set by each call.
        gate: calls wait for it.
    """

    trackers: list[dict[str, Any]] = field(default_factory=lambda: [tracker()])
    datasets: list[dict[str, Any]] = field(
        default_factory=lambda: [
            dataset("Items", schemaArn=f"{ARN}schema/items"),
            dataset("Action_Interactions", trackingId="act-1"),
        ]
    )
    schemas: dict[str, str] = field(default_factory=lambda: {f"{ARN}schema/items": ITEMS_AVRO})
    failures: dict[str, Exception] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    endpoints: set[Endpoint] = field(default_factory=set)
    gate: asyncio.Event | None = None

    async def perform(
        self, endpoint: Endpoint, operation: str, **members: object
    ) -> Mapping[str, Any]:
        self.calls[operation] += 1
        self.endpoints.add(endpoint)
        error = self.failures.get(operation)
        if self.gate:
            await self.gate.wait()
        if error:
            raise error
        match operation:
            case "DescribeDatasetGroup":
                return {"datasetGroup": {"datasetGroupArn": members["datasetGroupArn"]}}
            case "ListEventTrackers":
                return _page("eventTrackers", self.trackers, "trackingId", **members)
            case "ListDatasets":
                return _page("datasets", self.datasets, "trackingId", **members)
            case "DescribeEventTracker":
                arn = members["eventTrackerArn"]
                return {"eventTracker": _one(self.trackers, "eventTrackerArn", arn)}
            case "DescribeDataset":
                return {"dataset": _one(self.datasets, "datasetArn", members["datasetArn"])}
            case _:
                assert operation == "DescribeSchema"
                return {"schema": {"schema": self.schemas[str(members["schemaArn"])]}}

    async def close(self) -> None:
        pass


def _one(described: list[dict[str, Any]], key: str, arn: object) -> dict[str, Any]:
    found = [one for one in described if one[key] == arn and not one.get("gone")]
    if not found:
        raise ResourceNotFound("Describe", "ResourceNotFoundException")
    return found[0]


def _page(
    member: str, described: list[dict[str, Any]], hidden: str, **members: Any
) -> Mapping[str, Any]:
    """Return summaries, which tell less than descriptions."""
    start = int(members.get("nextToken", 0))
    end = start + members["maxResults"]
    shown = [{k: v for k, v in one.items() if k != hidden} for one in described[start:end]]
    more = {"nextToken": str(end)} if end < len(described) else {}
    return {member: shown, **more}


class FailingOnce(dict[str, Exception]):
    """Failures that pass when they were met."""

    def get(self, operation: str, default: Any = None) -> Any:
        return self.pop(operation, default)


class MovedClock:
    """Stands until the test moves it to when somebody waits for it."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self._waiting: list[tuple[float, asyncio.Event]] = []

    def monotonic(self) -> float:
        return self.now_s

    async def wait(self, event: asyncio.Event, until: float | None) -> None:
        assert until is not None
        moved = asyncio.Event()
        entry = until, moved
        self._waiting.append(entry)
        waits = [asyncio.ensure_future(one.wait()) for one in (event, moved)]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._waiting.remove(entry)
            for one in waits:
                one.cancel()

    async def awaited(self) -> float:
        """Return the earliest time that somebody waits for, once all have come to rest."""
        for _ in range(1000):
            for _ in range(100):
                await asyncio.sleep(0)
            if self._waiting:
                return min(until for until, _ in self._waiting)
        raise AssertionError("nobody waits")

    def jump(self, now_s: float) -> None:
        """Move to a time, and wake all who wait."""
        self.now_s = now_s
        for _, moved in self._waiting:
            moved.set()

    async def move(self) -> float:
        """Move to the earliest time that is waited for; return by how much."""
        before_s = self.now_s
        self.jump(await self.awaited())
        await self.awaited()
        return self.now_s - before_s
