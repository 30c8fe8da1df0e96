"""TrackerService through a gRPC server, over boto3, against an emulator."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from dataclasses import replace
from typing import Any

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import (
    PreconditionFailure,
    QuotaFailure,
    ResourceInfo,
    RetryInfo,
)
from personalize_gateway.v1.event_tracker_pb2 import EventTracker
from personalize_gateway.v1.lifecycle_status_pb2 import LifecycleStatus
from personalize_gateway.v1.tracker_service_pb2 import (
    CreateEventTrackerRequest,
    DeleteEventTrackerRequest,
    DescribeEventTrackerRequest,
    ListEventTrackersRequest,
    WatchEventTrackerRequest,
)

from gateway.personalize.control_plane import ControlPlaneSettings
from gateway.personalize.credentials import Credentials, StaticCredentials
from gateway.personalize.emulator.faults import Answer, Fault
from gateway.personalize.emulator.lifecycle import Lifetime, Status
from gateway.personalize.emulator.resources import EventTracker as EmulatedTracker
from tests.integration.trackers.conftest import Setting, Start
from tests.support.refused import RefusedCall, refused
from tests.support.trackers import HeldClock

OPS = (("x-caller", "ops"),)
CREATE = CreateEventTrackerRequest(dataset_group="shop", name="clicks", tags={"team": "web"})
DESCRIBE = DescribeEventTrackerRequest(dataset_group="shop", name="clicks")
LIST = ListEventTrackersRequest(dataset_group="shop")
DELETE = DeleteEventTrackerRequest(dataset_group="shop", name="clicks")
WATCH = WatchEventTrackerRequest(dataset_group="shop", name="clicks")

ALL = [
    ("CreateEventTracker", CREATE),
    ("DescribeEventTracker", DESCRIBE),
    ("ListEventTrackers", LIST),
    ("DeleteEventTracker", DELETE),
]

FAULT = "A fault set for this call"


def call(setting: Setting, method: str, request: Message) -> Any:
    """Call an RPC as an administrator."""
    return getattr(setting.stub, method)(request, metadata=OPS)


async def created(setting: Setting) -> EventTracker:
    """Create an event tracker and return it once it is ACTIVE."""
    await call(setting, "CreateEventTracker", CREATE)
    return (await watched(setting))[-1]


async def watched(setting: Setting) -> list[EventTracker]:
    """Watch the event tracker to the end."""
    return [one.event_tracker async for one in setting.stub.WatchEventTracker(WATCH, metadata=OPS)]


def words(trackers: list[EventTracker]) -> list[str]:
    """Return AWS's words; for one that it has no word for, the API's."""
    return [one.aws_status or LifecycleStatus.Name(one.status) for one in trackers]


async def refused_stream(stream: AsyncIterator[Any]) -> RefusedCall:
    """Read a stream that must fail, and return what it fails with."""

    async def read() -> None:
        async for _ in stream:
            pass

    return await told_of(read())


async def told_of(call: Awaitable[Any]) -> RefusedCall:
    """Await a call that must fail, and return what it is told; the size of it does not count."""
    return replace(await refused(call), trailer_bytes=0)


async def test_a_tracker_is_created_watched_listed_and_deleted(setting: Setting) -> None:
    """Its whole life, by its name alone."""
    answer = await call(setting, "CreateEventTracker", CREATE)
    tracker = answer.event_tracker
    assert tracker.create_time.seconds > 0
    expected = EventTracker(
        name="clicks",
        dataset_group="shop",
        event_tracker_arn=tracker.event_tracker_arn,
        tracking_id=setting.emulator.dataset_group("shop").tracking_id or "",
        status=LifecycleStatus.LIFECYCLE_STATUS_CREATE_PENDING,
        aws_status="CREATE PENDING",
        create_time=tracker.create_time,
        update_time=tracker.create_time,
    )
    assert tracker == expected

    seen = await watched(setting)
    assert words(seen) == ["CREATE PENDING", "CREATE IN_PROGRESS", "ACTIVE"]
    expected.status = LifecycleStatus.LIFECYCLE_STATUS_ACTIVE
    expected.aws_status = "ACTIVE"
    assert seen[-1] == expected
    assert (await call(setting, "DescribeEventTracker", DESCRIBE)).event_tracker == expected

    listed = await call(setting, "ListEventTrackers", LIST)
    expected.ClearField("tracking_id")
    assert (list(listed.event_trackers), listed.next_page_token) == ([expected], "")

    await call(setting, "DeleteEventTracker", DELETE)
    assert words(await watched(setting)) == [
        "DELETE PENDING",
        "DELETE IN_PROGRESS",
        "LIFECYCLE_STATUS_DELETED",
    ]
    assert not (await call(setting, "ListEventTrackers", LIST)).event_trackers


def add_tracker(setting: Setting, number: int) -> None:
    """Give the dataset group one more tracker than AWS would let it have."""
    setting.emulator._resources.put(
        EmulatedTracker(
            arn=setting.emulator.config.arn(f"event-tracker/{number}"),
            name=f"tracker-{number}",
            lifetime=Lifetime(created_at=number),
            updated_at=number,
            dataset_group_arn=setting.emulator.config.arn("dataset-group/shop"),
            tracking_id=f"tracking-{number}",
        )
    )


async def test_the_tokens_of_pages_are_those_of_aws(setting: Setting) -> None:
    """A page of two, and the rest; a tracker is found on whatever page it is."""
    for number in range(130):
        add_tracker(setting, number)
    request = ListEventTrackersRequest(dataset_group="shop", page_size=2)
    first = await call(setting, "ListEventTrackers", request)
    assert [one.name for one in first.event_trackers] == ["tracker-0", "tracker-1"]
    request = ListEventTrackersRequest(dataset_group="shop", page_token=first.next_page_token)
    second = await call(setting, "ListEventTrackers", request)
    assert [one.name for one in second.event_trackers] == [f"tracker-{n}" for n in range(2, 102)]
    last = DescribeEventTrackerRequest(dataset_group="shop", name="tracker-129")
    found = await call(setting, "DescribeEventTracker", last)
    assert found.event_tracker.tracking_id == "tracking-129"


async def test_a_token_that_is_none_is_refused(setting: Setting) -> None:
    """AWS refuses it; the field is named all the same."""
    request = ListEventTrackersRequest(dataset_group="shop", page_token="x")
    code = "InvalidNextTokenException"
    assert await told_of(call(setting, "ListEventTrackers", request)) == RefusedCall(
        grpc.StatusCode.INVALID_ARGUMENT,
        f"Personalize refused ListEventTrackers ({code}): The token is not valid",
        "PERSONALIZE_REFUSED",
        {"aws_code": code},
        [("page_token", code)],
    )


async def test_too_many_tags_are_refused(setting: Setting) -> None:
    """AWS takes fewer than its model says."""
    tags = {f"t{number}": "" for number in range(51)}
    request = CreateEventTrackerRequest(dataset_group="shop", name="clicks", tags=tags)
    code = "TooManyTagsException"
    assert await told_of(call(setting, "CreateEventTracker", request)) == RefusedCall(
        grpc.StatusCode.INVALID_ARGUMENT,
        f"Personalize refused CreateEventTracker ({code}): A resource has at most 50 tags",
        "PERSONALIZE_REFUSED",
        {"aws_code": code},
        [("tags", code)],
    )


async def test_a_second_tracker_is_refused_with_the_name_of_the_first(setting: Setting) -> None:
    """Who creates it again after a lost answer sees that it is the same."""
    await created(setting)
    request = CreateEventTrackerRequest(dataset_group="shop", name="other")
    text = (
        "dataset group 'shop' has the event tracker 'clicks' already, and may have one:"
        " use it, or delete it first"
    )
    resource = ResourceInfo(
        resource_type="event_tracker", resource_name="shop/clicks", description=text
    )
    assert await told_of(call(setting, "CreateEventTracker", request)) == RefusedCall(
        grpc.StatusCode.ALREADY_EXISTS,
        text,
        "TRACKER_EXISTS",
        others={"ResourceInfo": resource},
    )


async def test_a_tracker_that_is_being_created_cannot_be_deleted(setting: Setting) -> None:
    """AWS is changing it."""
    await call(setting, "CreateEventTracker", CREATE)
    arn = (await call(setting, "DescribeEventTracker", DESCRIBE)).event_tracker.event_tracker_arn
    subject = "event_tracker:shop/clicks"
    violation = PreconditionFailure.Violation(
        type="RESOURCE_IN_USE", subject=subject, description=f"{arn} is being created or deleted"
    )
    assert await told_of(call(setting, "DeleteEventTracker", DELETE)) == RefusedCall(
        grpc.StatusCode.FAILED_PRECONDITION,
        f"AWS is changing {subject}: wait until it has settled, and ask again",
        "RESOURCE_IN_USE",
        others={"PreconditionFailure": PreconditionFailure(violations=[violation])},
    )


async def test_the_limit_of_the_account_is_told(setting: Setting) -> None:
    """The quota that is used up is the account's."""
    setting.emulator.faults.add(
        Fault(answer=Answer.REFUSE, operation="CreateEventTracker", code="LimitExceededException")
    )
    violation = QuotaFailure.Violation(subject="aws_account:000000000000", description=FAULT)
    assert await told_of(call(setting, "CreateEventTracker", CREATE)) == RefusedCall(
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        "AWS account 000000000000 has as many event trackers as it may: delete one, or have the"
        " quota raised",
        "ACCOUNT_LIMIT_REACHED",
        others={"QuotaFailure": QuotaFailure(violations=[violation])},
    )


