"""The operations of the service `personalize` on dataset groups, schemas, datasets and trackers."""

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gateway.personalize.emulator import descriptions
from gateway.personalize.emulator.avro import check_dataset_schema, parse_schema
from gateway.personalize.emulator.config import Clock, EmulatorConfig
from gateway.personalize.emulator.errors import (
    AwsError,
    already_exists,
    in_use,
    invalid_input,
    not_found,
)
from gateway.personalize.emulator.lifecycle import Lifetime, Status
from gateway.personalize.emulator.listing import page
from gateway.personalize.emulator.resources import (
    Dataset,
    DatasetGroup,
    DatasetType,
    EventTracker,
    R,
    Resource,
    Resources,
    Schema,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_MOST_TAGS = 50

_STABLE = frozenset({Status.ACTIVE, Status.CREATE_FAILED})


class ControlPlane:
    """Performs operations whose input has been checked against its shape."""

    def __init__(self, config: EmulatorConfig, clock: Clock, resources: Resources) -> None:
        self._config = config
        self._clock = clock
        self._resources = resources
        self._operations: Mapping[str, Callable[[dict[str, Any]], dict[str, Any] | None]] = {
            "CreateDatasetGroup": self._create_dataset_group,
            "CreateSchema": self._create_schema,
            "CreateDataset": self._create_dataset,
            "CreateEventTracker": self._create_event_tracker,
            "DescribeDatasetGroup": self._describe_dataset_group,
            "DescribeSchema": self._describe_schema,
            "DescribeDataset": self._describe_dataset,
            "DescribeEventTracker": self._describe_event_tracker,
            "ListDatasetGroups": self._list_dataset_groups,
            "ListSchemas": self._list_schemas,
            "ListDatasets": self._list_datasets,
            "ListEventTrackers": self._list_event_trackers,
            "DeleteDatasetGroup": self._delete_dataset_group,
            "DeleteSchema": self._delete_schema,
            "DeleteDataset": self._delete_dataset,
            "DeleteEventTracker": self._delete_event_tracker,
        }

    def perform(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any] | None:
        """Perform an operation; returns its output, None for the operations that have none.

        Raises:
            AwsError: as the operation's model names them.
        """
        if len(parameters.get("tags") or ()) > _MOST_TAGS:
            raise AwsError("TooManyTagsException", f"A resource has at most {_MOST_TAGS} tags")
        return self._operations[operation](parameters)

    def _create_dataset_group(self, parameters: dict[str, Any]) -> dict[str, Any]:
        if parameters.get("roleArn") and not parameters.get("kmsKeyArn"):
            raise invalid_input("roleArn is valid only together with kmsKeyArn")
        group = DatasetGroup(
            **self._beginnings(f"dataset-group/{parameters['name']}", parameters),
            domain=parameters.get("domain"),
            role_arn=parameters.get("roleArn"),
            kms_key_arn=parameters.get("kmsKeyArn"),
        )
        self._add(group)
        shown = {"datasetGroupArn": group.arn, "domain": group.domain}
        return {name: value for name, value in shown.items() if value is not None}

    def _create_schema(self, parameters: dict[str, Any]) -> dict[str, Any]:
        parse_schema(parameters["schema"])
        schema = Schema(
            **self._beginnings(f"schema/{parameters['name']}", parameters),
            text=parameters["schema"],
            domain=parameters.get("domain"),
        )
        self._add(schema)
        return {"schemaArn": schema.arn}

    def _create_dataset(self, parameters: dict[str, Any]) -> dict[str, Any]:
        # The value's case does not count [model].
        name = parameters["datasetType"].upper()
        if name not in list(DatasetType):
            raise invalid_input("datasetType is none of the types that exist")
        dataset_type = DatasetType(name)
        schema = self._existing(Schema, parameters["schemaArn"])
        group = self._active_group(parameters["datasetGroupArn"])
        check_dataset_schema(dataset_type, parse_schema(schema.text))
        acts = dataset_type is DatasetType.ACTION_INTERACTIONS
        dataset = Dataset(
            **self._beginnings(f"dataset/{group.name}/{dataset_type}", parameters),
            dataset_group_arn=group.arn,
            dataset_type=dataset_type,
            schema_arn=schema.arn,
            tracking_id=str(uuid.uuid4()) if acts else None,
        )
        self._add(dataset)
        return {"datasetArn": dataset.arn}

    def _create_event_tracker(self, parameters: dict[str, Any]) -> dict[str, Any]:
        # Whether AWS wants an Interactions dataset first has not been verified; here it does not.
        group = self._active_group(parameters["datasetGroupArn"])
        if any(isinstance(held, EventTracker) for held in self._resources.of_group(group.arn)):
            # That it is an error is documented; which one has not been verified.
            raise already_exists(f"{group.arn} has an event tracker already")
        tracker = EventTracker(
            **self._beginnings(f"event-tracker/{uuid.uuid4().hex[:8]}", parameters),
            dataset_group_arn=group.arn,
            tracking_id=str(uuid.uuid4()),
        )
        self._add(tracker)
        return {"eventTrackerArn": tracker.arn, "trackingId": tracker.tracking_id}

    def _describe_dataset_group(self, parameters: dict[str, Any]) -> dict[str, Any]:
        group = self._existing(DatasetGroup, parameters["datasetGroupArn"])
        return {"datasetGroup": descriptions.dataset_group(group, self._resources.status(group))}

    def _describe_schema(self, parameters: dict[str, Any]) -> dict[str, Any]:
        schema = self._existing(Schema, parameters["schemaArn"])
        return {"schema": descriptions.schema(schema)}

    def _describe_dataset(self, parameters: dict[str, Any]) -> dict[str, Any]:
        dataset = self._existing(Dataset, parameters["datasetArn"])
        return {"dataset": descriptions.dataset(dataset, self._resources.status(dataset))}

    def _describe_event_tracker(self, parameters: dict[str, Any]) -> dict[str, Any]:
        tracker = self._existing(EventTracker, parameters["eventTrackerArn"])
        status = self._resources.status(tracker)
        return {"eventTracker": descriptions.event_tracker(tracker, status, self._config)}

    def _list_dataset_groups(self, parameters: dict[str, Any]) -> dict[str, Any]:
        shown, more = page(self._resources.all(DatasetGroup), parameters)
        status = self._resources.status
        return {
            "datasetGroups": [descriptions.dataset_group_summary(g, status(g)) for g in shown],
            **more,
        }

    def _list_schemas(self, parameters: dict[str, Any]) -> dict[str, Any]:
        shown, more = page(self._resources.all(Schema), parameters)
        return {"schemas": [descriptions.schema_summary(schema) for schema in shown], **more}

    def _list_datasets(self, parameters: dict[str, Any]) -> dict[str, Any]:
        group_arn = parameters.get("datasetGroupArn")
        datasets = self._resources.all(Dataset)
        found = [d for d in datasets if group_arn in (None, d.dataset_group_arn)]
        shown, more = page(found, parameters)
        status = self._resources.status
        return {"datasets": [descriptions.dataset_summary(d, status(d)) for d in shown], **more}

    def _list_event_trackers(self, parameters: dict[str, Any]) -> dict[str, Any]:
        group_arn = parameters.get("datasetGroupArn")
        trackers = self._resources.all(EventTracker)
        found = [t for t in trackers if group_arn in (None, t.dataset_group_arn)]
        shown, more = page(found, parameters)
        status = self._resources.status
        return {
            "eventTrackers": [descriptions.event_tracker_summary(t, status(t)) for t in shown],
            **more,
        }

    def _delete_dataset_group(self, parameters: dict[str, Any]) -> None:
        group = self._existing(DatasetGroup, parameters["datasetGroupArn"])
        if self._resources.of_group(group.arn):
            raise in_use(f"{group.arn} still has datasets or an event tracker")
        self._begin_deletion(group)

    def _delete_schema(self, parameters: dict[str, Any]) -> None:
        schema = self._existing(Schema, parameters["schemaArn"])
        if any(d.schema_arn == schema.arn for d in self._resources.all(Dataset)):
            raise in_use(f"{schema.arn} is the schema of a dataset")
        self._resources.remove(schema.arn)

    def _delete_dataset(self, parameters: dict[str, Any]) -> None:
        self._begin_deletion(self._existing(Dataset, parameters["datasetArn"]))

    def _delete_event_tracker(self, parameters: dict[str, Any]) -> None:
        self._begin_deletion(self._existing(EventTracker, parameters["eventTrackerArn"]))

    def _beginnings(self, resource: str, parameters: dict[str, Any]) -> dict[str, Any]:
        now = self._clock()
        return {
            "arn": self._config.arn(resource),
            "name": parameters["name"],
            "lifetime": Lifetime(created_at=now),
            "updated_at": now,
        }

    def _add(self, resource: Resource) -> None:
        if self._resources.find(Resource, resource.arn):
            raise already_exists(f"Another resource with Arn {resource.arn} already exists.")
        if len(self._resources.all(type(resource))) >= self._config.resource_limit:
            raise AwsError("LimitExceededException", "The account has too many of this resource")
        self._resources.put(resource)

    def _existing(self, cls: type[R], arn: str) -> R:
        found = self._resources.find(cls, arn)
        if found is None:
            raise not_found(f"No resource with Arn {arn}")
        return found

    def _active_group(self, arn: str) -> DatasetGroup:
        group = self._existing(DatasetGroup, arn)
        if not self._resources.is_active(group):
            # That one has to wait is documented; the error of not waiting has not been verified.
            raise in_use(f"{arn} is not ACTIVE")
        return group

    def _begin_deletion(self, resource: Resource) -> None:
        if self._resources.status(resource) not in _STABLE:
            raise in_use(f"{resource.arn} is being created or deleted")
        now = self._clock()
        lifetime = Lifetime(resource.lifetime.created_at, deleted_at=now)
        self._resources.put(replace(resource, lifetime=lifetime, updated_at=now))
