"""TrackerService: the event trackers of dataset groups, for administrators."""

from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing

from gateway.api import (
    CreateEventTrackerRequest,
    CreateEventTrackerResponse,
    DeleteEventTrackerRequest,
    DeleteEventTrackerResponse,
    DescribeEventTrackerRequest,
    DescribeEventTrackerResponse,
    ListEventTrackersRequest,
    ListEventTrackersResponse,
    WatchEventTrackerRequest,
    WatchEventTrackerResponse,
)
from gateway.routing.permission import Administrators
from gateway.rpc.call import Calls, Handler, IncomingCall
from gateway.trackers.service import TrackerService


def tracker_handlers(
    service: TrackerService, administrators: Administrators, calls: Calls
) -> Iterator[tuple[str, Handler]]:
    """Yield each RPC's name within the package and its handler."""

    async def create(
        request: CreateEventTrackerRequest, call: IncomingCall
    ) -> CreateEventTrackerResponse:
        administrators.check(call.caller)
        tracker = await service.create(request, call.caller)
        return CreateEventTrackerResponse(event_tracker=tracker)

    async def describe(
        request: DescribeEventTrackerRequest, call: IncomingCall
    ) -> DescribeEventTrackerResponse:
        administrators.check(call.caller)
        return DescribeEventTrackerResponse(event_tracker=await service.describe(request))

    async def find(
        request: ListEventTrackersRequest, call: IncomingCall
    ) -> ListEventTrackersResponse:
        administrators.check(call.caller)
        return await service.page(request)

    async def delete(
        request: DeleteEventTrackerRequest, call: IncomingCall
    ) -> DeleteEventTrackerResponse:
        administrators.check(call.caller)
        await service.delete(request, call.caller)
        return DeleteEventTrackerResponse()

    async def watch(
        request: WatchEventTrackerRequest, call: IncomingCall
    ) -> AsyncGenerator[WatchEventTrackerResponse, None]:
        administrators.check(call.caller)
        async with aclosing(service.watch(request)) as trackers:
            async for tracker in trackers:
                yield WatchEventTrackerResponse(event_tracker=tracker)

    yield "TrackerService/CreateEventTracker", calls.unary(CreateEventTrackerRequest, create)
    yield "TrackerService/DescribeEventTracker", calls.unary(DescribeEventTrackerRequest, describe)
    yield "TrackerService/ListEventTrackers", calls.unary(ListEventTrackersRequest, find)
    yield "TrackerService/DeleteEventTracker", calls.unary(DeleteEventTrackerRequest, delete)
    yield (
        "TrackerService/WatchEventTracker",
        calls.server_streaming(WatchEventTrackerRequest, watch),
    )