@pytest.mark.parametrize(("method", "request_"), ALL)
async def test_what_aws_refuses_is_told_in_its_words(
    setting: Setting, method: str, request_: Message
) -> None:
    """Which field it was, AWS does not say."""
    await created(setting)
    setting.emulator.faults.add(Fault(answer=Answer.REFUSE, operation=method))
    assert await told_of(call(setting, method, request_)) == RefusedCall(
        grpc.StatusCode.INVALID_ARGUMENT,
        f"Personalize refused {method} (InvalidInputException): {FAULT}",
        "PERSONALIZE_REFUSED",
        {"aws_code": "InvalidInputException"},
    )


@pytest.mark.parametrize(("method", "request_"), ALL)
async def test_throttling_is_told_with_the_wait_that_aws_asks_for(
    setting: Setting, method: str, request_: Message
) -> None:
    """It is tried no more often than the settings say."""
    await created(setting)
    setting.emulator.faults.add(Fault(answer=Answer.THROTTLE, operation=method, retry_after_s=7))
    wait = RetryInfo(retry_delay=Duration(seconds=7))
    assert await told_of(call(setting, method, request_)) == RefusedCall(
        grpc.StatusCode.UNAVAILABLE,
        f"Personalize did not answer {method} (ThrottlingException); ask again",
        "PERSONALIZE_UNAVAILABLE",
        {"aws_code": "ThrottlingException"},
        others={"RetryInfo": wait},
    )


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (Answer.INTERNAL, "InternalFailure"),
        (Answer.UNAVAILABLE, "ServiceUnavailable"),
        (Answer.RESET_BEFORE, "ConnectionClosedError"),
    ],
)
async def test_a_fault_of_aws_may_be_tried_again(
    setting: Setting, answer: Answer, code: str
) -> None:
    """A second is waited where AWS asks for nothing."""
    setting.emulator.faults.add(Fault(answer=answer, operation="ListEventTrackers"))
    assert await told_of(call(setting, "ListEventTrackers", LIST)) == RefusedCall(
        grpc.StatusCode.UNAVAILABLE,
        f"Personalize did not answer ListEventTrackers ({code}); ask again",
        "PERSONALIZE_UNAVAILABLE",
        {"aws_code": code},
        others={"RetryInfo": RetryInfo(retry_delay=Duration(seconds=1))},
    )


