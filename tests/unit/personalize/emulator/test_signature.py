"""The verification of signatures, held against botocore's own signer."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.personalize.emulator.config import EmulatorConfig
from gateway.personalize.emulator.errors import AwsError
from gateway.personalize.emulator.signature import SignedRequest, Verifier

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MISMATCH = "The request signature we calculated does not match the signature you provided."


def signed(
    *,
    body: bytes = b"{}",
    url: str = "http://127.0.0.1:8080/events",
    headers: dict[str, str] | None = None,
    credentials: Credentials | None = None,
    service: str = "personalize",
    region: str = "us-east-1",
) -> SignedRequest:
    """Return a request that botocore has signed now."""
    credentials = credentials or Credentials("emulator", "emulator")
    request = AWSRequest("POST", url, headers or {}, data=body)
    SigV4Auth(credentials, service, region).add_auth(request)
    parts = urlsplit(url)
    wire = {"host": [parts.netloc]} | {k.lower(): [v] for k, v in request.headers.items()}
    return SignedRequest("POST", parts.path, parts.query, wire, body)


def altered(request: SignedRequest, **headers: str | None) -> SignedRequest:
    """Return a request with headers replaced, or removed where the new one is None."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    wire = {name: values for name, values in request.headers.items() if name not in names}
    wire |= {name: [value] for name, value in names.items() if value is not None}
    return SignedRequest(request.method, request.path, request.query, wire, request.body)


def verify(request: SignedRequest, *, late_s: float = 0, **settings: Any) -> None:
    """Verify a request, so many seconds after it was signed."""
    stamp = request.headers["x-amz-date"][0] + "+0000"
    now = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ%z").timestamp() + late_s
    Verifier(EmulatorConfig(**settings), lambda: now).verify(request)


def refusal(request: SignedRequest, **options: Any) -> tuple[str, str]:
    """Return the code and the message of the error that a request is answered with."""
    with pytest.raises(AwsError) as caught:
        verify(request, **options)
    return caught.value.code, caught.value.message


@settings(max_examples=50)
@given(
    body=st.binary(max_size=200),
    path=st.sampled_from(["/", "/events", "/action-interactions", "/a%20b"]),
    query=st.sampled_from(["", "b=2&a=1&a=0", "x", "a=%2F"]),
    extra=st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20),
)
def test_takes_what_botocore_signs(body: bytes, path: str, query: str, extra: str) -> None:
    """A request signed by botocore is good, whatever its body, path, query and headers."""
    url = f"http://127.0.0.1:8080{path}" + (f"?{query}" if query else "")

    verify(signed(body=body, url=url, headers={"Content-Type": "a/b", "X-Extra": extra}))


@settings(max_examples=30)
@given(secret=st.text(min_size=1, max_size=40), body=st.binary(max_size=50))
def test_refuses_every_other_secret(secret: str, body: bytes) -> None:
    """A signature by another secret is refused."""
    request = signed(body=body, credentials=Credentials("emulator", secret + "x"))

    assert refusal(request, credentials={"emulator": secret}) == (
        "InvalidSignatureException",
        MISMATCH,
    )


def test_takes_repeated_and_padded_headers() -> None:
    """Several values of a signed header count in their order, spaces around and in them do not."""
    request = signed(headers={"X-Amz-Meta": "a b,c"})
    wire = dict(request.headers) | {"x-amz-meta": ["  a   b ", "c"]}

    verify(SignedRequest("POST", request.path, request.query, wire, request.body))


@pytest.mark.parametrize(
    "tampered",
    [
        lambda r: SignedRequest(r.method, r.path, r.query, r.headers, r.body + b" "),
        lambda r: SignedRequest("PUT", r.path, r.query, r.headers, r.body),
        lambda r: SignedRequest(r.method, "/items", r.query, r.headers, r.body),
        lambda r: SignedRequest(r.method, r.path, "a=1", r.headers, r.body),
        lambda r: altered(r, host="other"),
        lambda r: altered(r, x_amz_target="AmazonPersonalize.DeleteSchema"),
        lambda r: altered(r, content_type="text/plain"),
        lambda r: altered(r, content_type=None),
    ],
    ids=["body", "method", "path", "query", "host", "target", "header", "header removed"],
)
def test_refuses_a_request_that_was_changed(tampered: Any) -> None:
    """Every part that is signed is protected."""
    headers = {"X-Amz-Target": "AmazonPersonalize.ListSchemas", "Content-Type": "a/b"}

    assert refusal(tampered(signed(headers=headers))) == ("InvalidSignatureException", MISMATCH)


def test_an_unsigned_body_is_for_s3_alone() -> None:
    """A client cannot say by itself what the hash of its body is."""
    headers = {"X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD"}

    assert refusal(signed(headers=headers)) == ("InvalidSignatureException", MISMATCH)


def test_a_header_of_aws_must_be_signed() -> None:
    """An x-amz header that somebody added on the way is refused."""
    request = altered(signed(), x_amz_target="AmazonPersonalize.DeleteSchema")

    assert refusal(request) == (
        "InvalidSignatureException",
        "'x-amz-target' must be a 'SignedHeader' in the Authorization header.",
    )


