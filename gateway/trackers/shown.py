"""Event trackers as the API shows them."""

from collections.abc import Mapping
from typing import Any

from gateway.api import EventTracker, LifecycleStatus

_STATUSES: Mapping[str, LifecycleStatus] = {
    "CREATE PENDING": LifecycleStatus.LIFECYCLE_STATUS_CREATE_PENDING,
    "CREATE IN_PROGRESS": LifecycleStatus.LIFECYCLE_STATUS_CREATE_IN_PROGRESS,
    "ACTIVE": LifecycleStatus.LIFECYCLE_STATUS_ACTIVE,
    "CREATE FAILED": LifecycleStatus.LIFECYCLE_STATUS_CREATE_FAILED,
    "DELETE PENDING": LifecycleStatus.LIFECYCLE_STATUS_DELETE_PENDING,
    "DELETE IN_PROGRESS": LifecycleStatus.LIFECYCLE_STATUS_DELETE_IN_PROGRESS,
}


def lifecycle_status(aws_status: str) -> LifecycleStatus:
    """Return AWS's word for where a resource is in its life as the API has it."""
    return _STATUSES.get(aws_status, LifecycleStatus.LIFECYCLE_STATUS_UNSPECIFIED)


def shown(dataset_group: str, members: Mapping[str, Any]) -> EventTracker:
    """Return an event tracker.

    Args:
        dataset_group: the short name of its dataset group.
        members: AWS's EventTracker or EventTrackerSummary. A summary has no tracking ID.
    """
    status = members.get("status", "")
    tracker = EventTracker(
        name=members.get("name", ""),
        dataset_group=dataset_group,
        event_tracker_arn=members["eventTrackerArn"],
        tracking_id=members.get("trackingId", ""),
        status=lifecycle_status(status),
        aws_status=status,
    )
    if created := members.get("creationDateTime"):
        tracker.create_time.FromDatetime(created)
    if updated := members.get("lastUpdatedDateTime"):
        tracker.update_time.FromDatetime(updated)
    return tracker


def gone(last: EventTracker) -> EventTracker:
    """Return an event tracker that is there no longer, as it was last seen."""
    tracker = EventTracker()
    tracker.CopyFrom(last)
    tracker.status = LifecycleStatus.LIFECYCLE_STATUS_DELETED
    tracker.aws_status = ""
    return tracker