async def test_a_passing_fault_is_tried_again_before_it_is_told(start: Start) -> None:
    """The caller sees nothing of it."""
    setting = await start(settings=ControlPlaneSettings(max_attempts=2))
    setting.emulator.faults.add(Fault(answer=Answer.UNAVAILABLE, next=1))
    assert not (await call(setting, "ListEventTrackers", LIST)).event_trackers


async def test_a_create_whose_answer_was_lost_is_told_to_exist(start: Start) -> None:
    """It is tried again, and AWS has it: under the name that was asked for."""
    setting = await start(settings=ControlPlaneSettings(max_attempts=2))
    lost = Fault(answer=Answer.RESET_AFTER, operation="CreateEventTracker", next=1)
    setting.emulator.faults.add(lost)
    told = await told_of(call(setting, "CreateEventTracker", CREATE))
    resource = told.others["ResourceInfo"]
    assert isinstance(resource, ResourceInfo)
    assert (told.code, resource.resource_name) == (grpc.StatusCode.ALREADY_EXISTS, "shop/clicks")


@pytest.mark.parametrize(("method", "request_"), ALL)
async def test_what_aws_does_not_allow_is_told_with_the_permission(
    setting: Setting, method: str, request_: Message
) -> None:
    """An administrator is told what the gateway's role lacks."""
    await created(setting)
    code = "AccessDeniedException"
    setting.emulator.faults.add(Fault(answer=Answer.REFUSE, operation=method, code=code))
    violation = PreconditionFailure.Violation(
        type="AWS_ACCESS", subject=f"personalize:{method}", description=FAULT
    )
    assert await told_of(call(setting, method, request_)) == RefusedCall(
        grpc.StatusCode.FAILED_PRECONDITION,
        f"AWS does not let the gateway do {method} ({code}): {FAULT}",
        "AWS_ACCESS_DENIED",
        {"aws_code": code},
        others={"PreconditionFailure": PreconditionFailure(violations=[violation])},
    )


