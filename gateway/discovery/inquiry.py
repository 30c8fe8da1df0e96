"""Asks AWS of one dataset group.

DescribeDatasetGroup → ListEventTrackers → DescribeEventTracker, ListDatasets → DescribeDataset →
DescribeSchema. What the lists show unchanged is not described again.
"""

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

import structlog

from gateway.dataset_group import (
    ACTIVE,
    DatasetFacts,
    DatasetGroupFacts,
    TrackerFacts,
    with_schema,
)
from gateway.discovery.source import Source
from gateway.errors import (
    AccessDenied,
    ControlPlaneError,
    ControlPlaneUnavailable,
    ResourceNotFound,
)
from gateway.records import Kind

if TYPE_CHECKING:
    from gateway.personalize.control_plane import ControlPlane

log = structlog.get_logger()

_T = TypeVar("_T")

_MAX_PAGE = 100
_MAX_PAGES = 100
_KINDS: Mapping[str, Kind] = {
    "INTERACTIONS": Kind.EVENTS,
    "ITEMS": Kind.ITEMS,
    "USERS": Kind.USERS,
    "ACTIONS": Kind.ACTIONS,
    "ACTION_INTERACTIONS": Kind.ACTION_INTERACTIONS,
}
"""What a dataset of a type takes. The value's case does not count (botocore's model)."""

Summary = Mapping[str, Any]
"""An entry of a list, by AWS's names; it has the status and the time of the last change."""


