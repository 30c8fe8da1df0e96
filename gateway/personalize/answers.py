"""What an answer of Personalize means: AWS's codes and statuses, as our errors.

Modelled by AWS are InvalidInputException, ResourceNotFoundException and ResourceInUseException.
All else comes from AWS's front ends or from something between us and them, and nobody has
documented it for this service: what is unknown is decided so that no record is lost and none is
sent for ever.
"""

import json
import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from gateway.errors import CallError, CallFailed, CallRefused, CallThrottled, LaneBlocked

# What botocore takes for throttling (`botocore/retries/standard.py`; a test compares them).
THROTTLING_CODES = frozenset(
    {
        "BandwidthLimitExceeded",
        "EC2ThrottledException",
        "LimitExceededException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)
# Codes that say who signed, or when, is not accepted. Fresh credentials or the right time may be.
_SIGNATURE_CODES = re.compile(
    r"AccessDenied|AuthFailure|ExpiredToken|IncompleteSignature|InvalidAccessKeyId"
    r"|InvalidClientTokenId|InvalidSignature|MissingAuthenticationToken|NotAuthorized"
    r"|RequestExpired|RequestTimeTooSkewed|SignatureDoesNotMatch|UnrecognizedClient"
)
# Codes with which AWS blames something else than the records, whatever the status.
_SURROUNDINGS = frozenset(
    {
        "OptInRequired",
        "ResourceNotFoundException",
        "SubscriptionRequiredException",
        "UnknownOperationException",
    }
)
_TIMEOUT_CODES = frozenset({"RequestTimeout", "RequestTimeoutException"})
_CODE = re.compile(r"[A-Za-z0-9_.]{1,64}")
_DETAIL_LIMIT_CHARS = 1024


class CredentialsRefused(LaneBlocked):
    """Expected error: AWS did not accept the signature, the credentials or the time of a call."""


@dataclass(slots=True)  # Never changed; a frozen one takes 1 µs to make, not 0.25.
class Answer:
    """An HTTP answer, as it was read.

    Attributes:
        head: its status line and header lines, as they came; before them those of a proxy's answer
            to CONNECT and of interim answers (1xx), where there were any.
        body: may be cut at the client's limit.
    """

    status: int
    head: tuple[bytes, ...] = ()
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """Return the value of the last header `name`, in any letter case; None without one."""
        for line in reversed(self.head):
            if line.startswith(b"HTTP/"):
                break
            key, colon, value = line.decode("latin-1").partition(":")
            if colon and key.strip().lower() == name.lower():
                return value.strip()
        return None

    def date(self) -> datetime | None:
        """Return the server's time, aware; None where the answer names none."""
        try:
            date = parsedate_to_datetime(self.header("Date") or "")
        except ValueError:
            return None
        return date.replace(tzinfo=date.tzinfo or UTC)


def error_of(answer: Answer) -> CallError | None:
    """Return what delivery is to be told of `answer`; None if Personalize has taken the call.

    A web page is no answer of Personalize, not even with status 200: a load balancer's default
    page would otherwise take all records for ever.
    """
    web_page = answer.body.lstrip().startswith(b"<")
    if 200 <= answer.status < 300 and not web_page:  # noqa: PLR2004 - HTTP's class of success
        return None
    members = _members(answer.body)
    code = _code_of(answer, members)
    foreign = web_page and code is None
    detail = _detail(answer, members)
    if code in THROTTLING_CODES or answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return CallThrottled(code or "Http429", detail, retry_after_s=_retry_after_s(answer))
    return _error_of_status(answer.status, code or f"Http{answer.status}", detail, foreign=foreign)


def _error_of_status(status: int, code: str, detail: str, *, foreign: bool) -> CallError:
    if _may_have_been_taken(status, code):
        return CallFailed(code, detail, outcome_unknown=True)
    if _SIGNATURE_CODES.match(code):
        return CredentialsRefused(code, detail)
    if status == HTTPStatus.CONFLICT:
        return CallFailed(code, detail)
    if _blames_records(status, code, foreign=foreign):
        return CallRefused(code, detail)
    # Not found, not allowed, a redirect (none is followed): nothing that the records could help.
    return LaneBlocked("NotPersonalize" if foreign else code, detail)


def _may_have_been_taken(status: int, code: str) -> bool:
    # Who answers so may stand before one that had already taken the records: a load balancer's
    # 504, a front end's 500 after the write.
    timed_out = status == HTTPStatus.REQUEST_TIMEOUT or code in _TIMEOUT_CODES
    return timed_out or status >= HTTPStatus.INTERNAL_SERVER_ERROR


def _blames_records(status: int, code: str, *, foreign: bool) -> bool:
    # Codes that nobody here knows count, too. A refused call is split, and only a record that is
    # refused alone is dead-lettered: one bad record cannot stop its lane, and where all are
    # refused the limit on dead letters parks it.
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return True
    refused = status in (HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY)
    return refused and code not in _SURROUNDINGS and not foreign


def _members(body: bytes) -> dict[str, object]:
    """Return the members of the JSON object in `body`; none where it is anything else."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _code_of(answer: Answer, members: dict[str, object]) -> str | None:
    """Return AWS's code without namespace and URL; None without one, bounded to be a label."""
    stated = (answer.header("x-amzn-ErrorType"), members.get("__type"), members.get("code"))
    text = next((value for value in stated if isinstance(value, str) and value), None)
    if text is None:
        return None
    code = text.partition(":")[0].rpartition("#")[2]
    return code if _CODE.fullmatch(code) else "Unknown"


def _detail(answer: Answer, members: dict[str, object]) -> str:
    for key in ("message", "Message"):
        if isinstance(message := members.get(key), str):
            return message[:_DETAIL_LIMIT_CHARS]
    return answer.body[:_DETAIL_LIMIT_CHARS].decode("utf-8", "replace")


def _retry_after_s(answer: Answer) -> float | None:
    """Return the wait asked for. HTTP also allows a date there, which AWS does not send."""
    milliseconds = _seconds(answer.header("x-amz-retry-after"))
    if milliseconds is not None:
        return milliseconds / 1000
    return _seconds(answer.header("Retry-After"))


def _seconds(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None
