"""Watching an event tracker until it settles."""

from itertools import groupby
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from gateway.errors import AccessDenied, ControlPlaneUnavailable, ResourceNotFound
from gateway.trackers.errors import TrackerUnknown
from gateway.trackers.pace import Pace
from gateway.trackers.shown import gone
from gateway.trackers.watch import Watch
from tests.support.trackers import FakeAccount, SkippingClock, message, tracker

DESCRIBE = "DescribeEventTracker"
GONE = ResourceNotFound(DESCRIBE, "ResourceNotFoundException")
FAULT = ControlPlaneUnavailable(DESCRIBE, "ThrottlingException")


async def watched(clock: SkippingClock, *looks: str | Exception) -> list[Any]:
    """Return what a watch yields where AWS answers so, and at last what it fails with."""
    account = FakeAccount(
        trackers=[tracker()],
        looks=[tracker(status=look) if isinstance(look, str) else look for look in looks],
    )
    watch = Watch(clock, Random(0), Pace(jitter=0))
    found: list[Any] = []
    try:
        async for one in watch.changes(account.group, "clicks"):
            found.append(one)  # noqa: PERF401 - what was yielded before an error is kept
    except Exception as error:  # noqa: BLE001 - it is compared
        found.append(error)
    assert not account.looks
    return found


async def test_each_change_is_told_until_it_is_active() -> None:
    """What did not change is not told again; after a change it looks sooner."""
    clock = SkippingClock()
    words = ["CREATE PENDING"] * 3 + ["CREATE IN_PROGRESS"] * 2 + ["ACTIVE"]
    assert await watched(clock, *words) == [
        message(status="CREATE PENDING"),
        message(status="CREATE IN_PROGRESS"),
        message(status="ACTIVE"),
    ]
    assert clock.waits == [1, 1.5, 2.25, 1, 1.5]


@pytest.mark.parametrize("word", ["ACTIVE", "CREATE FAILED", "DELETE FAILED"])
async def test_one_that_has_settled_is_told_once(word: str) -> None:
    """Nobody waits for anything."""
    clock = SkippingClock()
    assert await watched(clock, word) == [message(status=word)]
    assert clock.waits == []


async def test_one_that_is_deleted_is_told_to_be_gone() -> None:
    """It is shown as it was last seen."""
    found = await watched(SkippingClock(), "DELETE PENDING", "DELETE IN_PROGRESS", GONE)
    last = message(status="DELETE IN_PROGRESS")
    assert found == [message(status="DELETE PENDING"), last, gone(last)]


async def test_one_that_was_never_seen_is_unknown() -> None:
    """AWS may list one that is gone when it is asked for it."""
    (error,) = await watched(SkippingClock(), GONE)
    assert isinstance(error, TrackerUnknown)


async def test_a_passing_fault_is_waited_out_and_longer_where_aws_asks() -> None:
    """A watch of minutes will meet one."""
    clock = SkippingClock()
    asked = ControlPlaneUnavailable(DESCRIBE, "ThrottlingException", retry_after_s=20)
    with capture_logs() as logs:
        found = await watched(clock, "CREATE PENDING", FAULT, asked, FAULT, "ACTIVE")
    assert found == [message(status="CREATE PENDING"), message(status="ACTIVE")]
    assert clock.waits == [1, 1.5, 20, 3.375]
    # Once, however long it lasts.
    assert [entry["code"] for entry in logs] == ["ThrottlingException"]


async def test_a_fault_before_anything_was_shown_is_told() -> None:
    """Who asks learns at once that AWS does not answer."""
    assert await watched(SkippingClock(), FAULT) == [FAULT]


async def test_a_watch_ends_when_aws_does_not_let_the_gateway_look() -> None:
    """Waiting would not help."""
    denied = AccessDenied(DESCRIBE, "AccessDeniedException")
    found = await watched(SkippingClock(), "CREATE PENDING", denied)
    assert found == [message(status="CREATE PENDING"), denied]


@given(
    st.lists(st.sampled_from(["CREATE PENDING", "CREATE IN_PROGRESS", "?"]), min_size=1),
    st.lists(st.booleans(), max_size=20),
)
async def test_what_is_told_is_what_happened(passing: list[str], faults: list[bool]) -> None:
    """Whatever happens in whatever order, with faults in between: each change once, and the end."""
    looks: list[str | Exception] = [passing[0]]
    for word, fault in zip(passing[1:], faults + [False] * len(passing), strict=False):
        looks += [FAULT, word] if fault else [word]
    changes = [message(status=word) for word, _ in groupby(passing)]
    assert await watched(SkippingClock(), *looks, "ACTIVE") == [*changes, message(status="ACTIVE")]
