"""An AWS account of event trackers that does what the test says, and clocks for watches."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from gateway.api import EventTracker
from gateway.errors import ResourceNotFound
from gateway.trackers.dataset_group import TrackedGroup
from gateway.trackers.shown import shown

ACCOUNT = "arn:aws:personalize:eu-west-1:123456789012:"
GROUP_ARN = f"{ACCOUNT}dataset-group/shop"
CREATED = datetime(2026, 1, 1, tzinfo=UTC)


def tracker(
    name: str = "clicks", status: str = "ACTIVE", tracking_id: str | None = None
) -> dict[str, Any]:
    """Return an event tracker as AWS describes it."""
    return {
        "name": name,
        "eventTrackerArn": f"{ACCOUNT}event-tracker/{name}",
        "trackingId": tracking_id or f"tracking-{name}",
        "status": status,
        "creationDateTime": CREATED,
        "lastUpdatedDateTime": CREATED,
    }


def message(name: str = "clicks", status: str = "ACTIVE") -> EventTracker:
    """Return an event tracker of the dataset group `shop` as the API shows it."""
    return shown("shop", tracker(name, status))


@dataclass
class FakeAccount:
    """Performs operations on the event trackers of one dataset group.

    Attributes:
        trackers: those that there are.
        looks: what DescribeEventTracker answers in turn, or fails with; when there are no more, the
            tracker itself.
        failures: what operations fail with, by their names.
        calls: what was asked for, in order.
        page_size: how many are listed at once.
    """

    trackers: list[dict[str, Any]] = field(default_factory=list)
    looks: list[dict[str, Any] | Exception] = field(default_factory=list)
    failures: dict[str, Exception] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    page_size: int = 100

    async def perform(self, operation: str, **members: object) -> Mapping[str, Any]:
        self.calls.append((operation, members))
        if operation in self.failures:
            raise self.failures[operation]
        perform: Callable[[Mapping[str, Any]], Mapping[str, Any]] = getattr(self, f"_{operation}")
        return perform(members)

    @property
    def group(self) -> TrackedGroup:
        """The dataset group."""
        return TrackedGroup("shop", GROUP_ARN, self.perform)

    def _CreateEventTracker(self, members: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: N802
        self.trackers.append(tracker(members["name"], "CREATE PENDING"))
        created = self.trackers[-1]
        return {name: created[name] for name in ("eventTrackerArn", "trackingId")}

    def _DescribeEventTracker(self, members: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: N802
        look = self.looks.pop(0) if self.looks else self._one(members["eventTrackerArn"])
        if isinstance(look, Exception):
            raise look
        return {"eventTracker": look}

    def _ListEventTrackers(self, members: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: N802
        assert members["datasetGroupArn"] == GROUP_ARN
        first = int(members.get("nextToken", 0))
        last = first + min(self.page_size, members.get("maxResults", 100))
        summaries = [
            {name: value for name, value in found.items() if name != "trackingId"}
            for found in self.trackers[first:last]
        ]
        more = {"nextToken": str(last)} if last < len(self.trackers) else {}
        return {"eventTrackers": summaries, **more}

    def _DeleteEventTracker(self, members: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: N802
        self._one(members["eventTrackerArn"])["status"] = "DELETE PENDING"
        return {}

    def _one(self, arn: str) -> dict[str, Any]:
        for found in self.trackers:
            if found["eventTrackerArn"] == arn:
                return found
        raise ResourceNotFound("DescribeEventTracker", "ResourceNotFoundException", "none")


class SkippingClock:
    """Does not wait: it moves to where it should have waited until.

    Attributes:
        waits: how long each wait was to be, in seconds.
    """

    def __init__(self) -> None:
        self.now_s = 0.0
        self.waits: list[float] = []

    def monotonic(self) -> float:
        return self.now_s

    async def wait(self, event: asyncio.Event, until: float | None) -> None:
        assert until is not None
        assert not event.is_set()
        self.waits.append(until - self.now_s)
        self.now_s = until


class HeldClock:
    """Stands still.

    Attributes:
        waiting: set while somebody waits.
        left: set when nobody waits any more.
    """

    def __init__(self) -> None:
        self.waiting = asyncio.Event()
        self.left = asyncio.Event()

    def monotonic(self) -> float:
        return 0.0

    async def wait(self, event: asyncio.Event, until: float | None) -> None:
        assert until is not None
        self.waiting.set()
        try:
            await event.wait()
        finally:
            self.left.set()
