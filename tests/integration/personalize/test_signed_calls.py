"""Signed calls, as the server sees them: beside boto3's, and when AWS refuses the signature."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials as BotocoreCredentials

from gateway.errors import CallFailed, CallRefused, LaneBlocked
from gateway.personalize.call import Call, Endpoint, Operation
from gateway.personalize.credentials import Credentials, StaticCredentials
from gateway.personalize.data_plane import HttpDataPlane, utc_now

FIRST = Credentials("AKIAFIRST", "first-secret", "first/token+==")
SECOND = Credentials("AKIASECOND", "second-secret")
NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
REFUSED = b'{"message":"The request signature we calculated does not match"}'

EVENT = {"eventType": "view", "sentAt": 1_700_000_000, "properties": '{"título":"ß"}'}
BOTO3_CALLS: dict[Operation, Callable[[Any], object]] = {
    Operation.PUT_EVENTS: lambda client: client.put_events(
        trackingId="t", sessionId="s", eventList=[EVENT]
    ),
    Operation.PUT_ACTION_INTERACTIONS: lambda client: client.put_action_interactions(
        trackingId="t",
        actionInteractions=[
            {"actionId": "a", "sessionId": "s", "timestamp": 1_700_000_000, "eventType": "Taken"}
        ],
    ),
    Operation.PUT_ITEMS: lambda client: client.put_items(
        datasetArn="arn:aws:personalize:::x", items=[{"itemId": "i"}]
    ),
    Operation.PUT_USERS: lambda client: client.put_users(
        datasetArn="arn:aws:personalize:::x", users=[{"userId": "u"}]
    ),
    Operation.PUT_ACTIONS: lambda client: client.put_actions(
        datasetArn="arn:aws:personalize:::x", actions=[{"actionId": "a"}]
    ),
}


def is_signed_by(request: Any, credentials: Credentials) -> bool:
    """Return whether botocore makes the same signature of what was on the wire."""
    method, path, _version = request.line.split(" ")
    authorization = request.headers["Authorization"]
    signed = authorization.partition("SignedHeaders=")[2].partition(",")[0].split(";")
    headers = {name: value for name, value in request.headers.items() if name.lower() in signed}
    seen = AWSRequest(method, f"http://{request.headers['Host']}{path}", headers, request.body)
    seen.context["timestamp"] = request.headers["X-Amz-Date"]
    identity = BotocoreCredentials(
        credentials.access_key, credentials.secret_key, credentials.token
    )
    auth = SigV4Auth(identity, "personalize", "eu-west-1")
    to_sign = auth.string_to_sign(seen, auth.canonical_request(seen))
    return bool(
        authorization.startswith(f"AWS4-HMAC-SHA256 Credential={auth.scope(seen)}, ")
        and authorization.endswith(f"Signature={auth.signature(to_sign, seen)}")
    )


def signed_at(request: Any) -> datetime:
    """Return when a request says that it was signed."""
    return datetime.strptime(request.headers["X-Amz-Date"], "%Y%m%dT%H%M%S%z")


async def test_calls_are_those_of_boto3(serve: Any) -> None:
    """Line, signed headers and content type are boto3's for all five operations."""
    requests = []

    async def keep(connection: Any) -> None:
        while True:
            requests.append(await connection.request())
            await connection.answer(200)

    server = await serve(keep)
    url = f"http://127.0.0.1:{server.port}"
    boto3_client = boto3.client(
        "personalize-events",
        region_name="eu-west-1",
        endpoint_url=url,
        aws_access_key_id=FIRST.access_key,
        aws_secret_access_key=FIRST.secret_key,
        aws_session_token=FIRST.token,
        config=Config(retries={"total_max_attempts": 1}),
    )
    # By the time of boto3's call, lest a day end between the two.
    plane = HttpDataPlane(StaticCredentials(FIRST), clock=lambda: signed_at(requests[0]))

    for operation, call in BOTO3_CALLS.items():
        requests.clear()
        await asyncio.to_thread(call, boto3_client)
        body = requests[0].body
        await plane.put(Call(operation, Endpoint("eu-west-1", url), body))

        theirs, ours = map(what_aws_reads, requests)
        assert ours == theirs
        assert all(is_signed_by(request, FIRST) for request in requests)
    boto3_client.close()
    await plane.close()


