"""What an error of the control plane means: AWS's codes, as our errors."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from gateway.errors import (
    AccessDenied,
    AccountLimitReached,
    CallError,
    CallFailed,
    CallRefused,
    CallThrottled,
    ControlPlaneError,
    ControlPlaneUnavailable,
    LaneBlocked,
    RequestRefused,
    ResourceExists,
    ResourceInUse,
    ResourceNotFound,
)
from gateway.personalize.answers import Answer, CredentialsRefused, error_of

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

_DETAIL_LIMIT_BYTES = 512


class SignatureRefused(AccessDenied):
    """Expected error: AWS did not accept who signed, or when; with new credentials it may."""


# The errors of botocore's model `personalize/2018-05-22`.
_MODELLED: Mapping[str, type[ControlPlaneError]] = {
    "InvalidInputException": RequestRefused,
    "InvalidNextTokenException": RequestRefused,
    "LimitExceededException": AccountLimitReached,
    "ResourceAlreadyExistsException": ResourceExists,
    "ResourceInUseException": ResourceInUse,
    "ResourceNotFoundException": ResourceNotFound,
    "TooManyTagKeysException": RequestRefused,
    "TooManyTagsException": RequestRefused,
}
# What the data plane makes of all others is decided for both; the first that fits.
_UNMODELLED: Mapping[type[CallError], type[ControlPlaneError]] = {
    CallFailed: ControlPlaneUnavailable,
    CallRefused: RequestRefused,
    CredentialsRefused: SignatureRefused,
    LaneBlocked: AccessDenied,
}


def error_of_service(operation: str, error: "ClientError") -> ControlPlaneError:
    """Return what an error that AWS answered means."""
    told = error.response.get("Error", {})
    code, detail = told.get("Code", ""), _shortened(told.get("Message", ""))
    if modelled := _MODELLED.get(code):
        return modelled(operation, code, detail)
    found = error_of(_answer(code, error))
    if found is None:
        return AccessDenied(operation, "NotPersonalize")
    if isinstance(found, CallThrottled):
        wait_s = found.retry_after_s
        return ControlPlaneUnavailable(operation, found.code, detail, retry_after_s=wait_s)
    kind = next(ours for theirs, ours in _UNMODELLED.items() if isinstance(found, theirs))
    return kind(operation, found.code, detail)


def _shortened(text: str) -> str:
    # It travels in a trailer, which is bounded.
    return text.encode()[:_DETAIL_LIMIT_BYTES].decode(errors="ignore")


def _answer(code: str, error: "ClientError") -> Answer:
    metadata = error.response.get("ResponseMetadata", {})
    headers = {**metadata.get("HTTPHeaders", {}), "x-amzn-errortype": code}
    head = tuple(f"{name}: {value}".encode() for name, value in headers.items())
    return Answer(metadata.get("HTTPStatusCode", 0), head)


def error_of_credentials(operation: str, error: CallError) -> ControlPlaneError:
    """Return what it means that there are no credentials to call with."""
    # What came with it may be a credential process's own output: it is shown to nobody.
    if isinstance(error, CallFailed):
        return ControlPlaneUnavailable(operation, error.code)
    return AccessDenied(operation, error.code)
