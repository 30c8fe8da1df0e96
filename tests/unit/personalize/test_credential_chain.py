"""Credentials of botocore's chain: who waits for them, and when they are fetched anew."""

import asyncio
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from botocore.credentials import Credentials as BotocoreCredentials
from botocore.credentials import RefreshableCredentials
from botocore.exceptions import (
    ClientError,
    EndpointConnectionError,
    MetadataRetrievalError,
    NoCredentialsError,
    ReadTimeoutError,
)

from gateway.errors import CallError, CallFailed, LaneBlocked
from gateway.personalize import credential_chain
from gateway.personalize.call import Endpoint
from gateway.personalize.credential_chain import CredentialChain, load_credentials
from gateway.personalize.credentials import Credentials

HERE = Endpoint("eu-west-1")


class Issuer:
    """Gives out credentials for an hour, named key-1, key-2, …; counts, fails and waits as told."""

    def __init__(self) -> None:
        """Make an issuer whose clock stands still until a test moves it."""
        self.now = datetime(2024, 1, 1, tzinfo=UTC)
        self.issued = 0
        self.asked = 0
        self.error: Exception | None = None
        self.open = threading.Event()
        self.open.set()
        self.threads: set[int] = set()

    def issue(self) -> dict[str, str]:
        """Return what botocore's refreshers return."""
        self.asked += 1
        self.threads.add(threading.get_ident())
        assert self.open.wait(60)
        if self.error is not None:
            raise self.error
        self.issued += 1
        return {
            "access_key": f"key-{self.issued}",
            "secret_key": "secret",
            "token": "token",
            "expiry_time": (self.now + timedelta(hours=1)).isoformat(),
        }

    def load(self, _endpoint: Endpoint) -> BotocoreCredentials:
        """Return credentials of botocore's that come from here."""
        first = self.issue()
        return RefreshableCredentials(
            first["access_key"],
            first["secret_key"],
            first["token"],
            datetime.fromisoformat(first["expiry_time"]),
            self.issue,
            "issuer",
            time_fetcher=lambda: self.now,
        )

    def leave(self, minutes: float) -> None:
        """Let time pass until what was issued now has only so many minutes left."""
        self.now += timedelta(minutes=60 - minutes)


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what a thread is about to do."""
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - a thread sets no event of asyncio's
            await asyncio.sleep(0.001)


async def eventually(chain: CredentialChain, expected: Credentials) -> None:
    """Wait until the chain gives these credentials."""
    async with asyncio.timeout(60):
        while await chain.current(HERE) != expected:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.001)


@pytest.fixture
def _checked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at the end of credentials each time they are asked for."""
    monkeypatch.setattr(credential_chain, "_CHECK_EVERY_S", 0)


def key(number: int) -> Credentials:
    """Return the issuer's credentials of that number."""
    return Credentials(f"key-{number}", "secret", "token")


async def test_credentials_are_loaded_once_and_off_the_loop() -> None:
    """A hundred calls at once wait for one load, which happens in a thread."""
    issuer = Issuer()
    chain = CredentialChain(issuer.load)

    found = await asyncio.gather(*[chain.current(HERE) for _ in range(100)])

    assert found == [key(1)] * 100
    assert issuer.asked == 1
    assert threading.get_ident() not in issuer.threads


async def test_one_who_gives_up_does_not_end_the_load_for_others() -> None:
    """Cancelling one call leaves the others waiting for the same load."""
    issuer = Issuer()
    issuer.open.clear()
    chain = CredentialChain(issuer.load)
    one, other = (asyncio.create_task(chain.current(HERE)) for _ in range(2))
    await until(lambda: issuer.asked == 1)

    one.cancel()
    await asyncio.wait([one])
    issuer.open.set()

    assert await other == key(1)
    assert issuer.asked == 1


@pytest.mark.usefixtures("_checked_at_once")
async def test_credentials_about_to_end_are_refreshed_while_they_are_used() -> None:
    """Within botocore's advisory window nobody waits: the old ones serve until there are new."""
    issuer = Issuer()
    chain = CredentialChain(issuer.load)
    await chain.current(HERE)
    issuer.leave(minutes=14)
    issuer.open.clear()

    meanwhile = [await chain.current(HERE) for _ in range(3)]
    await until(lambda: issuer.asked == 2)
    issuer.open.set()

    assert meanwhile == [key(1)] * 3
    await eventually(chain, key(2))
    assert issuer.asked == 2


