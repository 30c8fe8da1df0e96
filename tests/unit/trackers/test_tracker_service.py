"""What TrackerService does, without gRPC."""

from random import Random
from typing import Any

import pytest
from structlog.testing import capture_logs

from gateway.acceptance import InvalidRequest
from gateway.api import (
    CreateEventTrackerRequest,
    DeleteEventTrackerRequest,
    DescribeEventTrackerRequest,
    ListEventTrackersRequest,
    ListEventTrackersResponse,
    WatchEventTrackerRequest,
)
from gateway.errors import AccessDenied, ControlPlaneUnavailable, ResourceNotFound
from gateway.routing.errors import DatasetGroupUnknown
from gateway.trackers.pace import Pace
from gateway.trackers.service import TrackerService
from gateway.trackers.shown import shown
from gateway.trackers.watch import Watch
from gateway.validation.validator import Validator
from tests.support.trackers import FakeAccount, SkippingClock, message, tracker

VALIDATOR = Validator()
CREATE = CreateEventTrackerRequest(dataset_group="shop", name="clicks")
DESCRIBE = DescribeEventTrackerRequest(dataset_group="shop", name="clicks")
DELETE = DeleteEventTrackerRequest(dataset_group="shop", name="clicks")
WATCH = WatchEventTrackerRequest(dataset_group="shop", name="clicks")


def service(account: FakeAccount, changed: list[str] | None = None) -> TrackerService:
    """Return a service for the dataset groups `shop` and `outlet`."""
    groups = {"shop": account.group, "outlet": account.group}
    watch = Watch(SkippingClock(), Random(0), Pace())
    return TrackerService(groups, VALIDATOR, watch, changed.append if changed is not None else None)


async def test_a_tracker_is_created_shown_deleted_and_told_of() -> None:
    """The log says who did it; who asked is told of the dataset group."""
    account, changed = FakeAccount(), list[str]()
    tested = service(account, changed)
    with capture_logs() as logs:
        assert await tested.create(CREATE, "ops") == message(status="CREATE PENDING")
        assert changed == ["shop"]
        assert await tested.describe(DESCRIBE) == message(status="CREATE PENDING")
        await tested.delete(DELETE, "ops")
    assert await tested.describe(DESCRIBE) == message(status="DELETE PENDING")
    assert changed == ["shop", "shop"]
    about = {"dataset_group": "shop", "tracker": "clicks", "caller": "ops", "log_level": "info"}
    assert logs == [
        {"event": "an event tracker was created", **about},
        {"event": "an event tracker is being deleted", **about},
    ]


@pytest.mark.parametrize(
    "failure",
    [
        ControlPlaneUnavailable("DescribeEventTracker", "ThrottlingException"),
        AccessDenied("DescribeEventTracker", "AccessDeniedException"),
        ResourceNotFound("DescribeEventTracker", "ResourceNotFoundException"),
    ],
)
async def test_what_was_created_is_never_answered_with_an_error(failure: Exception) -> None:
    """Its status is left out where AWS does not tell it at once."""
    account = FakeAccount(failures={"DescribeEventTracker": failure})
    told = {name: tracker()[name] for name in ("name", "eventTrackerArn", "trackingId")}
    assert await service(account).create(CREATE, "ops") == shown("shop", told)


async def test_pages_are_those_of_aws() -> None:
    """Its tokens are passed through; a page without a size has AWS's own."""
    account = FakeAccount([tracker("a"), tracker("b")])
    tested = service(account)
    first = await tested.page(ListEventTrackersRequest(dataset_group="shop", page_size=1))
    second = await tested.page(ListEventTrackersRequest(dataset_group="shop", page_token="1"))
    summaries = [message("a"), message("b")]
    for summary in summaries:
        summary.ClearField("tracking_id")
    assert first == ListEventTrackersResponse(event_trackers=summaries[:1], next_page_token="1")
    assert second == ListEventTrackersResponse(event_trackers=summaries[1:])
    asked = [set(members) - {"datasetGroupArn"} for _, members in account.calls]
    assert asked == [{"maxResults"}, {"nextToken"}]


async def test_a_watch_tells_of_each_change() -> None:
    """Who keeps what is known of dataset groups can ask anew at once."""
    looks: list[Any] = [tracker(status="CREATE PENDING"), tracker()]
    changed: list[str] = []
    tested = service(FakeAccount([tracker()], looks=looks), changed)
    found = [one async for one in tested.watch(WATCH)]
    assert found == [message(status="CREATE PENDING"), message()]
    assert changed == ["shop", "shop"]


async def _all(watched: Any) -> list[Any]:
    return [one async for one in watched]


ASKED = [
    lambda tested, **named: tested.create(CreateEventTrackerRequest(**named), "ops"),
    lambda tested, **named: tested.describe(DescribeEventTrackerRequest(**named)),
    lambda tested, **named: tested.delete(DeleteEventTrackerRequest(**named), "ops"),
    lambda tested, **named: _all(tested.watch(WatchEventTrackerRequest(**named))),
]


@pytest.mark.parametrize("ask", ASKED)
async def test_what_breaks_a_rule_is_not_asked_of_aws(ask: Any) -> None:
    """Every violation is told."""
    account = FakeAccount()
    with pytest.raises(InvalidRequest) as caught:
        await ask(service(account), dataset_group="", name="-x")
    assert [violation.field for violation in caught.value.violations] == ["dataset_group", "name"]
    assert account.calls == []


@pytest.mark.parametrize("ask", ASKED)
async def test_a_dataset_group_that_is_not_configured_is_unknown(ask: Any) -> None:
    """The choices are those that are."""
    account = FakeAccount()
    with pytest.raises(DatasetGroupUnknown) as caught:
        await ask(service(account), dataset_group="shpo", name="clicks")
    assert (caught.value.name, caught.value.choices) == ("shpo", ("outlet", "shop"))
    assert account.calls == []


async def test_dataset_groups_can_be_replaced() -> None:
    """A reload takes effect with the next request."""
    tested = service(FakeAccount([tracker()]))
    tested.groups = {}
    with pytest.raises(DatasetGroupUnknown):
        await tested.describe(DESCRIBE)
