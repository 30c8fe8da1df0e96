"""How the commands for event trackers reach TrackerService."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import grpc
from personalize_gateway.v1.event_tracker_pb2 import EventTracker
from personalize_gateway.v1.lifecycle_status_pb2 import LifecycleStatus
from personalize_gateway.v1.tracker_service_pb2 import (
    CreateEventTrackerRequest,
    DeleteEventTrackerRequest,
    DescribeEventTrackerRequest,
    ListEventTrackersRequest,
    WatchEventTrackerRequest,
)
from personalize_gateway.v1.tracker_service_pb2_grpc import TrackerServiceStub

from gateway.cli.channel import Metadata, with_client_of
from gateway.cli.failure import Failure, end_by

_RESUME_AFTER_S = 1.0


class Client:
    """The event trackers of a gateway's dataset groups. A call that fails ends the command.

    Args:
        opened: a channel to the gateway.
        metadata: of every call.
        timeout_s: how long each call may take, but for a watch.
        sleep: waits so many seconds.
    """

    def __init__(
        self,
        opened: grpc.Channel,
        metadata: Metadata | None,
        timeout_s: float,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._stub = TrackerServiceStub(opened)
        self._metadata = metadata
        self._timeout_s = timeout_s
        self._sleep = sleep

    def create(self, request: CreateEventTrackerRequest) -> EventTracker:
        """Create an event tracker."""
        tracker: EventTracker = self._call("CreateEventTracker", request).event_tracker
        return tracker

    def describe(self, dataset_group: str, name: str) -> EventTracker:
        """Return an event tracker as AWS sees it now."""
        request = DescribeEventTrackerRequest(dataset_group=dataset_group, name=name)
        tracker: EventTracker = self._call("DescribeEventTracker", request).event_tracker
        return tracker

    def find(self, dataset_group: str, page_size: int) -> Iterator[EventTracker]:
        """Yield the event trackers of a dataset group; they are asked for page by page."""
        request = ListEventTrackersRequest(dataset_group=dataset_group, page_size=page_size)
        while True:
            page = self._call("ListEventTrackers", request)
            yield from page.event_trackers
            if not page.next_page_token:
                return
            request.page_token = page.next_page_token

    def delete(self, dataset_group: str, name: str) -> None:
        """Begin to delete an event tracker."""
        request = DeleteEventTrackerRequest(dataset_group=dataset_group, name=name)
        self._call("DeleteEventTracker", request)

    def watch(
        self, dataset_group: str, name: str, within_s: float, last: EventTracker | None = None
    ) -> Iterator[EventTracker]:
        """Yield an event tracker at each change of its status, until it settles.

        Where it was seen, the watch goes on at another gateway should one stop, and a tracker that
        is not found is gone.

        Args:
            dataset_group: by its short name.
            name: the tracker's.
            within_s: how long to watch; where it takes longer, the command fails.
            last: as it was last seen; where it was not, it is yielded as it is now.
        """
        until_s = time.monotonic() + within_s
        request = WatchEventTrackerRequest(dataset_group=dataset_group, name=name)
        while True:
            try:
                for tracker in self._watched(request, until_s - time.monotonic()):
                    if last is None or tracker.status != last.status:
                        yield tracker
                    last = tracker
            except grpc.RpcError as error:
                failure = Failure.of_call(error)
                if last is not None and failure.reason == "TRACKER_UNKNOWN":
                    yield _gone(last)
                    return
                if last is None or failure.code != "UNAVAILABLE":
                    end_by(failure)
                self._sleep(failure.retry_after_s or _RESUME_AFTER_S)
            else:
                return

    def _watched(
        self, request: WatchEventTrackerRequest, timeout_s: float
    ) -> Iterator[EventTracker]:
        # A deadline that is over already is one that gRPC fails with.
        stream = self._stub.WatchEventTracker(
            request, metadata=self._metadata, timeout=max(0.0, timeout_s)
        )
        for response in stream:
            yield response.event_tracker

    def _call(self, method: str, request: Any) -> Any:  # noqa: ANN401 - of any of the RPCs
        try:
            return getattr(self._stub, method)(
                request, metadata=self._metadata, timeout=self._timeout_s
            )
        except grpc.RpcError as error:
            end_by(Failure.of_call(error))


def _gone(last: EventTracker) -> EventTracker:
    tracker = EventTracker()
    tracker.CopyFrom(last)
    tracker.status = LifecycleStatus.LIFECYCLE_STATUS_DELETED
    tracker.aws_status = ""
    return tracker


with_client = with_client_of(Client)
"""Gives a command the options that name the gateway, and the client as `client`."""