def test_the_host_must_be_signed() -> None:
    """A signature that leaves the host out is refused."""
    request = signed()
    authorization = request.headers["authorization"][0].replace("host;", "")

    assert refusal(altered(request, authorization=authorization)) == (
        "InvalidSignatureException",
        "'host' must be a 'SignedHeader' in the Authorization header.",
    )


def test_a_request_without_a_signature() -> None:
    """A missing Authorization header has an error of its own."""
    assert refusal(altered(signed(), authorization=None)) == (
        "MissingAuthenticationTokenException",
        "Missing Authentication Token",
    )


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer x", "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 Credential=a/b/c/d/e, Signature=0"],
)
def test_an_authorization_that_is_not_complete(authorization: str) -> None:
    """Another scheme, and one with parts missing, are incomplete."""
    code, _ = refusal(altered(signed(), authorization=authorization))

    assert code == "IncompleteSignatureException"


def test_signed_headers_must_be_in_order() -> None:
    """The canonical form has the headers sorted and once each."""
    request = signed()
    authorization = request.headers["authorization"][0]
    swapped = authorization.replace("host;x-amz-date", "x-amz-date;host")

    code, _ = refusal(altered(request, authorization=swapped))

    assert (swapped != authorization, code) == (True, "IncompleteSignatureException")


@pytest.mark.parametrize("stamp", ["yesterday", "2026-03-01T12:00:00Z", "20269901T000000Z"])
def test_a_date_that_is_none(stamp: str) -> None:
    """A date in another format is incomplete."""
    verifier = Verifier(EmulatorConfig(), NOW.timestamp)

    with pytest.raises(AwsError) as caught:
        verifier.verify(altered(signed(), x_amz_date=stamp))

    assert caught.value.code == "IncompleteSignatureException"


def test_a_request_without_a_date() -> None:
    """Neither X-Amz-Date nor Date is incomplete."""
    verifier = Verifier(EmulatorConfig(), NOW.timestamp)

    with pytest.raises(AwsError) as caught:
        verifier.verify(altered(signed(), x_amz_date=None))

    assert caught.value.code == "IncompleteSignatureException"


def test_the_date_header_serves_too() -> None:
    """A request may be dated by the Date header of HTTP."""
    request = signed(headers={"Date": "Sun, 01 Mar 2026 12:00:00 GMT"})
    dated = datetime.strptime(request.headers["date"][0], "%a, %d %b %Y %H:%M:%S %z")

    Verifier(EmulatorConfig(), dated.timestamp).verify(request)

    assert "x-amz-date" not in request.headers


@pytest.mark.parametrize(
    ("late_s", "beginning"),
    [(301, "Signature expired: "), (-301, "Signature not yet current: ")],
)
def test_a_clock_that_is_wrong(late_s: float, beginning: str) -> None:
    """More than five minutes off, either way, is refused with both times."""
    code, message = refusal(signed(), late_s=late_s)

    assert code == "InvalidSignatureException"
    assert message.startswith(beginning)
    assert message.endswith("5 min.)")


@pytest.mark.parametrize("late_s", [300, -300])
def test_a_clock_that_is_a_little_wrong(late_s: float) -> None:
    """Five minutes are just good enough."""
    verify(signed(), late_s=late_s)


def test_the_allowed_skew_can_be_set() -> None:
    """A narrower window refuses sooner."""
    code, _ = refusal(signed(), late_s=11, clock_skew_s=10)

    assert code == "InvalidSignatureException"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"region": "eu-west-1"}, "Credential should be scoped to region 'us-east-1'."),
        (
            {"service": "personalize-events"},
            "Credential should be scoped to service 'personalize'.",
        ),
    ],
)
def test_a_signature_for_somewhere_else(options: dict[str, str], message: str) -> None:
    """Region and service of the scope must be this endpoint's."""
    assert refusal(signed(**options)) == (  # type: ignore[arg-type]  # only strings are given
        "InvalidSignatureException",
        message,
    )


def test_a_scope_of_another_day() -> None:
    """The day of the scope must be that of the date."""
    request = signed()
    today = request.headers["x-amz-date"][0][:8]
    other = (datetime.strptime(today, "%Y%m%d").replace(tzinfo=UTC) - timedelta(days=1)).strftime(
        "%Y%m%d"
    )
    authorization = request.headers["authorization"][0].replace(f"/{today}/", f"/{other}/")

    assert refusal(altered(request, authorization=authorization)) == (
        "InvalidSignatureException",
        f"Credential should be scoped to date '{today}'.",
    )


@pytest.mark.parametrize(
    "credentials",
    [Credentials("stranger", "emulator"), Credentials("emulator", "emulator", "token")],
    ids=["unknown key", "session token"],
)
def test_credentials_that_nobody_knows(credentials: Credentials) -> None:
    """An unknown key, and a token for a key that needs none, are unrecognised."""
    assert refusal(signed(credentials=credentials)) == (
        "UnrecognizedClientException",
        "The security token included in the request is invalid.",
    )


def test_any_credentials_are_taken_if_so_set() -> None:
    """With `any_credentials` the key does not count, but scope and date do."""
    stranger = signed(credentials=Credentials("stranger", "secret", "token"))

    verify(stranger, any_credentials=True)
    code, _ = refusal(stranger, any_credentials=True, late_s=600)

    assert code == "InvalidSignatureException"
