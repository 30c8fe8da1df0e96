"""The data plane against the emulator, which checks signatures and shapes by AWS's own models."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio

from gateway.errors import CallError, CallFailed, CallRefused, CallThrottled, LaneBlocked
from gateway.personalize.call import Call, Endpoint, Operation
from gateway.personalize.credentials import Credentials, StaticCredentials
from gateway.personalize.data_plane import HttpDataPlane, utc_now
from gateway.personalize.emulator import Answer, Emulator, Fault, Outline, SeedGroup

EMULATOR = Credentials("emulator", "emulator")


@pytest_asyncio.fixture
async def emulator() -> AsyncIterator[Emulator]:
    """An emulator with the dataset group `shop`."""
    async with Emulator() as emulator:
        emulator.seed(SeedGroup(name="shop"))
        yield emulator


@pytest_asyncio.fixture
async def plane() -> AsyncIterator[HttpDataPlane]:
    """A data plane with the emulator's credentials."""
    plane = HttpDataPlane(StaticCredentials(EMULATOR))
    yield plane
    await plane.close()


def event(event_type: str) -> dict[str, object]:
    """Return an event as Personalize gets it."""
    return {"eventType": event_type, "sentAt": 1_700_000_000, "properties": '{"größe":"ß"}'}


def put_events(emulator: Emulator, *, event_type: str = "view") -> Call:
    """Return a call that puts one event to `shop`."""
    shop: Outline = emulator.dataset_group("shop")
    body = {"trackingId": shop.tracking_id, "sessionId": "s", "eventList": [event(event_type)]}
    encoded = json.dumps(body, ensure_ascii=False).encode()
    return Call(Operation.PUT_EVENTS, Endpoint("us-east-1", emulator.url), encoded)


async def test_a_call_is_taken(emulator: Emulator, plane: HttpDataPlane) -> None:
    """What is put is there, in the order in which it was put."""
    for event_type in ("view", "click"):
        await plane.put(put_events(emulator, event_type=event_type))

    taken = [json.loads(record.line())["element"] for record in emulator.records("events")]
    assert taken == [event("view"), event("click")]


@pytest.mark.parametrize(
    ("fault", "expected", "taken"),
    [
        ({"answer": "throttle"}, (CallThrottled, "ThrottlingException", False), 0),
        ({"answer": "500"}, (CallFailed, "InternalFailure", True), 0),
        ({"answer": "503"}, (CallFailed, "ServiceUnavailable", True), 0),
        ({"answer": "refuse"}, (CallRefused, "InvalidInputException", False), 0),
        ({"answer": "reset_before"}, (CallFailed, "ConnectionReset", True), 0),
        ({"answer": "reset_after"}, (CallFailed, "ConnectionReset", True), 1),
        (
            {"answer": "refuse", "code": "ResourceNotFoundException", "status": 404},
            (LaneBlocked, "ResourceNotFoundException", False),
            0,
        ),
        (
            {"answer": "refuse", "code": "ResourceInUseException", "status": 409},
            (CallFailed, "ResourceInUseException", False),
            0,
        ),
    ],
)
async def test_faults_are_told_apart(
    emulator: Emulator,
    plane: HttpDataPlane,
    fault: dict[str, object],
    expected: tuple[type[CallError], str, bool],
    taken: int,
) -> None:
    """Each fault is the error on which delivery acts rightly; the call after it is taken."""
    emulator.faults.add(Fault.model_validate({"next": 1} | fault))

    with pytest.raises(CallError) as failure:
        await plane.put(put_events(emulator))

    assert (type(failure.value), failure.value.code, failure.value.outcome_unknown) == expected
    assert len(emulator.records("events")) == taken
    await plane.put(put_events(emulator))
    assert len(emulator.records("events")) == taken + 1


async def test_throttling_says_when_to_come_back(emulator: Emulator, plane: HttpDataPlane) -> None:
    """The wait that the emulator asks for arrives."""
    emulator.faults.add(Fault(answer=Answer.THROTTLE, retry_after_s=3))

    with pytest.raises(CallThrottled) as failure:
        await plane.put(put_events(emulator))

    assert failure.value.retry_after_s == 3


async def test_a_clock_that_is_wrong_by_an_hour_does_no_harm(emulator: Emulator) -> None:
    """The emulator refuses what is signed for another hour; the second try is signed for this."""
    plane = HttpDataPlane(StaticCredentials(EMULATOR), clock=lambda: utc_now() + timedelta(hours=1))

    await plane.put(put_events(emulator))
    await plane.close()

    assert len(emulator.records("events")) == 1


@pytest.mark.parametrize(
    "credentials", [Credentials("emulator", "wrong"), Credentials("nobody", "emulator")]
)
async def test_wrong_credentials_park_the_lane(
    emulator: Emulator, credentials: Credentials
) -> None:
    """Nothing is taken from somebody whose signature is not right."""
    plane = HttpDataPlane(StaticCredentials(credentials))

    with pytest.raises(LaneBlocked):
        await plane.put(put_events(emulator))
    await plane.close()

    assert emulator.records("events") == []