def what_aws_reads(request: Any) -> dict[str, object]:
    """Return all of a request but its time and its signature, and what each client says of itself.

    The order of headers and their letter case do not matter.
    """
    headers = {name.lower(): value for name, value in request.headers.items()}
    volatile = ("x-amz-date", "user-agent", "accept-encoding", "accept")
    authorization = headers.pop("authorization").partition(", Signature=")[0]
    kept = {
        name: value
        for name, value in headers.items()
        if name not in volatile and not name.startswith("amz-sdk-")
    }
    return {"line": request.line, "authorization": authorization, "body": request.body, **kept}


class Source:
    """Gives the first credentials until they are refused, then the second."""

    def __init__(self) -> None:
        """Start with the first."""
        self.refused: list[Credentials] = []
        self.error: Exception | None = None

    async def current(self, endpoint: Endpoint) -> Credentials:  # noqa: ARG002 - the interface's
        """Return what is believed to be good."""
        return SECOND if self.refused else FIRST

    async def renewed(self, endpoint: Endpoint, refused: Credentials) -> Credentials:  # noqa: ARG002
        """Return the second credentials."""
        self.refused.append(refused)
        if self.error is not None:
            raise self.error
        return SECOND


class Aws:
    """Refuses what is not signed as it likes; its clock stands still."""

    def __init__(self, accepted: Credentials, code: str = "SignatureDoesNotMatch") -> None:
        """Accept one's signatures of noon, and answer others with `code`."""
        self.accepted = accepted
        self.code = code
        self.requests: list[Any] = []

    async def serve(self, connection: Any) -> None:
        """Serve one connection."""
        while True:
            request = await connection.request()
            self.requests.append(request)
            in_time = abs(signed_at(request) - NOON) < timedelta(minutes=5)
            good = in_time and is_signed_by(request, self.accepted)
            date = format_datetime(NOON, usegmt=True)
            if good:
                await connection.answer(200, Date=date)
            else:
                await connection.answer(403, REFUSED, Date=date, x_amzn_ErrorType=self.code)


def at(time: datetime) -> Callable[[], datetime]:
    """Return a clock that stands still."""
    return lambda: time


def call_to(server: Any, body: bytes = b"{}") -> Call:
    """Return a call to a server of this machine."""
    return Call(Operation.PUT_ITEMS, Endpoint("eu-west-1", f"http://127.0.0.1:{server.port}"), body)


async def test_refused_credentials_are_renewed_and_the_call_sent_once_more(serve: Any) -> None:
    """One call with the old credentials, one with the new; the next begins with the new."""
    aws = Aws(accepted=SECOND, code="ExpiredTokenException")
    server = await serve(aws.serve)
    source = Source()
    plane = HttpDataPlane(source, clock=at(NOON))

    await plane.put(call_to(server))
    await plane.put(call_to(server))
    await plane.close()

    assert source.refused == [FIRST]
    assert [is_signed_by(request, SECOND) for request in aws.requests] == [False, True, True]


@pytest.mark.parametrize("skew_s", [-400, 400, -86_400, 365 * 86_400])
async def test_a_wrong_clock_is_set_by_the_answer(serve: Any, skew_s: int) -> None:
    """The offset comes from the answer's Date, and is kept for the calls that follow."""
    aws = Aws(accepted=FIRST, code="RequestTimeTooSkewed")
    server = await serve(aws.serve)
    plane = HttpDataPlane(StaticCredentials(FIRST), clock=at(NOON + timedelta(seconds=skew_s)))

    for _ in range(3):
        await plane.put(call_to(server))
    await plane.close()

    times = [request.headers["X-Amz-Date"] for request in aws.requests]
    assert len(times) == 4
    assert times[1:] == ["20240501T120000Z"] * 3


async def test_a_small_difference_of_clocks_is_left_alone(serve: Any) -> None:
    """What AWS tolerates is no reason to move the clock."""
    aws = Aws(accepted=SECOND)
    server = await serve(aws.serve)
    plane = HttpDataPlane(Source(), clock=at(NOON + timedelta(seconds=59)))

    await plane.put(call_to(server))
    await plane.close()

    times = [request.headers["X-Amz-Date"] for request in aws.requests]
    assert times == ["20240501T120059Z"] * 2


