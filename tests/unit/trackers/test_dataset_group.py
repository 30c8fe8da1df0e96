"""The event trackers of one dataset group."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from gateway.errors import (
    AccountLimitReached,
    ControlPlaneUnavailable,
    RequestRefused,
    ResourceExists,
    ResourceInUse,
    ResourceNotFound,
)
from gateway.trackers.dataset_group import TrackedGroup
from gateway.trackers.errors import (
    DatasetGroupMissing,
    TrackerExists,
    TrackerInUse,
    TrackerLimitReached,
    TrackerUnknown,
)
from tests.support.trackers import ACCOUNT, GROUP_ARN, FakeAccount, tracker

ARN = f"{ACCOUNT}event-tracker/clicks"
CREATE = "CreateEventTracker"

Act = Callable[[TrackedGroup], Awaitable[Any]]


def create(group: TrackedGroup) -> Awaitable[Any]:
    """Create an event tracker."""
    return group.create("clicks", {})


async def failure_of(account: FakeAccount, act: Act) -> Exception:
    """Return what an operation fails with."""
    with pytest.raises(Exception) as caught:  # noqa: PT011 - it is what is compared
        await act(account.group)
    return caught.value


async def test_tags_are_sent_as_aws_wants_them() -> None:
    """In a stable order; and none are sent where there are none."""
    account = FakeAccount()
    told = await account.group.create("clicks", {"team": "web", "env": "test"})
    await account.group.create("more", {})
    assert told == {"name": "clicks", "eventTrackerArn": ARN, "trackingId": "tracking-clicks"}
    tags = [{"tagKey": "env", "tagValue": "test"}, {"tagKey": "team", "tagValue": "web"}]
    assert account.calls == [
        (CREATE, {"name": "clicks", "datasetGroupArn": GROUP_ARN, "tags": tags}),
        (CREATE, {"name": "more", "datasetGroupArn": GROUP_ARN}),
    ]


async def test_a_tracker_is_found_by_its_name_on_whatever_page() -> None:
    """The name must be the same to the letter."""
    account = FakeAccount([tracker("Clicks"), tracker("clicks2"), tracker()], page_size=1)
    assert await account.group.arn_of("clicks") == ARN
    tokens = [members.get("nextToken") for _, members in account.calls]
    assert tokens == [None, "1", "2"]


async def test_a_tracker_that_no_page_has_is_unknown() -> None:
    """Every page was asked for."""
    account = FakeAccount([tracker("a"), tracker("b")], page_size=1)
    error = await failure_of(account, lambda group: group.arn_of("clicks"))
    assert isinstance(error, TrackerUnknown)
    assert (error.dataset_group, error.name, len(account.calls)) == ("shop", "clicks", 2)


@pytest.mark.parametrize(
    "refusal",
    [ResourceExists(CREATE, "X", "there is one"), AccountLimitReached(CREATE, "X", "too many")],
)
async def test_a_second_tracker_names_the_first(refusal: Exception) -> None:
    """Whichever of the two errors AWS answers with: which it is has not been verified."""
    account = FakeAccount([tracker("old")], failures={CREATE: refusal})
    error = await failure_of(account, create)
    assert isinstance(error, TrackerExists)
    assert (error.dataset_group, error.name) == ("shop", "old")


@pytest.mark.parametrize(
    "failures",
    [
        {},
        {"ListEventTrackers": ControlPlaneUnavailable("ListEventTrackers", "X")},
        {"ListEventTrackers": ResourceNotFound("ListEventTrackers", "X")},
    ],
)
async def test_a_tracker_that_exists_somewhere_is_told_by_the_name_asked_for(
    failures: dict[str, Exception],
) -> None:
    """AWS says that there is one and does not list it."""
    refusal = ResourceExists(CREATE, "X", "there is one")
    error = await failure_of(FakeAccount(failures={CREATE: refusal, **failures}), create)
    assert isinstance(error, TrackerExists)
    assert (error.name, error.__cause__) == ("clicks", refusal)


async def test_the_limit_of_the_account_is_told_with_its_id() -> None:
    """The dataset group has none, so others have used it up."""
    refusal = AccountLimitReached(CREATE, "LimitExceededException", "at most 5")
    error = await failure_of(FakeAccount(failures={CREATE: refusal}), create)
    assert isinstance(error, TrackerLimitReached)
    assert (error.account_id, error.detail) == ("123456789012", "at most 5")


@pytest.mark.parametrize(
    ("operation", "act"),
    [
        (CREATE, create),
        ("ListEventTrackers", lambda group: group.page()),
        ("ListEventTrackers", lambda group: group.arn_of("clicks")),
    ],
)
async def test_a_dataset_group_that_aws_does_not_have_is_missing(operation: str, act: Act) -> None:
    """The configuration names it, so it is not unknown here."""
    account = FakeAccount(failures={operation: ResourceNotFound(operation, "X")})
    error = await failure_of(account, act)
    assert isinstance(error, DatasetGroupMissing)
    assert error.dataset_group == "shop"
    assert GROUP_ARN in str(error)


@pytest.mark.parametrize(
    ("operation", "act", "resource"),
    [
        (CREATE, create, "dataset_group:shop"),
        (
            "DeleteEventTracker",
            lambda group: group.delete("clicks", ARN),
            "event_tracker:shop/clicks",
        ),
    ],
)
async def test_what_aws_is_changing_is_named(operation: str, act: Act, resource: str) -> None:
    """A tracker cannot be created in a dataset group that is, nor deleted while it is."""
    account = FakeAccount(failures={operation: ResourceInUse(operation, "X", "busy")})
    error = await failure_of(account, act)
    assert isinstance(error, TrackerInUse)
    assert (error.resource, error.detail) == (resource, "busy")


@pytest.mark.parametrize(
    ("operation", "act"),
    [
        ("DescribeEventTracker", lambda group: group.describe("clicks", ARN)),
        ("DeleteEventTracker", lambda group: group.delete("clicks", ARN)),
    ],
)
async def test_a_tracker_that_is_gone_meanwhile_is_unknown(operation: str, act: Act) -> None:
    """It was listed a moment ago."""
    account = FakeAccount(failures={operation: ResourceNotFound(operation, "X")})
    error = await failure_of(account, act)
    assert isinstance(error, TrackerUnknown)


@pytest.mark.parametrize(
    ("operation", "act"),
    [
        (CREATE, create),
        ("ListEventTrackers", lambda group: group.page()),
        ("DescribeEventTracker", lambda group: group.describe("clicks", ARN)),
        ("DeleteEventTracker", lambda group: group.delete("clicks", ARN)),
    ],
)
async def test_other_errors_are_told_as_they_are(operation: str, act: Act) -> None:
    """Nothing of the dataset group is to be said of them."""
    refusal = RequestRefused(operation, "InvalidInputException", "bad")
    assert await failure_of(FakeAccount(failures={operation: refusal}), act) is refusal
