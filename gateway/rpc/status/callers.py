"""Callers who may not, or not so much, or not there."""

from google.rpc.error_details_pb2 import QuotaFailure, ResourceInfo
from grpc import StatusCode

from gateway.api import ErrorReason
from gateway.identity import CallerUnknown, ProofUnverifiable
from gateway.routing.errors import (
    AdminRequired,
    CallerLimitReached,
    DatasetGroupAmbiguous,
    DatasetGroupUnknown,
    RouteMissing,
)
from gateway.rpc.status.answer import (
    UNAVAILABLE_RETRY_AFTER_S,
    Answer,
    answer,
    precondition,
    retry_info,
)
from gateway.targets import EventsNotTaken, KindNotAvailable

_MAX_CHOICES = 20
"""Names of 63 characters: trailers end at 8 KiB."""


@answer.register
def _(error: CallerUnknown) -> Answer:
    return Answer(StatusCode.UNAUTHENTICATED, ErrorReason.ERROR_REASON_CALLER_UNKNOWN, str(error))


@answer.register
def _(error: ProofUnverifiable) -> Answer:
    return Answer(
        StatusCode.UNAVAILABLE,
        ErrorReason.ERROR_REASON_CALLER_UNKNOWN,
        str(error),
        [retry_info(UNAVAILABLE_RETRY_AFTER_S)],
    )


@answer.register
def _(error: RouteMissing) -> Answer:
    return Answer(StatusCode.PERMISSION_DENIED, ErrorReason.ERROR_REASON_ROUTE_MISSING, str(error))


@answer.register
def _(error: KindNotAvailable) -> Answer:
    return Answer(
        StatusCode.FAILED_PRECONDITION,
        ErrorReason.ERROR_REASON_KIND_NOT_AVAILABLE,
        str(error),
        [precondition("KIND_NOT_AVAILABLE", f"dataset_group:{error.dataset_group}", str(error))],
    )


@answer.register
def _(error: EventsNotTaken) -> Answer:
    return Answer(
        StatusCode.FAILED_PRECONDITION,
        ErrorReason.ERROR_REASON_TRACKER_NOT_ACTIVE,
        str(error),
        [precondition("TRACKER_NOT_ACTIVE", f"dataset_group:{error.dataset_group}", str(error))],
    )


@answer.register
def _(error: AdminRequired) -> Answer:
    return Answer(StatusCode.PERMISSION_DENIED, ErrorReason.ERROR_REASON_ADMIN_REQUIRED, str(error))


@answer.register
def _(error: CallerLimitReached) -> Answer:
    violation = QuotaFailure.Violation(
        subject=f"route:{error.route}/{error.limit}", description=str(error)
    )
    return Answer(
        StatusCode.RESOURCE_EXHAUSTED,
        ErrorReason.ERROR_REASON_CALLER_LIMIT_REACHED,
        str(error),
        [retry_info(error.retry_after_s), QuotaFailure(violations=[violation])],
        {"route": error.route, "limit": error.limit},
    )


@answer.register
def _(error: DatasetGroupUnknown) -> Answer:
    resource = ResourceInfo(
        resource_type="dataset_group", resource_name=error.name, description=str(error)
    )
    return Answer(
        StatusCode.NOT_FOUND,
        ErrorReason.ERROR_REASON_DATASET_GROUP_UNKNOWN,
        str(error),
        [resource],
    )


@answer.register
def _(error: DatasetGroupAmbiguous) -> Answer:
    return Answer(
        StatusCode.INVALID_ARGUMENT,
        ErrorReason.ERROR_REASON_DATASET_GROUP_AMBIGUOUS,
        str(error),
        metadata={"choices": ",".join(error.choices[:_MAX_CHOICES])},
    )