@dataclass(slots=True)
class Inquiry:
    """Asks AWS of one dataset group, and remembers what it need not ask again.

    Attributes:
        page_size: entries of a list that are asked for at once, 1 to 100.
    """

    control_plane: "ControlPlane"
    source: Source
    page_size: int = _MAX_PAGE
    _exists: bool = field(default=False, init=False)
    _trackers: dict[str, tuple[Summary, TrackerFacts]] = field(default_factory=dict, init=False)
    _datasets: dict[str, tuple[Summary, DatasetFacts]] = field(default_factory=dict, init=False)
    _said: set[tuple[str, str]] = field(default_factory=set, init=False)

    def forget(self) -> None:
        """Ask for everything the next time."""
        self._exists = False
        self._trackers.clear()
        self._datasets.clear()

    async def ask(self, now_s: float) -> DatasetGroupFacts:
        """Return what AWS tells now.

        What was learnt before a failure is not asked again, so that throttling only delays. Where
        the gateway may ask for trackers or for datasets alone, the other is withheld.

        Args:
            now_s: seconds since the epoch.

        Raises:
            ControlPlaneError: AWS cannot be asked, or does not answer this.
        """
        if not self._exists:
            # A list of the trackers of a dataset group that is not there may be an empty list.
            await self._perform("DescribeDatasetGroup", datasetGroupArn=self.source.arn)
            self._exists = True
        tracker, tracker_denied = await _unless_denied(self._tracker(), None)
        datasets, datasets_denied = await _unless_denied(self._datasets_by_kind(), {})
        if tracker_denied and datasets_denied:
            raise tracker_denied
        if denied := tracker_denied or datasets_denied:
            self._warn_withheld(denied)
        return DatasetGroupFacts(
            self.source.name,
            self.source.arn,
            tracker,
            MappingProxyType(datasets),
            refreshed_at_s=now_s,
            tracker_withheld=tracker_denied is not None,
            datasets_withheld=datasets_denied is not None,
        )

    async def _tracker(self) -> TrackerFacts | None:
        # One for each dataset group; beside it there may be one that is being deleted.
        listed = await self._listed("ListEventTrackers", "eventTrackers")
        for summary in sorted(listed, key=_usefulness, reverse=True):
            tracker = await self._described_tracker(summary)
            if tracker is not None:
                return tracker
        return None

    async def _described_tracker(self, summary: Summary) -> TrackerFacts | None:
        arn = summary["eventTrackerArn"]
        if (known := self._trackers.get(arn)) and known[0] == summary:
            return known[1]
        try:
            output = await self._perform("DescribeEventTracker", eventTrackerArn=arn)
        except ResourceNotFound:  # deleted meanwhile
            return None
        told = output["eventTracker"]
        tracker = TrackerFacts(told["name"], arn, told["trackingId"], told["status"])
        self._trackers[arn] = summary, tracker
        return tracker

    async def _datasets_by_kind(self) -> dict[Kind, DatasetFacts]:
        found: dict[Kind, DatasetFacts] = {}
        for summary in await self._listed("ListDatasets", "datasets"):
            kind = _KINDS.get(summary["datasetType"].upper())
            dataset = await self._described_dataset(summary) if kind else None
            if kind and dataset:
                found[kind] = dataset
        return found

    async def _described_dataset(self, summary: Summary) -> DatasetFacts | None:
        arn = summary["datasetArn"]
        if (known := self._datasets.get(arn)) and known[0] == summary:
            return known[1]
        try:
            told = (await self._perform("DescribeDataset", datasetArn=arn))["dataset"]
        except ResourceNotFound:  # deleted meanwhile
            return None
        schema_arn = told.get("schemaArn", "")
        schema_json = await self._schema(schema_arn) if schema_arn else ""
        tracking_id = told.get("trackingId", "")
        dataset = with_schema(
            DatasetFacts(arn, told["status"], schema_arn, None, schema_json, tracking_id)
        )
        if schema_json and dataset.schema is None:
            self._warn_of_schema(schema_arn, "SchemaUnreadable")
        if schema_json or not schema_arn:
            self._datasets[arn] = summary, dataset
        return dataset

    async def _schema(self, arn: str) -> str:
        """Return a schema in Avro; empty where AWS does not let us have it: sending needs none."""
        try:
            output = await self._perform("DescribeSchema", schemaArn=arn)
        except ControlPlaneUnavailable:
            raise
        except ControlPlaneError as error:
            self._warn_of_schema(arn, error.code)
            return ""
        schema: str = output["schema"]["schema"]
        return schema

    def _warn_withheld(self, denied: AccessDenied) -> None:
        if self._is_new(denied.operation, denied.code):
            log.warning(
                "AWS does not tell all of a dataset group; the rest is used",
                dataset_group=self.source.name,
                operation=denied.operation,
                why=denied.code,
            )

    def _warn_of_schema(self, schema_arn: str, code: str) -> None:
        if self._is_new(schema_arn, code):
            log.warning(
                "records are checked without their schema, which cannot be read",
                dataset_group=self.source.name,
                schema=schema_arn,
                why=code,
            )

    def _is_new(self, what: str, code: str) -> bool:
        is_new = (what, code) not in self._said
        self._said.add((what, code))
        return is_new

    async def _listed(self, operation: str, member: str) -> Sequence[Summary]:
        found: list[Summary] = []
        token: dict[str, str] = {}
        for _ in range(_MAX_PAGES):
            output = await self._perform(
                operation, datasetGroupArn=self.source.arn, maxResults=self.page_size, **token
            )
            found += output[member]
            if not output.get("nextToken"):
                return found
            token = {"nextToken": output["nextToken"]}
        raise ControlPlaneUnavailable(operation, "EndlessList")

    async def _perform(self, operation: str, **members: object) -> Mapping[str, Any]:
        return await self.control_plane.perform(self.source.endpoint, operation, **members)


async def _unless_denied(asking: Awaitable[_T], without: _T) -> tuple[_T, AccessDenied | None]:
    """Return what AWS tells; what there is without it, and why, where AWS does not allow it."""
    try:
        return await asking, None
    except AccessDenied as error:
        return without, error


def _usefulness(tracker: Summary) -> tuple[bool, bool, object]:
    """Order trackers: ACTIVE last, before it those to come; the newest of each last."""
    status = tracker["status"]
    return status == ACTIVE, status.startswith("CREATE"), tracker["creationDateTime"]