async def test_credentials_that_aws_does_not_know_are_access_denied(start: Start) -> None:
    """Nobody can do anything until they are mended."""
    setting = await start(credentials=StaticCredentials(Credentials("other", "secret")))
    told = await told_of(call(setting, "ListEventTrackers", LIST))
    assert (told.code, told.reason, told.metadata) == (
        grpc.StatusCode.FAILED_PRECONDITION,
        "AWS_ACCESS_DENIED",
        {"aws_code": "UnrecognizedClientException"},
    )


async def test_an_aws_that_is_out_of_reach_is_unavailable(start: Start) -> None:
    """Nothing listens there."""
    setting = await start(url="http://127.0.0.1:1")
    told = await told_of(call(setting, "ListEventTrackers", LIST))
    assert (told.code, told.reason, told.metadata) == (
        grpc.StatusCode.UNAVAILABLE,
        "PERSONALIZE_UNAVAILABLE",
        {"aws_code": "EndpointConnectionError"},
    )


@pytest.mark.parametrize(
    ("method", "request_"),
    [case for case in ALL if case[0] in ("DescribeEventTracker", "DeleteEventTracker")],
)
async def test_a_tracker_that_is_not_there_is_not_found(
    setting: Setting, method: str, request_: Message
) -> None:
    """By its name in its dataset group."""
    assert await told_of(call(setting, method, request_)) == unknown_tracker()


async def test_a_watch_of_what_is_not_there_is_not_found(setting: Setting) -> None:
    """As with the others."""
    stream = setting.stub.WatchEventTracker(WATCH, metadata=OPS)
    assert await refused_stream(stream) == unknown_tracker()


def unknown_tracker() -> RefusedCall:
    """Return what is told of a tracker that is not there."""
    text = (
        "dataset group 'shop' has no event tracker 'clicks'; ListEventTrackers tells which it has"
    )
    resource = ResourceInfo(
        resource_type="event_tracker", resource_name="shop/clicks", description=text
    )
    return RefusedCall(
        grpc.StatusCode.NOT_FOUND, text, "TRACKER_UNKNOWN", others={"ResourceInfo": resource}
    )


async def test_a_dataset_group_that_aws_does_not_have_is_not_found(setting: Setting) -> None:
    """It is configured, with an ARN that is wrong."""
    request = CreateEventTrackerRequest(dataset_group="missing", name="clicks")
    arn = setting.emulator.config.arn("dataset-group/missing")
    text = (
        f"AWS has no {arn}, which the configuration names as dataset group 'missing':"
        " mend its ARN, or create it"
    )
    resource = ResourceInfo(
        resource_type="dataset_group", resource_name="missing", description=text
    )
    assert await told_of(call(setting, "CreateEventTracker", request)) == RefusedCall(
        grpc.StatusCode.NOT_FOUND,
        text,
        "DATASET_GROUP_UNKNOWN",
        others={"ResourceInfo": resource},
    )


