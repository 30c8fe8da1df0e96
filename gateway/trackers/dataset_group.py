"""The event trackers of one dataset group, as AWS has them."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Any, Protocol

from gateway.errors import (
    AccountLimitReached,
    ControlPlaneError,
    ResourceExists,
    ResourceInUse,
    ResourceNotFound,
)
from gateway.trackers.errors import (
    DatasetGroupMissing,
    TrackerExists,
    TrackerInUse,
    TrackerLimitReached,
    TrackerUnknown,
)


class Perform(Protocol):
    """Performs an operation of Personalize's control plane for one dataset group.

    It is the method of `gateway.personalize.control_plane.ControlPlane` with its endpoint given,
    and raises what that does.
    """

    async def __call__(self, operation: str, **members: object) -> Mapping[str, Any]:
        """Return the output of the operation, by AWS's names."""


@dataclass(frozen=True, slots=True)
class TrackedGroup:
    """A dataset group whose event trackers can be managed.

    Every method raises, besides what it names, `RequestRefused`, `ControlPlaneUnavailable` and
    `AccessDenied` of `gateway.errors`.

    Attributes:
        name: the short name by which configuration and callers know it.
        arn: AWS's name of it.
        perform: asks AWS, where the dataset group is and as whom it wants.
    """

    name: str
    arn: str
    perform: Perform

    async def create(self, name: str, tags: Mapping[str, str]) -> Mapping[str, Any]:
        """Create an event tracker and return what AWS tells of it: its ARN and tracking ID.

        Raises:
            TrackerExists: the dataset group has one.
            TrackerLimitReached: the account may have no more.
            TrackerInUse: the dataset group is itself being created or deleted.
            DatasetGroupMissing: AWS does not have it.
        """
        members = {"name": name, "datasetGroupArn": self.arn}
        stated = [{"tagKey": key, "tagValue": value} for key, value in sorted(tags.items())]
        try:
            output = await self.perform(
                "CreateEventTracker", **members, **({"tags": stated} if stated else {})
            )
        except ResourceNotFound as error:
            raise DatasetGroupMissing(self.name, self.arn) from error
        except ResourceInUse as error:
            raise TrackerInUse(f"dataset_group:{self.name}", error.detail) from error
        except (ResourceExists, AccountLimitReached) as error:
            raise await self._why_no_other(name, error) from error
        return {"name": name, **output}

    async def _why_no_other(
        self, name: str, error: ResourceExists | AccountLimitReached
    ) -> TrackerExists | TrackerLimitReached:
        # That a second tracker is an error is documented; which of the two has not been verified.
        with suppress(ControlPlaneError, DatasetGroupMissing):
            async with aclosing(self._summaries()) as summaries:
                async for summary in summaries:
                    return TrackerExists(self.name, summary["name"])
        if isinstance(error, ResourceExists):
            return TrackerExists(self.name, name)
        return TrackerLimitReached(self.arn.split(":")[4], error.detail)

    async def arn_of(self, name: str) -> str:
        """Return the ARN of the event tracker of that name.

        Raises:
            TrackerUnknown: there is none.
            DatasetGroupMissing: AWS does not have the dataset group.
        """
        async with aclosing(self._summaries()) as summaries:
            async for summary in summaries:
                if summary["name"] == name:
                    arn: str = summary["eventTrackerArn"]
                    return arn
        raise TrackerUnknown(self.name, name)

    async def describe(self, name: str, arn: str) -> Mapping[str, Any]:
        """Return AWS's description of an event tracker.

        Raises:
            TrackerUnknown: there is none of that ARN any more.
        """
        try:
            output = await self.perform("DescribeEventTracker", eventTrackerArn=arn)
        except ResourceNotFound as error:
            raise TrackerUnknown(self.name, name) from error
        described: Mapping[str, Any] = output["eventTracker"]
        return described

    async def delete(self, name: str, arn: str) -> None:
        """Begin to delete an event tracker.

        Raises:
            TrackerUnknown: there is none of that ARN any more.
            TrackerInUse: it is being created or deleted.
        """
        try:
            await self.perform("DeleteEventTracker", eventTrackerArn=arn)
        except ResourceNotFound as error:
            raise TrackerUnknown(self.name, name) from error
        except ResourceInUse as error:
            raise TrackerInUse(f"event_tracker:{self.name}/{name}", error.detail) from error

    async def page(self, **members: object) -> Mapping[str, Any]:
        """Return a page of AWS's list of its event trackers.

        Args:
            **members: of AWS's request beside the dataset group: `maxResults`, `nextToken`.

        Raises:
            DatasetGroupMissing: AWS does not have the dataset group.
        """
        try:
            return await self.perform("ListEventTrackers", datasetGroupArn=self.arn, **members)
        except ResourceNotFound as error:
            raise DatasetGroupMissing(self.name, self.arn) from error

    async def _summaries(self) -> AsyncGenerator[Mapping[str, Any], None]:
        members: dict[str, object] = {}
        while True:
            page = await self.page(**members)
            for summary in page["eventTrackers"]:
                yield summary
            if not page.get("nextToken"):
                return
            members["nextToken"] = page["nextToken"]
