"""The control plane over boto3, against servers that a test scripts."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio

from gateway.errors import (
    AccessDenied,
    CallError,
    CallFailed,
    ControlPlaneError,
    ControlPlaneUnavailable,
    LaneBlocked,
)
from gateway.personalize.call import Endpoint
from gateway.personalize.control_plane import BotoControlPlane, ControlPlaneSettings
from gateway.personalize.credentials import Credentials, CredentialSource
from gateway.telemetry.metrics import CONTROL_PLANE_CALLS

LIST = "ListEventTrackers"
REQUEST_ID = {"x-amzn-RequestId": "1"}
ROLE = "arn:aws:iam::123456789012:role/shop"

Make = Callable[..., BotoControlPlane]


class Source:
    """Gives out the credentials that it has, and others when they were refused.

    Attributes:
        endpoints: for whom they were asked.
        error: what it fails with.
    """

    def __init__(self, number: int = 1) -> None:
        self.number = number
        self.endpoints: list[Endpoint] = []
        self.error: CallError | None = None

    async def current(self, endpoint: Endpoint) -> Credentials:
        self.endpoints.append(endpoint)
        if self.error:
            raise self.error
        return Credentials(f"KEY{self.number}", "secret", f"token-{self.number}")

    async def renewed(self, endpoint: Endpoint, refused: Credentials) -> Credentials:
        assert refused.access_key == f"KEY{self.number}"
        self.number += 1
        return await self.current(endpoint)


class Aws:
    """Answers what it is told, in turn; the last for ever.

    Attributes:
        requests: those that came.
    """

    def __init__(self, *answers: tuple[int, bytes]) -> None:
        self.answers = list(answers)
        self.requests: list[Any] = []

    async def serve(self, connection: Any) -> None:
        while True:
            self.requests.append(await connection.request())
            status, body = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            await connection.answer(status, body, **REQUEST_ID)

    @property
    def keys(self) -> list[str]:
        """Who signed."""
        return [
            request.headers["Authorization"].partition("Credential=")[2].partition("/")[0]
            for request in self.requests
        ]


def refusal(code: str) -> bytes:
    """Return the body of an error."""
    return json.dumps({"__type": code, "message": "why"}).encode()


@pytest_asyncio.fixture
async def make(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Make]:
    """Return a function that makes a control plane, which tries once if nothing else is said."""
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    made: list[BotoControlPlane] = []

    def one(source: CredentialSource | None = None, **settings: Any) -> BotoControlPlane:
        settings = {"max_attempts": 1} | settings
        made.append(BotoControlPlane(source or Source(), ControlPlaneSettings(**settings)))
        return made[-1]

    yield one
    for control_plane in made:
        await control_plane.close()


def at(server: Any, **more: Any) -> Endpoint:
    """Return the endpoint that a server is."""
    return Endpoint("eu-west-1", f"http://127.0.0.1:{server.port}", **more)


async def failure(control_plane: BotoControlPlane, endpoint: Endpoint) -> ControlPlaneError:
    """Return what a call fails with."""
    with pytest.raises(ControlPlaneError) as caught:
        await control_plane.perform(endpoint, LIST)
    return caught.value


async def test_a_call_is_signed_and_its_output_returned(serve: Any, make: Make) -> None:
    """By the credentials of its endpoint, for its region, in AWS's words."""
    aws, source = Aws((200, b'{"eventTrackers": [{"creationDateTime": 5}]}')), Source()
    endpoint = at(await serve(aws.serve), role_arn=ROLE)
    output = await make(source).perform(endpoint, LIST, datasetGroupArn="arn", maxResults=7)
    (found,) = output["eventTrackers"]
    assert found["creationDateTime"].timestamp() == 5
    assert found["creationDateTime"].tzinfo is not None
    (request,) = aws.requests
    assert json.loads(request.body) == {"datasetGroupArn": "arn", "maxResults": 7}
    assert request.headers["X-Amz-Target"] == f"AmazonPersonalize.{LIST}"
    assert request.headers["X-Amz-Security-Token"] == "token-1"
    assert "/eu-west-1/personalize/aws4_request" in request.headers["Authorization"]
    assert source.endpoints == [endpoint]


@pytest.mark.parametrize("code", ["ExpiredTokenException", "AccessDeniedException"])
async def test_credentials_that_are_refused_are_renewed_once(
    serve: Any, make: Make, code: str
) -> None:
    """They may have been replaced; where the new ones are refused, too, that is the answer."""
    aws = Aws((400, refusal(code)), (200, b"{}"), (400, refusal(code)))
    endpoint = at(await serve(aws.serve))
    control_plane = make(Source())
    await control_plane.perform(endpoint, LIST)
    assert aws.keys == ["KEY1", "KEY2"]
    error = await failure(control_plane, endpoint)
    assert isinstance(error, AccessDenied)
    assert (error.code, error.detail) == (code, "why")
    assert aws.keys == ["KEY1", "KEY2", "KEY2", "KEY3"]