async def test_a_dataset_group_that_is_being_deleted_takes_no_tracker(setting: Setting) -> None:
    """AWS is changing the dataset group."""
    arn = setting.emulator.config.arn("dataset-group/shop")
    setting.emulator.force_status(arn, Status.DELETE_PENDING)
    told = await told_of(call(setting, "CreateEventTracker", CREATE))
    violation = PreconditionFailure.Violation(
        type="RESOURCE_IN_USE",
        subject="dataset_group:shop",
        description=f"{arn} is not ACTIVE",
    )
    assert (told.code, told.others) == (
        grpc.StatusCode.FAILED_PRECONDITION,
        {"PreconditionFailure": PreconditionFailure(violations=[violation])},
    )


@pytest.mark.parametrize(("method", "request_"), ALL)
async def test_who_is_no_administrator_is_refused(
    setting: Setting, method: str, request_: Message
) -> None:
    """Before anything else is looked at."""
    told = await told_of(getattr(setting.stub, method)(request_, metadata=(("x-caller", "web"),)))
    assert (told.code, told.reason) == (grpc.StatusCode.PERMISSION_DENIED, "ADMIN_REQUIRED")
    assert setting.emulator.stats()["operations"] == {}


async def test_who_is_no_administrator_does_not_watch(setting: Setting) -> None:
    """The stream ends before it shows anything."""
    told = await refused_stream(setting.stub.WatchEventTracker(WATCH))
    assert (told.code, told.reason) == (grpc.StatusCode.PERMISSION_DENIED, "ADMIN_REQUIRED")


async def test_a_watch_outlasts_faults_of_aws(setting: Setting) -> None:
    """Throttled twice, failed once: every change is told all the same."""
    await call(setting, "CreateEventTracker", CREATE)
    faults = (Answer.NORMAL, Answer.THROTTLE, Answer.THROTTLE, Answer.INTERNAL)
    setting.emulator.faults.add(Fault(operation="DescribeEventTracker", sequence=faults))
    assert words(await watched(setting))[-1] == "ACTIVE"
    assert setting.emulator.faults.shown()[0]["left"] == 0


async def test_a_watch_ends_when_the_gateway_stops(start: Start) -> None:
    """The caller watches at another gateway."""
    clock = HeldClock()
    setting = await start(watch_clock=clock)
    await call(setting, "CreateEventTracker", CREATE)
    stream = setting.stub.WatchEventTracker(WATCH, metadata=OPS)
    await clock.waiting.wait()
    stopping = asyncio.create_task(setting.server.stop(grace_s=60))
    told = await refused_stream(stream)
    await stopping
    assert (told.code, told.reason) == (grpc.StatusCode.UNAVAILABLE, "DRAINING")
    assert clock.left.is_set()


async def test_a_watch_ends_when_its_caller_goes(start: Start) -> None:
    """Nothing is left of it."""
    clock = HeldClock()
    setting = await start(watch_clock=clock)
    await call(setting, "CreateEventTracker", CREATE)
    stream = setting.stub.WatchEventTracker(WATCH, metadata=OPS)
    await clock.waiting.wait()
    stream.cancel()
    await clock.left.wait()


async def test_a_watch_ends_with_its_deadline(start: Start) -> None:
    """GRPC tells the caller; nothing is left of it here."""
    clock = HeldClock()
    setting = await start(watch_clock=clock)
    await call(setting, "CreateEventTracker", CREATE)
    timeout_s = 1.0
    async with asyncio.timeout(60):
        while not clock.waiting.is_set():  # On a busy machine it may be over before it has begun.
            stream = setting.stub.WatchEventTracker(WATCH, metadata=OPS, timeout=timeout_s)
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                _ = [one async for one in stream]
            assert caught.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED
            timeout_s *= 2
        await clock.left.wait()