@pytest.mark.usefixtures("_checked_at_once")
@pytest.mark.parametrize("minutes_left", [14, 9])
async def test_a_refresh_that_fails_leaves_what_is_still_good(
    minutes_left: int, caplog: pytest.LogCaptureFixture
) -> None:
    """Also in botocore's mandatory window unexpired credentials serve; the failure is logged."""
    issuer = Issuer()
    chain = CredentialChain(issuer.load)
    await chain.current(HERE)
    issuer.leave(minutes_left)
    issuer.error = MetadataRetrievalError(error_msg="away")

    with structlog.testing.capture_logs() as logs:
        assert await chain.current(HERE) == key(1)
        # botocore says it while it need not refresh, we where it must.
        await until(lambda: bool(logs or caplog.records))
    assert await chain.current(HERE) == key(1)
    issuer.error = None

    await eventually(chain, key(2))


@pytest.mark.usefixtures("_checked_at_once")
async def test_credentials_that_have_ended_are_waited_for() -> None:
    """Nothing is signed with credentials in their last minute."""
    issuer = Issuer()
    chain = CredentialChain(issuer.load)
    await chain.current(HERE)
    issuer.leave(minutes=0.5)

    assert await chain.current(HERE) == key(2)


@pytest.mark.usefixtures("_checked_at_once")
async def test_ended_credentials_that_cannot_be_refreshed_are_an_error() -> None:
    """Without good credentials there is an error, not a signature that AWS refuses."""
    issuer = Issuer()
    chain = CredentialChain(issuer.load)
    await chain.current(HERE)
    issuer.leave(minutes=0.5)
    issuer.error = MetadataRetrievalError(error_msg="away")

    with pytest.raises(CallFailed) as failure:
        await chain.current(HERE)

    assert (failure.value.code, failure.value.outcome_unknown) == ("CredentialsUnavailable", False)


async def test_the_end_of_credentials_is_not_looked_at_for_each_call() -> None:
    """Between two checks the credentials at hand are returned, whatever their end."""
    issuer = Issuer()
    chain = CredentialChain(issuer.load)
    await chain.current(HERE)
    issuer.leave(minutes=0.5)

    assert await chain.current(HERE) == key(1)


async def test_refused_credentials_are_loaded_anew_once() -> None:
    """All calls whose credentials were refused wait for one load; later ones get what it gave."""
    issuer = Issuer()
    chain = CredentialChain(issuer.load)
    refused = await chain.current(HERE)

    renewed = await asyncio.gather(*[chain.renewed(HERE, refused) for _ in range(10)])
    late = await chain.renewed(HERE, refused)

    assert [*renewed, late, await chain.current(HERE)] == [key(2)] * 12
    assert issuer.asked == 2


async def test_each_role_and_region_has_credentials_of_its_own() -> None:
    """Endpoints without a role share; a role is loaded for each region."""
    role = "arn:aws:iam::123456789012:role/a"
    endpoints = [
        Endpoint("eu-west-1"),
        Endpoint("us-east-1", "http://localhost"),
        Endpoint("eu-west-1", None, role),
        Endpoint("us-east-1", None, role),
        Endpoint("us-east-1", "http://localhost", role),
    ]
    chain = CredentialChain(Issuer().load)

    assert [await chain.current(endpoint) for endpoint in endpoints] == [
        key(1),
        key(1),
        key(2),
        key(3),
        key(3),
    ]


def client_error(status: int, code: str) -> ClientError:
    """Return botocore's error for an answer of STS."""
    return ClientError(
        {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item]  # as much of it as is read
        "AssumeRole",
    )


