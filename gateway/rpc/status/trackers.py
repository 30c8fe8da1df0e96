"""Event trackers, and what AWS says of them."""

from collections.abc import Mapping

from google.rpc.error_details_pb2 import BadRequest, QuotaFailure
from grpc import StatusCode

from gateway.api import ErrorReason
from gateway.errors import AccessDenied, ControlPlaneUnavailable, RequestRefused
from gateway.rpc.status.answer import (
    UNAVAILABLE_RETRY_AFTER_S,
    Answer,
    answer,
    precondition,
    resource,
    retry_info,
)
from gateway.trackers.errors import (
    DatasetGroupMissing,
    TrackerExists,
    TrackerInUse,
    TrackerLimitReached,
    TrackerUnknown,
)

_FIELDS_REFUSED: Mapping[str, str] = {
    "InvalidNextTokenException": "page_token",
    "TooManyTagKeysException": "tags",
    "TooManyTagsException": "tags",
}


@answer.register
def _(error: DatasetGroupMissing) -> Answer:
    return Answer(
        StatusCode.NOT_FOUND,
        ErrorReason.ERROR_REASON_DATASET_GROUP_UNKNOWN,
        str(error),
        [resource("dataset_group", error.dataset_group, str(error))],
    )


@answer.register
def _(error: TrackerUnknown) -> Answer:
    name = f"{error.dataset_group}/{error.name}"
    return Answer(
        StatusCode.NOT_FOUND,
        ErrorReason.ERROR_REASON_TRACKER_UNKNOWN,
        str(error),
        [resource("event_tracker", name, str(error))],
    )


@answer.register
def _(error: TrackerExists) -> Answer:
    name = f"{error.dataset_group}/{error.name}"
    return Answer(
        StatusCode.ALREADY_EXISTS,
        ErrorReason.ERROR_REASON_TRACKER_EXISTS,
        str(error),
        [resource("event_tracker", name, str(error))],
    )


@answer.register
def _(error: TrackerLimitReached) -> Answer:
    subject = f"aws_account:{error.account_id}"
    violation = QuotaFailure.Violation(subject=subject, description=error.detail)
    return Answer(
        StatusCode.RESOURCE_EXHAUSTED,
        ErrorReason.ERROR_REASON_ACCOUNT_LIMIT_REACHED,
        str(error),
        [QuotaFailure(violations=[violation])],
    )


@answer.register
def _(error: TrackerInUse) -> Answer:
    return Answer(
        StatusCode.FAILED_PRECONDITION,
        ErrorReason.ERROR_REASON_RESOURCE_IN_USE,
        str(error),
        [precondition("RESOURCE_IN_USE", error.resource, error.detail)],
    )


@answer.register
def _(error: RequestRefused) -> Answer:
    # Which field it was, AWS says in words alone.
    field = _FIELDS_REFUSED.get(error.code)
    violation = BadRequest.FieldViolation(field=field, description=error.detail, reason=error.code)
    return Answer(
        StatusCode.INVALID_ARGUMENT,
        ErrorReason.ERROR_REASON_PERSONALIZE_REFUSED,
        f"Personalize refused {error.operation} ({error.code}): {error.detail}",
        [BadRequest(field_violations=[violation])] if field else [],
        {"aws_code": error.code},
    )


@answer.register
def _(error: ControlPlaneUnavailable) -> Answer:
    return Answer(
        StatusCode.UNAVAILABLE,
        ErrorReason.ERROR_REASON_PERSONALIZE_UNAVAILABLE,
        f"Personalize did not answer {error.operation} ({error.code}); ask again",
        [retry_info(error.retry_after_s or UNAVAILABLE_RETRY_AFTER_S)],
        {"aws_code": error.code},
    )


@answer.register
def _(error: AccessDenied) -> Answer:
    said = f": {error.detail}" if error.detail else ""
    return Answer(
        StatusCode.FAILED_PRECONDITION,
        ErrorReason.ERROR_REASON_AWS_ACCESS_DENIED,
        f"AWS does not let the gateway do {error.operation} ({error.code}){said}",
        [precondition("AWS_ACCESS", f"personalize:{error.operation}", error.detail)],
        {"aws_code": error.code},
    )