async def test_a_clock_set_wrongly_is_set_again(serve: Any) -> None:
    """When this machine's clock is mended, the offset goes."""
    aws = Aws(accepted=FIRST, code="RequestTimeTooSkewed")
    server = await serve(aws.serve)
    clock = [NOON + timedelta(hours=1)]
    plane = HttpDataPlane(StaticCredentials(FIRST), clock=lambda: clock[0])
    await plane.put(call_to(server))

    clock[0] = NOON
    await plane.put(call_to(server))
    await plane.put(call_to(server))
    await plane.close()

    times = [request.headers["X-Amz-Date"] for request in aws.requests]
    assert times == [
        "20240501T130000Z",
        "20240501T120000Z",
        "20240501T110000Z",
        "20240501T120000Z",
        "20240501T120000Z",
    ]


async def test_a_second_refusal_parks_the_lane(serve: Any) -> None:
    """There are two calls and no third; what AWS says is in the detail."""
    aws = Aws(accepted=Credentials("AKIANOBODY", "x"), code="UnrecognizedClientException")
    server = await serve(aws.serve)
    plane = HttpDataPlane(Source(), clock=at(NOON))

    with pytest.raises(LaneBlocked) as failure:
        await plane.put(call_to(server))
    await plane.close()

    assert (failure.value.code, failure.value.detail) == (
        "UnrecognizedClientException",
        json.loads(REFUSED)["message"],
    )
    assert len(aws.requests) == 2


@pytest.mark.parametrize(
    "error", [CallFailed("CredentialsUnavailable"), LaneBlocked("NoCredentials")]
)
async def test_credentials_that_cannot_be_renewed_are_the_error(
    serve: Any, error: Exception
) -> None:
    """Without new credentials there is no second call."""
    aws = Aws(accepted=SECOND)
    server = await serve(aws.serve)
    source = Source()
    source.error = error
    plane = HttpDataPlane(source, clock=at(NOON))

    with pytest.raises(type(error)) as failure:
        await plane.put(call_to(server))
    await plane.close()

    assert failure.value is error
    assert len(aws.requests) == 1


async def test_other_errors_are_not_tried_again(serve: Any) -> None:
    """The data plane retries nothing but a refused signature."""
    requests = []

    async def refuse(connection: Any) -> None:
        while True:
            requests.append(await connection.request())
            await connection.answer(400, b"{}", x_amzn_ErrorType="InvalidInputException")

    server = await serve(refuse)
    plane = HttpDataPlane(StaticCredentials(FIRST))

    with pytest.raises(CallRefused):
        await plane.put(call_to(server))
    await plane.close()

    assert len(requests) == 1


async def test_no_secret_and_no_record_is_in_an_error(serve: Any) -> None:
    """Message and repr of an error show its code alone."""
    aws = Aws(accepted=SECOND, code="SignatureDoesNotMatch")
    server = await serve(aws.serve)
    plane = HttpDataPlane(StaticCredentials(FIRST), clock=at(NOON))

    with pytest.raises(LaneBlocked) as failure:
        await plane.put(call_to(server, b'{"userId":"somebody"}'))
    await plane.close()

    assert repr(failure.value) == "CredentialsRefused('SignatureDoesNotMatch')"


async def test_the_user_agent_is_our_own(serve: Any) -> None:
    """AWS's logs show who calls; nothing asks for a compressed or a partial answer."""
    requests = []

    async def keep(connection: Any) -> None:
        requests.append(await connection.request())
        await connection.answer(200)

    server = await serve(keep)
    plane = HttpDataPlane(StaticCredentials(SECOND), clock=at(NOON))

    await plane.put(call_to(server))
    await plane.close()

    headers = requests[0].headers
    assert headers.pop("User-Agent").startswith("personalize-gateway/")
    assert list(headers) == [
        "Host",
        "Content-Type",
        "X-Amz-Date",
        "Authorization",
        "Content-Length",
    ]
    assert urlsplit(f"//{headers['Host']}").port == server.port


async def test_each_endpoint_is_signed_for_itself(serve: Any) -> None:
    """Calls to two hosts at once each bear their own host's signature."""
    aws = Aws(accepted=FIRST)
    servers = [await serve(aws.serve) for _ in range(2)]
    plane = HttpDataPlane(StaticCredentials(FIRST), clock=at(NOON))

    await asyncio.gather(*[plane.put(call_to(server)) for server in servers * 10])
    await plane.close()

    assert len(aws.requests) == 20


def test_the_clock_is_aware_and_in_utc() -> None:
    """The default clock gives what the signature needs."""
    assert utc_now().utcoffset() == timedelta()