@pytest.mark.parametrize(
    ("cause", "expected"),
    [
        (NoCredentialsError(), (LaneBlocked, "NoCredentials")),
        (RuntimeError("expired"), (LaneBlocked, "NoCredentials")),
        (PermissionError("~/.aws"), (LaneBlocked, "NoCredentials")),
        (EOFError(), (LaneBlocked, "NoCredentials")),
        (client_error(403, "AccessDenied"), (LaneBlocked, "CredentialsDenied")),
        (client_error(400, "Throttling"), (CallFailed, "CredentialsUnavailable")),
        (client_error(503, "InternalFailure"), (CallFailed, "CredentialsUnavailable")),
        (MetadataRetrievalError(error_msg="x"), (CallFailed, "CredentialsUnavailable")),
        (EndpointConnectionError(endpoint_url="x"), (CallFailed, "CredentialsUnavailable")),
        (ReadTimeoutError(endpoint_url="x"), (CallFailed, "CredentialsUnavailable")),
    ],
)
async def test_what_can_fail(cause: Exception, expected: tuple[type[CallError], str]) -> None:
    """Errors of botocore are ours; what passes by itself is told from what does not."""

    def load(_endpoint: Endpoint) -> Any:
        raise cause

    with pytest.raises(CallError) as failure:
        await CredentialChain(load).current(HERE)

    assert (type(failure.value), failure.value.code) == expected


async def test_no_credentials_are_an_error() -> None:
    """A chain that finds nothing parks the lane, and is asked again by the next call."""
    found: list[BotocoreCredentials | None] = [None, BotocoreCredentials("key", "secret")]
    chain = CredentialChain(lambda _endpoint: found.pop(0))

    with pytest.raises(LaneBlocked) as failure:
        await chain.current(HERE)

    assert failure.value.code == "NoCredentials"
    assert await chain.current(HERE) == Credentials("key", "secret")


async def test_credentials_that_break_a_header_are_an_error() -> None:
    """A line break in a mounted secret parks the lane; it does not get into a request."""
    chain = CredentialChain(lambda _endpoint: BotocoreCredentials("key\n", "secret"))

    with pytest.raises(LaneBlocked) as failure:
        await chain.current(HERE)

    assert failure.value.code == "NoCredentials"


async def test_all_who_wait_for_a_load_fail_with_it() -> None:
    """A load that fails is not repeated for each of those who wait for it."""
    issuer = Issuer()
    issuer.error = MetadataRetrievalError(error_msg="away")
    chain = CredentialChain(issuer.load)

    failures = await asyncio.gather(
        *[chain.current(HERE) for _ in range(50)], return_exceptions=True
    )

    assert [type(failure) for failure in failures] == [CallFailed] * 50
    assert issuer.asked == 1


@pytest.fixture
def _no_aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Hide this machine's own AWS settings."""
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@pytest.mark.usefixtures("_no_aws")
async def test_the_environment_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The chain is botocore's: it begins with the variables."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAENV")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token")

    assert await CredentialChain().current(HERE) == Credentials("AKIAENV", "secret", "token")


@pytest.mark.usefixtures("_no_aws")
async def test_a_changed_profile_is_seen_when_it_is_refused(tmp_path: Path) -> None:
    """Rotated keys of a file are read once AWS refuses the old ones."""
    profile = "[default]\naws_access_key_id = {}\naws_secret_access_key = secret\n"
    (tmp_path / "credentials").write_text(profile.format("AKIAOLD"))
    chain = CredentialChain()
    old = await chain.current(HERE)
    (tmp_path / "credentials").write_text(profile.format("AKIANEW"))

    assert (old, await chain.current(HERE)) == (Credentials("AKIAOLD", "secret"), old)
    assert await chain.renewed(HERE, old) == Credentials("AKIANEW", "secret")


@pytest.mark.usefixtures("_no_aws")
async def test_an_empty_environment_has_no_credentials() -> None:
    """Where botocore finds nothing, nor do we."""
    with pytest.raises(LaneBlocked) as failure:
        await CredentialChain().current(HERE)

    assert failure.value.code == "NoCredentials"


@pytest.mark.usefixtures("_no_aws")
async def test_an_unknown_profile_has_no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """A profile that is not there is for somebody to mend."""
    monkeypatch.setenv("AWS_PROFILE", "nobody-has-written-this")

    with pytest.raises(LaneBlocked) as failure:
        await CredentialChain().current(HERE)

    assert failure.value.code == "NoCredentials"


@pytest.mark.usefixtures("_no_aws")
def test_no_role_without_credentials_to_assume_it() -> None:
    """A role needs somebody who assumes it."""
    assert load_credentials(Endpoint("eu-west-1", None, "arn:aws:iam::1:role/a")) is None
