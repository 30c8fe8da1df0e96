import json
import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from botocore.retries.standard import ThrottledRetryableChecker
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import CallError, CallFailed, CallRefused, CallThrottled, LaneBlocked
from gateway.personalize.answers import (
    THROTTLING_CODES,
    Answer,
    CredentialsRefused,
    error_of,
)

WEB_PAGE = b"\r\n<html><body><h1>It works!</h1></body></html>"


def aws_answer(
    status: int, code: str, *, message: str = "why", head: tuple[bytes, ...] = ()
) -> Answer:
    """Return an answer in the shape in which AWS gives an error."""
    body = json.dumps({"message": message}).encode()
    return Answer(status, (f"x-amzn-ErrorType: {code}\r\n".encode(), *head), body)


def outcome(error: CallError | None) -> tuple[object, ...]:
    """Return all that an error says, comparable."""
    if error is None:
        return ()
    return (type(error), error.code, error.outcome_unknown)


@pytest.mark.parametrize("status", [200, 201, 204])
@pytest.mark.parametrize("body", [b"", b"{}", b"\x00"])
def test_success_is_no_error(status: int, body: bytes) -> None:
    """Personalize has taken what it answers with success."""
    assert error_of(Answer(status, (), body)) is None


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (400, "InvalidInputException", (CallRefused, False)),
        (400, "ValidationException", (CallRefused, False)),
        (400, "SerializationException", (CallRefused, False)),
        (413, "RequestEntityTooLargeException", (CallRefused, False)),
        (422, "UnprocessableEntityException", (CallRefused, False)),
        (400, "SomethingNewException", (CallRefused, False)),
        (400, "ThrottlingException", (CallThrottled, False)),
        (429, "TooManyRequestsException", (CallThrottled, False)),
        (429, "SomethingNewException", (CallThrottled, False)),
        (503, "SlowDown", (CallThrottled, False)),
        (409, "ResourceInUseException", (CallFailed, False)),
        (500, "InternalServerException", (CallFailed, True)),
        (503, "ServiceUnavailableException", (CallFailed, True)),
        (400, "RequestTimeoutException", (CallFailed, True)),
        (404, "ResourceNotFoundException", (LaneBlocked, False)),
        (400, "ResourceNotFoundException", (LaneBlocked, False)),
        (404, "UnknownOperationException", (LaneBlocked, False)),
        (403, "SomethingNewException", (LaneBlocked, False)),
        (403, "AccessDeniedException", (CredentialsRefused, False)),
        (403, "UnrecognizedClientException", (CredentialsRefused, False)),
        (403, "InvalidClientTokenId", (CredentialsRefused, False)),
        (403, "MissingAuthenticationTokenException", (CredentialsRefused, False)),
        (403, "InvalidSignatureException", (CredentialsRefused, False)),
        (403, "SignatureDoesNotMatch", (CredentialsRefused, False)),
        (403, "ExpiredTokenException", (CredentialsRefused, False)),
        (400, "ExpiredToken", (CredentialsRefused, False)),
        (400, "RequestExpired", (CredentialsRefused, False)),
        (403, "RequestTimeTooSkewed", (CredentialsRefused, False)),
        (400, "IncompleteSignature", (CredentialsRefused, False)),
    ],
)
def test_codes_of_aws(status: int, code: str, expected: tuple[object, bool]) -> None:
    """Each code of AWS is the error on which delivery acts rightly."""
    kind, unknown = expected

    assert outcome(error_of(aws_answer(status, code))) == (kind, code, unknown)


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (400, b"", (CallRefused, "Http400", False)),
        (413, WEB_PAGE, (CallRefused, "Http413", False)),
        (422, b"{}", (CallRefused, "Http422", False)),
        (429, WEB_PAGE, (CallThrottled, "Http429", False)),
        (409, b"", (CallFailed, "Http409", False)),
        (408, b"", (CallFailed, "Http408", True)),
        (502, WEB_PAGE, (CallFailed, "Http502", True)),
        (504, b"", (CallFailed, "Http504", True)),
        (301, b"", (LaneBlocked, "Http301", False)),
        (401, b"", (LaneBlocked, "Http401", False)),
        (403, b"", (LaneBlocked, "Http403", False)),
        (404, b"\xff\x00", (LaneBlocked, "Http404", False)),
        (418, b"", (LaneBlocked, "Http418", False)),
        (200, WEB_PAGE, (LaneBlocked, "NotPersonalize", False)),
        (400, WEB_PAGE, (LaneBlocked, "NotPersonalize", False)),
        (403, WEB_PAGE, (LaneBlocked, "NotPersonalize", False)),
    ],
)
def test_answers_without_a_code(
    status: int, body: bytes, expected: tuple[type[CallError], str, bool]
) -> None:
    """What somebody on the way answers loses no record and is not tried for ever."""
    assert outcome(error_of(Answer(status, (), body))) == expected


