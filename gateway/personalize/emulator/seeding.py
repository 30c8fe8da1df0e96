"""Dataset groups that are there from the start, with identifiers known beforehand."""

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from gateway.personalize.emulator.avro import check_dataset_schema, parse_schema
from gateway.personalize.emulator.config import Clock, EmulatorConfig
from gateway.personalize.emulator.constraints import describe
from gateway.personalize.emulator.errors import AwsError
from gateway.personalize.emulator.lifecycle import Lifetime
from gateway.personalize.emulator.resources import (
    Dataset,
    DatasetGroup,
    DatasetType,
    EventTracker,
    Resources,
    Schema,
)
from gateway.personalize.emulator.service_models import operations


class SeedError(Exception):
    """Expected error: a seed cannot be used; the message says where and why."""


class SeedGroup(BaseModel):
    """One dataset group of a seed.

    Attributes:
        name: of the dataset group, and the first part of its resources' names.
        domain: ECOMMERCE or VIDEO_ON_DEMAND; None for a custom dataset group.
        schemas: the Avro schema of each dataset that the group has, by the type's name in any case.
        event_tracker: whether it has an event tracker.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    domain: str | None = None
    schemas: dict[DatasetType, dict[str, Any]] = {}
    event_tracker: bool = True

    @field_validator("schemas", mode="before")
    @classmethod
    def _upper(cls, value: object) -> object:
        if not isinstance(value, dict):
            return value
        return {str(name).upper(): schema for name, schema in value.items()}


class Seed(BaseModel):
    """What a seed file holds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    dataset_groups: list[SeedGroup]


@dataclass(frozen=True, slots=True)
class Outline:
    """What somebody who sends to a dataset group has to know of it.

    Attributes:
        name: of the dataset group.
        arn: of the dataset group.
        tracking_id: for PutEvents; None without an event tracker.
        action_tracking_id: for PutActionInteractions; None without that dataset.
        dataset_arns: by type (`ITEMS`).
    """

    name: str
    arn: str
    tracking_id: str | None
    action_tracking_id: str | None
    dataset_arns: Mapping[str, str]

    def shown(self) -> dict[str, Any]:
        """Return the outline as JSON-compatible values."""
        return asdict(self)


def load_seed(path: Path) -> Sequence[SeedGroup]:
    """Read a seed from a YAML or JSON file.

    A schema is an Avro record written in place, or the path of a JSON file, relative to the seed.

    Raises:
        SeedError: a file cannot be read, or is not a seed.
    """
    try:
        document = yaml.safe_load(path.read_text())
        groups = document["dataset_groups"] if isinstance(document, dict) else ()
        for group in groups:
            schemas = group.get("schemas", {})
            for name, schema in schemas.items():
                if isinstance(schema, str):
                    schemas[name] = json.loads((path.parent / schema).read_text())
        return Seed.model_validate(document).dataset_groups
    except ValidationError as error:
        raise SeedError(f"{path}: {error}") from None
    except (OSError, ValueError, yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise SeedError(f"{path} is not a seed: {error!r}") from error


class Seeder:
    """Creates dataset groups that are ACTIVE at once.

    Their ARNs follow from account, region and name, their tracking IDs from the ARNs, so that a
    gateway can be configured before the emulator runs.
    """

    def __init__(self, config: EmulatorConfig, clock: Clock, resources: Resources) -> None:
        self._config = config
        self._clock = clock
        self._resources = resources

    def seed(self, group: SeedGroup) -> Outline:
        """Create a dataset group; one that exists already is left as it is.

        Raises:
            SeedError: its name or a schema is not valid.
        """
        arn = self._config.arn(f"dataset-group/{group.name}")
        if self._resources.find(DatasetGroup, arn) is None:
            self._check(group)
            self._resources.put(
                DatasetGroup(**self._beginnings(arn, group.name), domain=group.domain)
            )
            for dataset_type, avro in group.schemas.items():
                self._add_dataset(arn, group, dataset_type, avro)
            if group.event_tracker:
                self._add_event_tracker(arn, group.name)
        return outline(self._resources, arn)

    def _check(self, group: SeedGroup) -> None:
        keys = {"name": group.name, "domain": group.domain}
        violations = operations()["CreateDatasetGroup"].check(keys)
        if violations:
            raise SeedError(f"dataset group {group.name}: {describe(violations)}")
        for dataset_type, avro in group.schemas.items():
            try:
                check_dataset_schema(dataset_type, parse_schema(json.dumps(avro)))
            except AwsError as error:
                raise SeedError(f"dataset group {group.name}: {error.message}") from error

    def _add_dataset(
        self, group_arn: str, group: SeedGroup, dataset_type: DatasetType, avro: dict[str, Any]
    ) -> None:
        name = f"{group.name}-{dataset_type.lower()}"
        schema_arn = self._config.arn(f"schema/{name}")
        schema = Schema(
            **self._beginnings(schema_arn, name), text=json.dumps(avro), domain=group.domain
        )
        self._resources.put(schema)
        arn = self._config.arn(f"dataset/{group.name}/{dataset_type}")
        acts = dataset_type is DatasetType.ACTION_INTERACTIONS
        dataset = Dataset(
            **self._beginnings(arn, name),
            dataset_group_arn=group_arn,
            dataset_type=dataset_type,
            schema_arn=schema_arn,
            tracking_id=_tracking_id(arn) if acts else None,
        )
        self._resources.put(dataset)

    def _add_event_tracker(self, group_arn: str, group_name: str) -> None:
        digest = hashlib.sha256(group_arn.encode()).hexdigest()
        arn = self._config.arn(f"event-tracker/{digest[:8]}")
        tracker = EventTracker(
            **self._beginnings(arn, f"{group_name}-tracker"),
            dataset_group_arn=group_arn,
            tracking_id=_tracking_id(arn),
        )
        self._resources.put(tracker)

    def _beginnings(self, arn: str, name: str) -> dict[str, Any]:
        delays = self._config.delays
        # As old as a resource that has just become ACTIVE.
        created_at = self._clock() - delays.create_pending_s - delays.create_in_progress_s
        lifetime = Lifetime(created_at=created_at)
        return {"arn": arn, "name": name, "lifetime": lifetime, "updated_at": created_at}


def outline(resources: Resources, group_arn: str) -> Outline:
    """Return the outline of a dataset group that exists."""
    held = resources.of_group(group_arn)
    datasets = {h.dataset_type: h for h in held if isinstance(h, Dataset)}
    trackers = [h.tracking_id for h in held if isinstance(h, EventTracker)]
    acts = datasets.get(DatasetType.ACTION_INTERACTIONS)
    return Outline(
        name=group_arn.rpartition("/")[2],
        arn=group_arn,
        tracking_id=trackers[0] if trackers else None,
        action_tracking_id=acts.tracking_id if acts else None,
        dataset_arns={str(name): dataset.arn for name, dataset in sorted(datasets.items())},
    )


def _tracking_id(arn: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, arn))
