"""Event trackers as the API shows them."""

import pytest

from gateway.api import EventTracker, LifecycleStatus
from gateway.trackers.shown import gone, lifecycle_status, shown
from tests.support.trackers import ACCOUNT, tracker

CREATED = {"seconds": 1_767_225_600}


def test_a_description_is_shown_whole() -> None:
    """Nothing that AWS tells is left out."""
    assert shown("shop", tracker("clicks", "CREATE IN_PROGRESS")) == EventTracker(
        name="clicks",
        dataset_group="shop",
        event_tracker_arn=f"{ACCOUNT}event-tracker/clicks",
        tracking_id="tracking-clicks",
        status=LifecycleStatus.LIFECYCLE_STATUS_CREATE_IN_PROGRESS,
        aws_status="CREATE IN_PROGRESS",
        create_time=CREATED,
        update_time=CREATED,
    )


def test_what_aws_does_not_tell_is_left_out() -> None:
    """CreateEventTracker answers with two members."""
    told = {"eventTrackerArn": "arn", "trackingId": "id"}
    assert shown("shop", told) == EventTracker(
        dataset_group="shop", event_tracker_arn="arn", tracking_id="id"
    )


@pytest.mark.parametrize(
    "word",
    [
        "CREATE PENDING",
        "CREATE IN_PROGRESS",
        "ACTIVE",
        "CREATE FAILED",
        "DELETE PENDING",
        "DELETE IN_PROGRESS",
    ],
)
def test_each_word_of_aws_has_its_value(word: str) -> None:
    """The name of the value is the word."""
    name = f"LIFECYCLE_STATUS_{word.replace(' ', '_')}"
    assert lifecycle_status(word) == LifecycleStatus.Value(name)


def test_a_word_that_is_not_known_is_kept_beside() -> None:
    """AWS may have more of them than the model says."""
    tracker_of_tomorrow = shown("shop", tracker(status="MIGRATING"))
    assert (tracker_of_tomorrow.status, tracker_of_tomorrow.aws_status) == (
        LifecycleStatus.LIFECYCLE_STATUS_UNSPECIFIED,
        "MIGRATING",
    )


def test_one_that_is_gone_is_shown_as_it_was() -> None:
    """AWS has no word for it."""
    last = shown("shop", tracker(status="DELETE IN_PROGRESS"))
    expected = shown("shop", tracker(status=""))
    expected.status = LifecycleStatus.LIFECYCLE_STATUS_DELETED
    assert gone(last) == expected
    assert last.aws_status == "DELETE IN_PROGRESS"