@pytest.mark.parametrize(
    ("head", "body", "code"),
    [
        ("X-AMZN-ERRORTYPE: InvalidInputException", b"", "InvalidInputException"),
        ("x-amzn-errortype:A:http://internal.amazon.com/coral/", b"", "A"),
        ("x-amzn-ErrorType: com.amazonaws#A:http://x#y", b"", "A"),
        ("x-amzn-ErrorType: A", b'{"__type":"B","code":"C"}', "A"),
        ("x-amzn-ErrorType: ", b'{"__type":"ns#B"}', "B"),
        ("Server: x", b'{"__type":"com.amazon.coral#B"}', "B"),
        ("Server: x", b'{"code":"C"}', "C"),
        ("Server: x", b'{"code":12}', "Http400"),
        ("Server: x", b'["code"]', "Http400"),
        ("Server: x", b"[" * 60_000, "Http400"),
        ("Server: x", b'{"code":' + b"9" * 5000 + b"}", "Http400"),
        ("x-amzn-ErrorType: " + "A" * 65, b"", "Unknown"),
        ("x-amzn-ErrorType: it's", b"", "Unknown"),
        ("x-amzn-ErrorType: ns#", b"", "Unknown"),
    ],
)
def test_where_the_code_is_found(head: str, body: bytes, code: str) -> None:
    """The header goes before the body, without namespace and URL, and bounded."""
    error = error_of(Answer(400, (head.encode() + b"\r\n",), body))

    assert error is not None
    assert error.code == code


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b'{"message":"one"}', "one"),
        (b'{"Message":"two"}', "two"),
        (b'{"message":3}', '{"message":3}'),
        (b"\xffthree", "\ufffdthree"),
        (b"x" * 5000, "x" * 1024),
    ],
)
def test_what_aws_says_is_only_in_the_detail(body: bytes, detail: str) -> None:
    """The text of the answer is kept apart from the message, and bounded."""
    error = error_of(Answer(400, (b"x-amzn-ErrorType: A\r\n",), body))

    assert error is not None
    assert (str(error), error.detail) == ("A", detail)


@pytest.mark.parametrize(
    ("head", "retry_after_s"),
    [
        ((), None),
        ((b"Retry-After: 2\r\n",), 2.0),
        ((b"retry-after: 1.5\r\n",), 1.5),
        ((b"x-amz-retry-after: 250\r\n", b"Retry-After: 2\r\n"), 0.25),
        ((b"Retry-After: -1\r\n",), None),
        ((b"Retry-After: nan\r\n",), None),
        ((b"Retry-After: inf\r\n",), None),
        ((b"Retry-After: Wed, 21 Oct 2026 07:28:00 GMT\r\n",), None),
    ],
)
def test_throttling_says_when_to_come_back(
    head: tuple[bytes, ...], retry_after_s: float | None
) -> None:
    """The wait that the answer asks for is passed on, in seconds."""
    error = error_of(aws_answer(400, "ThrottlingException", head=head))

    assert isinstance(error, CallThrottled)
    assert error.retry_after_s == retry_after_s


def test_throttling_is_what_botocore_takes_for_it() -> None:
    """A new botocore with other codes of throttling is noticed."""
    assert set(vars(ThrottledRetryableChecker)["_THROTTLED_ERROR_CODES"]) == THROTTLING_CODES


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ((), None),
        ((b"Date: soon\r\n",), None),
        (
            (b"Date: Tue, 15 Nov 1994 08:12:31 GMT\r\n",),
            datetime(1994, 11, 15, 8, 12, 31, tzinfo=UTC),
        ),
        ((b"date: 15 Nov 1994 08:12:31 -0000\r\n",), datetime(1994, 11, 15, 8, 12, 31, tzinfo=UTC)),
        (
            (b"Date: Tue, 15 Nov 1994 08:12:31 +0200\r\n",),
            datetime(1994, 11, 15, 8, 12, 31, tzinfo=timezone(timedelta(hours=2))),
        ),
    ],
)
def test_the_servers_time(head: tuple[bytes, ...], expected: datetime | None) -> None:
    """The Date is aware, and one that cannot be read is none."""
    assert Answer(403, head).date() == expected


@given(
    st.integers(100, 999),
    st.lists(st.binary(max_size=80) | st.sampled_from([b"x-amzn-errortype: ", b"Date: "])),
    st.binary(max_size=200)
    | st.recursive(st.none() | st.text(), st.lists).map(json.dumps).map(str.encode),
)
def test_any_answer_is_decided(status: int, head: list[bytes], body: bytes) -> None:
    """No answer, however bad, raises anything; the code always fits a label."""
    answer = Answer(status, tuple(head), body)
    answer.date()

    error = error_of(answer)

    assert error is None or re.fullmatch(r"[A-Za-z0-9_.]{1,64}", error.code)
    assert (error is None) <= (200 <= status < 300)
