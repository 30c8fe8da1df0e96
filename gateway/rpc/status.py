"""Which gRPC status, reason and details an error becomes. Decided here and nowhere else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import singledispatch

from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import (
    BadRequest,
    ErrorInfo,
    PreconditionFailure,
    QuotaFailure,
    ResourceInfo,
    RetryInfo,
)
from google.rpc.status_pb2 import Status
from grpc import StatusCode

from gateway.acceptance import InvalidRequest
from gateway.api import ErrorReason, Rule
from gateway.dead_letters.errors import DeadLettersUnavailable, DeadLetterUnknown
from gateway.errors import AccessDenied, ControlPlaneUnavailable, RequestRefused
from gateway.identity import CallerUnknown, ProofUnverifiable
from gateway.outbox.interface import BudgetExhausted, OutboxUnavailable
from gateway.routing.errors import (
    AdminRequired,
    CallerLimitReached,
    DatasetGroupAmbiguous,
    DatasetGroupUnknown,
    RouteMissing,
)
from gateway.rpc.errors import (
    DeadlinePassed,
    Draining,
    MalformedMessage,
    MessageTooLarge,
    NotImplementedYet,
    Overloaded,
    SequenceNotRising,
    StreamEnded,
    Unforeseen,
)
from gateway.targets import EventsNotTaken, KindNotAvailable
from gateway.trackers.errors import (
    DatasetGroupMissing,
    TrackerExists,
    TrackerInUse,
    TrackerLimitReached,
    TrackerUnknown,
)
from gateway.validation.violation import Violation, bounded

DOMAIN = "personalize-gateway"
"""The domain of every ErrorInfo."""

_UNAVAILABLE_RETRY_AFTER_S = 1.0

_MAX_CHOICES = 20
"""Names of 63 characters: trailers end at 8 KiB."""

_FIELDS_REFUSED: Mapping[str, str] = {
    "InvalidNextTokenException": "page_token",
    "TooManyTagKeysException": "tags",
    "TooManyTagsException": "tags",
}

_MAX_DEAD_LETTERS = 5
"""An ID that somebody made up has up to 256 characters, of four bytes each."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a caller is told of an error.

    Attributes:
        reason: a value of `ErrorReason`.
        details: messages of google.rpc beside the ErrorInfo.
        metadata: of the ErrorInfo.
    """

    code: StatusCode
    reason: ErrorReason
    message: str
    details: Sequence[Message] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)

    def status(self) -> Status:
        """Return the answer as a google.rpc.Status with its details."""
        number: int = self.code.value[0]
        status = Status(code=number, message=self.message)
        for detail in (self._error_info(), *self.details):
            status.details.add().Pack(detail)
        return status

    @property
    def reason_name(self) -> str:
        """The reason as the ErrorInfo and the metrics name it."""
        return ErrorReason.Name(self.reason).removeprefix("ERROR_REASON_")

    def _error_info(self) -> Message:
        return ErrorInfo(reason=self.reason_name, domain=DOMAIN, metadata=self.metadata)


def reason_name(error: Exception) -> str:
    """Return the reason that the caller is told of an error, by its name."""
    try:
        return answer(error).reason_name
    except TypeError:
        return answer(Unforeseen("")).reason_name


@singledispatch
def answer(error: Exception) -> Answer:
    """Return what the caller is told of an error.

    Raises:
        TypeError: for an error that has no answer here; whoever catches it raises `Unforeseen`.
    """
    raise TypeError(f"no answer to {type(error).__name__}")


@answer.register
def _(error: InvalidRequest) -> Answer:
    total = len(error.violations)
    first = error.violations[0]
    more = f" (and {total - 1} more)" if total > 1 else ""
    return Answer(
        StatusCode.INVALID_ARGUMENT,
        ErrorReason.ERROR_REASON_INVALID_FIELDS,
        f"{first.field}: {first.description}{more}",
        [_bad_request(bounded(error.violations))],
        {"violations": str(total)},
    )


@answer.register
def _(error: MalformedMessage) -> Answer:
    violation = BadRequest.FieldViolation(field=error.field, description=error.problem)
    return Answer(
        StatusCode.INVALID_ARGUMENT,
        ErrorReason.ERROR_REASON_MALFORMED_MESSAGE,
        str(error),
        [BadRequest(field_violations=[violation])] if error.field else [],
    )


@answer.register
def _(error: MessageTooLarge) -> Answer:
    return Answer(
        StatusCode.RESOURCE_EXHAUSTED,
        ErrorReason.ERROR_REASON_MESSAGE_TOO_LARGE,
        str(error),
        metadata={"limit_bytes": str(error.limit_bytes)},
    )


@answer.register
def _(error: SequenceNotRising) -> Answer:
    return Answer(
        StatusCode.INVALID_ARGUMENT, ErrorReason.ERROR_REASON_SEQUENCE_NOT_RISING, str(error)
    )


@answer.register
def _(error: CallerUnknown) -> Answer:
    return Answer(StatusCode.UNAUTHENTICATED, ErrorReason.ERROR_REASON_CALLER_UNKNOWN, str(error))


@answer.register
def _(error: ProofUnverifiable) -> Answer:
    return Answer(
        StatusCode.UNAVAILABLE,
        ErrorReason.ERROR_REASON_CALLER_UNKNOWN,
        str(error),
        [_retry_info(_UNAVAILABLE_RETRY_AFTER_S)],
    )


@answer.register
def _(error: RouteMissing) -> Answer:
    return Answer(StatusCode.PERMISSION_DENIED, ErrorReason.ERROR_REASON_ROUTE_MISSING, str(error))


@answer.register
def _(error: KindNotAvailable) -> Answer:
    return Answer(
        StatusCode.FAILED_PRECONDITION, ErrorReason.ERROR_REASON_KIND_NOT_AVAILABLE, str(error)
    )


@answer.register
def _(error: EventsNotTaken) -> Answer:
    return Answer(
        StatusCode.FAILED_PRECONDITION, ErrorReason.ERROR_REASON_TRACKER_NOT_ACTIVE, str(error)
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
        [_retry_info(error.retry_after_s), QuotaFailure(violations=[violation])],
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
def _(error: DeadLetterUnknown) -> Answer:
    return Answer(
        StatusCode.NOT_FOUND,
        ErrorReason.ERROR_REASON_DEAD_LETTER_UNKNOWN,
        str(error),
        [
            ResourceInfo(resource_type="dead_letter", resource_name=dead_letter_id)
            for dead_letter_id in error.dead_letter_ids[:_MAX_DEAD_LETTERS]
        ],
        {"unknown": str(len(error.dead_letter_ids))},
    )


@answer.register
def _(error: DatasetGroupAmbiguous) -> Answer:
    return Answer(
        StatusCode.INVALID_ARGUMENT,
        ErrorReason.ERROR_REASON_DATASET_GROUP_AMBIGUOUS,
        str(error),
        metadata={"choices": ",".join(error.choices[:_MAX_CHOICES])},
    )


@answer.register
def _(error: BudgetExhausted) -> Answer:
    violation = QuotaFailure.Violation(
        subject=f"dataset_group:{error.dataset_group}", description=str(error)
    )
    return Answer(
        StatusCode.RESOURCE_EXHAUSTED,
        ErrorReason.ERROR_REASON_BUDGET_EXHAUSTED,
        str(error),
        [
            _retry_info(error.retry_after_s),
            QuotaFailure(violations=[violation]),
        ],
    )


@answer.register
def _(error: DatasetGroupMissing) -> Answer:
    return Answer(
        StatusCode.NOT_FOUND,
        ErrorReason.ERROR_REASON_DATASET_GROUP_UNKNOWN,
        str(error),
        [_resource("dataset_group", error.dataset_group, str(error))],
    )


@answer.register
def _(error: TrackerUnknown) -> Answer:
    name = f"{error.dataset_group}/{error.name}"
    return Answer(
        StatusCode.NOT_FOUND,
        ErrorReason.ERROR_REASON_TRACKER_UNKNOWN,
        str(error),
        [_resource("event_tracker", name, str(error))],
    )


@answer.register
def _(error: TrackerExists) -> Answer:
    name = f"{error.dataset_group}/{error.name}"
    return Answer(
        StatusCode.ALREADY_EXISTS,
        ErrorReason.ERROR_REASON_TRACKER_EXISTS,
        str(error),
        [_resource("event_tracker", name, str(error))],
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
        [_precondition("RESOURCE_IN_USE", error.resource, error.detail)],
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
        [_retry_info(error.retry_after_s or _UNAVAILABLE_RETRY_AFTER_S)],
        {"aws_code": error.code},
    )


@answer.register
def _(error: AccessDenied) -> Answer:
    said = f": {error.detail}" if error.detail else ""
    return Answer(
        StatusCode.FAILED_PRECONDITION,
        ErrorReason.ERROR_REASON_AWS_ACCESS_DENIED,
        f"AWS does not let the gateway do {error.operation} ({error.code}){said}",
        [_precondition("AWS_ACCESS", f"personalize:{error.operation}", error.detail)],
        {"aws_code": error.code},
    )


@answer.register
def _(error: OutboxUnavailable) -> Answer:
    del error  # What is wrong with the disk is for the operator, not for the caller.
    return Answer(
        StatusCode.UNAVAILABLE,
        ErrorReason.ERROR_REASON_OUTBOX_UNAVAILABLE,
        "the gateway cannot store records at the moment; nothing was stored",
        [_retry_info(_UNAVAILABLE_RETRY_AFTER_S)],
    )


@answer.register
def _(error: DeadLettersUnavailable) -> Answer:
    return Answer(
        StatusCode.UNAVAILABLE,
        ErrorReason.ERROR_REASON_OUTBOX_UNAVAILABLE,
        str(error),
        [_retry_info(_UNAVAILABLE_RETRY_AFTER_S)],
    )


@answer.register
def _(error: Draining) -> Answer:
    return Answer(StatusCode.UNAVAILABLE, ErrorReason.ERROR_REASON_DRAINING, str(error))


@answer.register
def _(error: StreamEnded) -> Answer:
    return Answer(StatusCode.UNAVAILABLE, ErrorReason.ERROR_REASON_DRAINING, str(error))


@answer.register
def _(error: Overloaded) -> Answer:
    return Answer(
        StatusCode.RESOURCE_EXHAUSTED,
        ErrorReason.ERROR_REASON_OVERLOADED,
        str(error),
        [_retry_info(error.retry_after_s)],
    )


@answer.register
def _(error: DeadlinePassed) -> Answer:
    return Answer(
        StatusCode.DEADLINE_EXCEEDED, ErrorReason.ERROR_REASON_UNSPECIFIED, str(error)
    )


@answer.register
def _(error: NotImplementedYet) -> Answer:
    return Answer(StatusCode.UNIMPLEMENTED, ErrorReason.ERROR_REASON_NOT_IMPLEMENTED, str(error))


@answer.register
def _(error: Unforeseen) -> Answer:
    return Answer(
        StatusCode.INTERNAL,
        ErrorReason.ERROR_REASON_INTERNAL,
        str(error),
        metadata={"error_id": error.error_id},
    )


def _resource(resource_type: str, name: str, description: str) -> Message:
    return ResourceInfo(resource_type=resource_type, resource_name=name, description=description)


def _precondition(precondition: str, subject: str, description: str) -> Message:
    violation = PreconditionFailure.Violation(
        type=precondition, subject=subject, description=description
    )
    return PreconditionFailure(violations=[violation])


def _bad_request(violations: Sequence[Violation]) -> Message:
    bad_request = BadRequest()
    for violation in violations:
        bad_request.field_violations.add(
            field=violation.field,
            description=violation.description,
            reason=Rule.Name(violation.rule).removeprefix("RULE_"),
        )
    return bad_request


def _retry_info(retry_after_s: float) -> Message:
    delay = Duration()
    delay.FromNanoseconds(int(retry_after_s * 1e9))
    return RetryInfo(retry_delay=delay)
