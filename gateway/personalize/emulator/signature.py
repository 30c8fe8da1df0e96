"""Verification of AWS Signature Version 4.

Written from AWS's description of the signing process, not from the gateway's signer: each is a
check of the other.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from urllib.parse import quote

from gateway.personalize.emulator.config import Clock, EmulatorConfig
from gateway.personalize.emulator.errors import AwsError

_ALGORITHM = "AWS4-HMAC-SHA256"
_BASIC_FORMAT = "%Y%m%dT%H%M%SZ"
_AUTHORIZATION = re.compile(
    rf"{_ALGORITHM} +Credential=(?P<key>[^/, ]+)/(?P<date>[^/, ]+)/(?P<region>[^/, ]+)"
    r"/(?P<service>[^/, ]+)/(?P<end>[^/, ]+),"
    r" *SignedHeaders=(?P<headers>[^, ]+), *Signature=(?P<signature>[0-9a-f]{64})"
)
_MISMATCH = "The request signature we calculated does not match the signature you provided."


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """The parts of an HTTP request that a signature covers.

    Attributes:
        method: in upper case.
        path: as on the wire, without the query.
        query: as on the wire, without the question mark.
        headers: the values of each header by its name in lower case.
        body: as on the wire.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, Sequence[str]]
    body: bytes

    def header(self, name: str) -> str | None:
        """Return the first value of a header."""
        values = self.headers.get(name)
        return values[0] if values else None


class Verifier:
    """Takes the requests that a known key has signed for this region, and lately."""

    def __init__(self, config: EmulatorConfig, clock: Clock) -> None:
        self._config = config
        self._clock = clock

    def verify(self, request: SignedRequest) -> None:
        """Return if the request's signature is good.

        Raises:
            AwsError: it is missing, incomplete, too old or too new, for another region or service,
                of an unknown key, or not the signature of this request.
        """
        authorization = request.header("authorization")
        if authorization is None:
            raise AwsError("MissingAuthenticationTokenException", "Missing Authentication Token")
        match = _AUTHORIZATION.fullmatch(authorization)
        if match is None:
            raise _incomplete("The Authorization header is not one of Signature Version 4.")
        signed_at = _signed_at(request)
        self._check_time(signed_at)
        self._check_scope(match, signed_at)
        self._check_headers(request, match["headers"].split(";"))
        self._check_signature(request, match, signed_at)

    def _check_time(self, signed_at: datetime) -> None:
        now_s = self._clock()
        skew_s = self._config.clock_skew_s
        signed, now = _basic(signed_at.timestamp()), _basic(now_s)
        if signed_at.timestamp() < now_s - skew_s:
            raise _invalid(
                f"Signature expired: {signed} is now earlier than {_basic(now_s - skew_s)}"
                f" ({now} - {skew_s / 60:g} min.)"
            )
        if signed_at.timestamp() > now_s + skew_s:
            raise _invalid(
                f"Signature not yet current: {signed} is still later than {_basic(now_s + skew_s)}"
                f" ({now} + {skew_s / 60:g} min.)"
            )

    def _check_scope(self, match: re.Match[str], signed_at: datetime) -> None:
        expected = {
            "date": signed_at.strftime("%Y%m%d"),
            "region": self._config.region,
            "service": "personalize",
            "end": "aws4_request",
        }
        for part, value in expected.items():
            if match[part] != value:
                raise _invalid(f"Credential should be scoped to {part} '{value}'.")

    def _check_headers(self, request: SignedRequest, signed: Sequence[str]) -> None:
        if list(signed) != sorted(set(signed)):
            raise _incomplete("SignedHeaders is not sorted.")
        needed = {"host"} | {name for name in request.headers if name.startswith("x-amz-")}
        missing = sorted(needed - set(signed))
        if missing:
            raise _invalid(f"'{missing[0]}' must be a 'SignedHeader' in the Authorization header.")
        if any(name not in request.headers for name in signed):
            raise _invalid(_MISMATCH)

    def _check_signature(
        self, request: SignedRequest, match: re.Match[str], signed_at: datetime
    ) -> None:
        if self._config.any_credentials:
            return
        secret = self._config.credentials.get(match["key"])
        # A session token belongs to temporary credentials, and none of these are known here.
        if secret is None or "x-amz-security-token" in request.headers:
            raise AwsError(
                "UnrecognizedClientException",
                "The security token included in the request is invalid.",
            )
        scope = f"{match['date']}/{match['region']}/{match['service']}/{match['end']}"
        canonical = _canonical_request(request, match["headers"])
        to_sign = "\n".join(
            (_ALGORITHM, signed_at.strftime(_BASIC_FORMAT), scope, _sha256(canonical))
        )
        key = _signing_key(secret, match["date"], match["region"], match["service"])
        expected = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected, match["signature"]):
            raise _invalid(_MISMATCH)


def _canonical_request(request: SignedRequest, signed_headers: str) -> bytes:
    headers = (
        f"{name}:{','.join(' '.join(value.split()) for value in request.headers[name])}\n"
        for name in signed_headers.split(";")
    )
    # The hash is that of the body received: a client's own `x-amz-content-sha256` proves nothing,
    # and a body left unsigned is for S3 alone.
    parts = (
        request.method,
        quote(request.path, safe="/-_.~"),
        "&".join(sorted(_canonical_pair(pair) for pair in request.query.split("&") if pair)),
        "".join(headers),
        signed_headers,
        _sha256(request.body),
    )
    # Bytes of a header that are no UTF-8 come back as they were.
    return "\n".join(parts).encode(errors="surrogateescape")


def _canonical_pair(pair: str) -> str:
    name, _, value = pair.partition("=")
    return f"{name}={value}"


@lru_cache(maxsize=64)
def _signing_key(secret: str, date: str, region: str, service: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in (date, region, service, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key


def _signed_at(request: SignedRequest) -> datetime:
    stamp = request.header("x-amz-date")
    date = request.header("date")
    try:
        if stamp is not None:
            return _parse_basic(stamp)
        if date is not None:
            return parsedate_to_datetime(date).astimezone(UTC)
    except ValueError:
        raise _incomplete(
            "The date is neither in ISO-8601 basic format nor an HTTP date."
        ) from None
    raise _incomplete("The request has neither an X-Amz-Date nor a Date header.")


@lru_cache(maxsize=64)
def _parse_basic(stamp: str) -> datetime:
    return datetime.strptime(stamp, _BASIC_FORMAT).replace(tzinfo=UTC)


def _basic(timestamp_s: float) -> str:
    return datetime.fromtimestamp(timestamp_s, UTC).strftime(_BASIC_FORMAT)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidSignatureException", message)


def _incomplete(message: str) -> AwsError:
    return AwsError("IncompleteSignatureException", message)