async def test_credentials_that_changed_are_used_from_then_on(serve: Any, make: Make) -> None:
    """A role's end within the hour; nobody has to refuse them first."""
    aws, source = Aws((200, b"{}")), Source()
    server = await serve(aws.serve)
    control_plane = make(source)
    for number in (1, 1, 2):
        source.number = number
        await control_plane.perform(at(server), LIST)
    assert aws.keys == ["KEY1", "KEY1", "KEY2"]
    # A client with the same credentials keeps its connection.
    assert server.connections == 2


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (CallFailed("CredentialsUnavailable", "secret"), ControlPlaneUnavailable),
        (LaneBlocked("NoCredentials", "secret"), AccessDenied),
    ],
)
async def test_without_credentials_nobody_is_asked(
    make: Make, error: CallError, expected: type[ControlPlaneError]
) -> None:
    """What the source failed with says whether to try again."""
    source = Source()
    source.error = error
    found = await failure(make(source), Endpoint("eu-west-1", "http://127.0.0.1:1"))
    assert (type(found), found.code, found.detail) == (expected, error.code, "")


async def test_throttling_is_tried_again_up_to_the_limit(serve: Any, make: Make) -> None:
    """Then it is told."""
    aws = Aws((400, refusal("ThrottlingException")))
    endpoint = at(await serve(aws.serve))
    error = await failure(make(max_attempts=2), endpoint)
    assert isinstance(error, ControlPlaneUnavailable)
    assert (error.code, len(aws.requests)) == ("ThrottlingException", 2)


async def test_a_web_page_is_no_answer(serve: Any, make: Make) -> None:
    """Not even with status 200: boto3 would take it for an empty list."""

    async def script(connection: Any) -> None:
        while True:
            await connection.request()
            await connection.answer(200, b"<html></html>", Content_Type="text/html")

    error = await failure(make(), at(await serve(script)))
    assert (type(error), error.code) == (AccessDenied, "NotPersonalize")


async def test_an_answer_that_does_not_come_is_not_waited_for(serve: Any, make: Make) -> None:
    """The call may be tried again."""

    async def script(connection: Any) -> None:
        await connection.request()
        await connection.request()

    error = await failure(make(read_timeout_s=0.05), at(await serve(script)))
    assert (type(error), error.code) == (ControlPlaneUnavailable, "ReadTimeoutError")


@pytest.mark.parametrize(
    "endpoint", [Endpoint("no region!"), Endpoint("eu-west-1", "http://no host")]
)
async def test_an_endpoint_that_is_none_is_told(make: Make, endpoint: Endpoint) -> None:
    """Somebody has to mend the configuration."""
    assert isinstance(await failure(make(), endpoint), AccessDenied)


@pytest.mark.parametrize(("threads", "together"), [(1, 1), (2, 2)])
async def test_so_many_calls_as_there_are_threads_are_under_way(
    serve: Any, make: Make, threads: int, together: int
) -> None:
    """The loop goes on meanwhile: it is what answers them here."""
    under_way = most = 0
    full = asyncio.Event()

    async def script(connection: Any) -> None:
        nonlocal under_way, most
        while True:
            await connection.request()
            under_way += 1
            most = max(most, under_way)
            if under_way == together:
                full.set()
            await full.wait()
            under_way -= 1
            await connection.answer(200, b"{}", **REQUEST_ID)

    endpoint = at(await serve(script))
    control_plane = make(threads=threads)
    await asyncio.gather(*(control_plane.perform(endpoint, LIST) for _ in range(4)))
    assert most == together


async def test_calls_are_counted_with_how_they_ended(serve: Any, make: Make) -> None:
    """By AWS's code, however often each was tried."""
    aws = Aws((200, b"{}"), (400, refusal("ResourceNotFoundException")))
    endpoint = at(await serve(aws.serve))
    control_plane = make()
    labels = [(LIST, "OK"), (LIST, "ResourceNotFoundException")]
    before = [CONTROL_PLANE_CALLS.values[one] for one in labels]
    await control_plane.perform(endpoint, LIST)
    await failure(control_plane, endpoint)
    after = [CONTROL_PLANE_CALLS.values[one] for one in labels]
    assert [b - a for a, b in zip(before, after, strict=True)] == [1, 1]


async def test_it_may_be_closed_twice(make: Make) -> None:
    """As the interface says."""
    control_plane = make()
    await control_plane.close()
    await control_plane.close()
