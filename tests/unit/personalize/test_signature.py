"""Signatures, held against botocore's."""

import hmac
from datetime import UTC, datetime, timedelta
from unittest import mock

import botocore.auth
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.personalize.call import Operation
from gateway.personalize.credentials import Credentials
from gateway.personalize.signature import Signer

VISIBLE = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=60)
CREDENTIALS = st.builds(
    Credentials,
    access_key=VISIBLE,
    secret_key=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60),
    token=st.none() | VISIBLE,
)
HOSTS = st.sampled_from(
    [
        "personalize-events.eu-west-1.amazonaws.com",
        "personalize-events.cn-north-1.amazonaws.com.cn",
        "localhost:4566",
        "127.0.0.1:8080",
        "[::1]:8080",
    ]
)
REGIONS = st.sampled_from(["eu-west-1", "us-gov-west-1", "cn-north-1", "ap-southeast-2"])
BODIES = st.binary(max_size=300) | st.text(max_size=100).map(str.encode)
MIDNIGHT = datetime(2024, 2, 29, tzinfo=UTC)
TIMES = st.datetimes(
    datetime(2000, 1, 1),  # noqa: DTZ001 - hypothesis adds the time zone
    datetime(2099, 12, 31),  # noqa: DTZ001
    timezones=st.just(UTC),
) | st.sampled_from([MIDNIGHT + timedelta(microseconds=step) for step in (-1, 0, 1)])


def botocores_headers(
    url: str, region: str, body: bytes, credentials: Credentials, now: datetime
) -> dict[str, str]:
    """Return what botocore's own signer adds to the same request."""
    request = AWSRequest("POST", url, {"Content-Type": "application/json"}, body)
    identity = BotocoreCredentials(
        credentials.access_key, credentials.secret_key, credentials.token
    )
    with mock.patch.object(botocore.auth, "get_current_datetime", return_value=now):
        SigV4Auth(identity, "personalize", region).add_auth(request)
    return dict(request.headers.items())


def as_headers(lines: list[str]) -> dict[str, str]:
    """Return header lines as names and values."""
    return dict(line.split(": ", 1) for line in lines)


@settings(max_examples=200)
@given(CREDENTIALS, HOSTS, REGIONS, BODIES, TIMES, st.sampled_from(Operation))
def test_headers_are_botocores(
    credentials: Credentials,
    host: str,
    region: str,
    body: bytes,
    now: datetime,
    operation: Operation,
) -> None:
    """Whatever is signed, the headers are those of botocore's SigV4Auth."""
    lines = Signer(region, host).headers(operation.value, body, credentials, now)

    url = f"https://{host}{operation.value}"
    expected = botocores_headers(url, region, body, credentials, now)
    assert as_headers(lines) == expected | {"Host": host}


@settings(max_examples=50)
@given(st.lists(st.tuples(CREDENTIALS, TIMES), min_size=2, max_size=6))
def test_a_kept_key_signs_like_a_new_one(uses: list[tuple[Credentials, datetime]]) -> None:
    """A signer that has signed for other days and credentials signs as one that has not."""
    kept = Signer("eu-west-1", "localhost")

    for credentials, now in [*uses, *uses]:
        fresh = Signer("eu-west-1", "localhost")
        expected = fresh.headers("/items", b"{}", credentials, now)
        assert kept.headers("/items", b"{}", credentials, now) == expected


def test_the_key_is_derived_once_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """The four hashes of the signing key are spared until date or credentials change."""
    signer = Signer("eu-west-1", "localhost")
    credentials = Credentials("AKIA", "secret")
    digest = mock.Mock(wraps=hmac.digest)
    monkeypatch.setattr("gateway.personalize.signature.hmac.digest", digest)

    hashes = []
    for now in (MIDNIGHT, MIDNIGHT + timedelta(hours=23), MIDNIGHT + timedelta(days=1)):
        digest.reset_mock()
        signer.headers("/items", b"{}", credentials, now)
        hashes.append(digest.call_count)

    assert hashes == [5, 1, 5]
