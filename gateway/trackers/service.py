"""What TrackerService does, without gRPC."""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing, suppress

import structlog

from gateway.acceptance import InvalidRequest
from gateway.api import (
    CreateEventTrackerRequest,
    DeleteEventTrackerRequest,
    DescribeEventTrackerRequest,
    EventTracker,
    ListEventTrackersRequest,
    ListEventTrackersResponse,
    WatchEventTrackerRequest,
)
from gateway.errors import ControlPlaneError
from gateway.identity import Caller
from gateway.routing.errors import DatasetGroupUnknown
from gateway.trackers.dataset_group import TrackedGroup
from gateway.trackers.errors import TrackerUnknown
from gateway.trackers.shown import shown
from gateway.trackers.watch import Watch
from gateway.validation.validator import Validator

log = structlog.get_logger()

TrackerRequest = (
    CreateEventTrackerRequest
    | DescribeEventTrackerRequest
    | ListEventTrackersRequest
    | DeleteEventTrackerRequest
    | WatchEventTrackerRequest
)


class TrackerService:
    """Creates, shows, watches and deletes event trackers.

    Whoever may call it may do so in every dataset group, whatever routes say. Every method raises:

    - `InvalidRequest`: the request breaks a rule; AWS was not asked.
    - `DatasetGroupUnknown`: the configuration has none of that name.
    - `DatasetGroupMissing`: it has, and AWS has not.
    - `RequestRefused`: AWS will not do it as it was asked.
    - `ControlPlaneUnavailable`: AWS cannot be asked now; it may have been done all the same.
    - `AccessDenied`: AWS does not let the gateway do it.

    Attributes:
        groups: by their short names; may be replaced at any time.
    """

    def __init__(
        self,
        groups: Mapping[str, TrackedGroup],
        validator: Validator,
        watch: Watch,
        changed: Callable[[str], None] | None = None,
    ) -> None:
        """Make a service.

        Args:
            groups: the dataset groups, by their short names.
            validator: judges requests.
            watch: watches for WatchEventTracker.
            changed: told the dataset group whose event tracker was created or deleted, or was seen
                to have changed.
        """
        self.groups = groups
        self._validator = validator
        self._watch = watch
        self._changed = changed or _nobody_is_told

    async def create(self, request: CreateEventTrackerRequest, caller: Caller) -> EventTracker:
        """Create an event tracker, and return it as AWS sees it then.

        What was created is never answered with an error: where it cannot be described, its status
        is left out.

        Raises:
            TrackerExists: the dataset group has one.
            TrackerLimitReached: the AWS account may have no more.
            TrackerInUse: AWS is creating or deleting the dataset group.
        """
        group = self._group(request)
        tracker = await group.create(request.name, request.tags)
        self._changed(group.name)
        _say("an event tracker was created", request, caller)
        with suppress(ControlPlaneError, TrackerUnknown):
            tracker = await group.describe(request.name, tracker["eventTrackerArn"])
        return shown(group.name, tracker)

    async def describe(self, request: DescribeEventTrackerRequest) -> EventTracker:
        """Return an event tracker as AWS sees it now.

        Raises:
            TrackerUnknown: there is none of that name.
        """
        group = self._group(request)
        arn = await group.arn_of(request.name)
        return shown(group.name, await group.describe(request.name, arn))

    async def page(self, request: ListEventTrackersRequest) -> ListEventTrackersResponse:
        """Return a page of the event trackers of a dataset group, as AWS cuts it."""
        group = self._group(request)
        members = {"maxResults": request.page_size, "nextToken": request.page_token}
        page = await group.page(**{name: value for name, value in members.items() if value})
        return ListEventTrackersResponse(
            event_trackers=[shown(group.name, summary) for summary in page["eventTrackers"]],
            next_page_token=page.get("nextToken", ""),
        )

    async def delete(self, request: DeleteEventTrackerRequest, caller: Caller) -> None:
        """Begin to delete an event tracker.

        Raises:
            TrackerUnknown: there is none of that name.
            TrackerInUse: AWS is creating or deleting it.
        """
        group = self._group(request)
        await group.delete(request.name, await group.arn_of(request.name))
        self._changed(group.name)
        _say("an event tracker is being deleted", request, caller)

    async def watch(self, request: WatchEventTrackerRequest) -> AsyncGenerator[EventTracker, None]:
        """Yield an event tracker now and at each change of its status, until it settles.

        See `Watch.changes`.

        Raises:
            TrackerUnknown: there is none of that name.
        """
        group = self._group(request)
        async with aclosing(self._watch.changes(group, request.name)) as changes:
            async for tracker in changes:
                self._changed(group.name)
                yield tracker

    def _group(self, request: TrackerRequest) -> TrackedGroup:
        violations = self._validator.violations(request)
        if violations:
            raise InvalidRequest(violations)
        group = self.groups.get(request.dataset_group)
        if group is None:
            raise DatasetGroupUnknown(request.dataset_group, sorted(self.groups))
        return group


def _say(
    what: str, request: CreateEventTrackerRequest | DeleteEventTrackerRequest, caller: Caller
) -> None:
    log.info(what, dataset_group=request.dataset_group, tracker=request.name, caller=caller)


def _nobody_is_told(dataset_group: str) -> None:
    """Do nothing: nobody asked to be told."""
