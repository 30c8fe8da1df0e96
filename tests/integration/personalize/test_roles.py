"""Roles: assumed with the process's credentials, at the region's STS."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from gateway.errors import CallError, CallFailed, LaneBlocked
from gateway.personalize.call import Call, Endpoint, Operation
from gateway.personalize.credential_chain import CredentialChain
from gateway.personalize.data_plane import HttpDataPlane

ROLE = "arn:aws:iam::123456789012:role/shop"


def assumed(number: int) -> bytes:
    """Return STS's answer that gives out credentials."""
    end = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return f"""
<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
  <AssumedRoleUser>
    <AssumedRoleId>AROA:x</AssumedRoleId>
    <Arn>arn:aws:sts::123456789012:assumed-role/shop/x</Arn>
  </AssumedRoleUser>
  <Credentials>
    <AccessKeyId>ASIA{number}</AccessKeyId>
    <SecretAccessKey>secret</SecretAccessKey>
    <SessionToken>token-{number}</SessionToken>
    <Expiration>{end}</Expiration>
  </Credentials>
</AssumeRoleResult></AssumeRoleResponse>""".encode()


def refusal(code: str) -> bytes:
    """Return STS's answer that gives out nothing."""
    return f"""
<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <Error><Type>Sender</Type><Code>{code}</Code><Message>why</Message></Error>
</ErrorResponse>""".encode()


class Sts:
    """Gives out a role's credentials, or what it is told."""

    def __init__(self) -> None:
        """Make one that nobody has asked yet."""
        self.requests: list[dict[str, list[str]]] = []
        self.answer: tuple[int, bytes] | None = None

    async def serve(self, connection: Any) -> None:
        """Serve one connection."""
        while True:
            request = await connection.request()
            self.requests.append(parse_qs(request.body.decode()))
            status, body = self.answer or (200, assumed(len(self.requests)))
            await connection.answer(status, body)


@pytest.fixture
async def sts(serve: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Sts:
    """Return an STS that botocore finds, and credentials with which to go there."""
    made = Sts()
    server = await serve(made.serve)
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", f"http://127.0.0.1:{server.port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAPROCESS")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    return made


async def test_a_call_with_a_role_is_signed_by_it(serve: Any, sts: Sts) -> None:
    """The role is assumed once for many calls, and its token goes with each."""
    requests = []

    async def keep(connection: Any) -> None:
        while True:
            requests.append(await connection.request())
            await connection.answer(200)

    server = await serve(keep)
    endpoint = Endpoint("eu-west-1", f"http://127.0.0.1:{server.port}", ROLE)
    plane = HttpDataPlane(CredentialChain())

    call = Call(Operation.PUT_USERS, endpoint, b"{}")
    await asyncio.gather(*[plane.put(call) for _ in range(20)])
    await plane.close()

    assert [request.headers["X-Amz-Security-Token"] for request in requests] == ["token-1"] * 20
    assert len(sts.requests) == 1
    assert sts.requests[0]["Action"] == ["AssumeRole"]
    assert sts.requests[0]["RoleArn"] == [ROLE]
    assert sts.requests[0]["RoleSessionName"] == ["personalize-gateway"]


async def test_a_role_that_is_refused_is_assumed_again(serve: Any, sts: Sts) -> None:
    """An expired token leads to one new AssumeRole and one more call."""
    tokens = []

    async def refuse_the_first(connection: Any) -> None:
        while True:
            request = await connection.request()
            tokens.append(request.headers["X-Amz-Security-Token"])
            if tokens[-1] == "token-1":
                await connection.answer(403, b"{}", x_amzn_ErrorType="ExpiredTokenException")
            else:
                await connection.answer(200)

    server = await serve(refuse_the_first)
    endpoint = Endpoint("eu-west-1", f"http://127.0.0.1:{server.port}", ROLE)
    plane = HttpDataPlane(CredentialChain())

    for _ in range(2):
        await plane.put(Call(Operation.PUT_USERS, endpoint, b"{}"))
    await plane.close()

    assert tokens == ["token-1", "token-2", "token-2"]
    assert len(sts.requests) == 2


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        ((403, refusal("AccessDenied")), LaneBlocked, "CredentialsDenied"),
        ((400, refusal("Throttling")), CallFailed, "CredentialsUnavailable"),
        ((500, b"<html>"), CallFailed, "CredentialsUnavailable"),
    ],
)
async def test_a_role_that_cannot_be_assumed(
    sts: Sts, answer: tuple[int, bytes], kind: type[CallError], code: str
) -> None:
    """What STS answers parks the lane, or passes by itself."""
    sts.answer = answer
    plane = HttpDataPlane(CredentialChain())
    endpoint = Endpoint("eu-west-1", "http://127.0.0.1:9", ROLE)

    with pytest.raises(CallError) as failure:
        await plane.put(Call(Operation.PUT_USERS, endpoint, b"{}"))
    await plane.close()

    assert (type(failure.value), failure.value.code) == (kind, code)
    assert failure.value.outcome_unknown is False
