"""Resources as the control plane's answers show them: members of botocore's output shapes."""

from collections.abc import Mapping
from typing import Any

from gateway.personalize.emulator.config import EmulatorConfig
from gateway.personalize.emulator.lifecycle import Status
from gateway.personalize.emulator.resources import (
    Dataset,
    DatasetGroup,
    EventTracker,
    Resource,
    Schema,
)


def dataset_group_summary(group: DatasetGroup, status: Status) -> dict[str, Any]:
    """Return a DatasetGroupSummary."""
    return _present(
        {
            "name": group.name,
            "datasetGroupArn": group.arn,
            "status": status,
            "failureReason": group.failure_reason,
            "domain": group.domain,
            **_times(group),
        }
    )


def dataset_group(group: DatasetGroup, status: Status) -> dict[str, Any]:
    """Return a DatasetGroup."""
    keys = {"roleArn": group.role_arn, "kmsKeyArn": group.kms_key_arn}
    return dataset_group_summary(group, status) | _present(keys)


def schema_summary(schema: Schema) -> dict[str, Any]:
    """Return a DatasetSchemaSummary."""
    return _present(
        {
            "name": schema.name,
            "schemaArn": schema.arn,
            "domain": schema.domain,
            **_times(schema),
        }
    )


def schema(schema: Schema) -> dict[str, Any]:
    """Return a DatasetSchema."""
    return schema_summary(schema) | {"schema": schema.text}


def dataset_summary(dataset: Dataset, status: Status) -> dict[str, Any]:
    """Return a DatasetSummary."""
    return {
        "name": dataset.name,
        "datasetArn": dataset.arn,
        "datasetType": dataset.dataset_type,
        "status": status,
        **_times(dataset),
    }


def dataset(dataset: Dataset, status: Status) -> dict[str, Any]:
    """Return a Dataset; that of action interactions has the tracking ID of its puts."""
    return dataset_summary(dataset, status) | _present(
        {
            "datasetGroupArn": dataset.dataset_group_arn,
            "schemaArn": dataset.schema_arn,
            "trackingId": dataset.tracking_id,
        }
    )


def event_tracker_summary(tracker: EventTracker, status: Status) -> dict[str, Any]:
    """Return an EventTrackerSummary."""
    return {
        "name": tracker.name,
        "eventTrackerArn": tracker.arn,
        "status": status,
        **_times(tracker),
    }


def event_tracker(tracker: EventTracker, status: Status, config: EmulatorConfig) -> dict[str, Any]:
    """Return an EventTracker."""
    return event_tracker_summary(tracker, status) | {
        "accountId": config.account_id,
        "trackingId": tracker.tracking_id,
        "datasetGroupArn": tracker.dataset_group_arn,
    }


def _times(resource: Resource) -> dict[str, float]:
    # AWS JSON carries timestamps as seconds, with milliseconds after the point.
    return {
        "creationDateTime": round(resource.lifetime.created_at, 3),
        "lastUpdatedDateTime": round(resource.updated_at, 3),
    }


def _present(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}
