"""What a caller is told of an error, and the details of google.rpc that it is told with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import singledispatch

from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import (
    BadRequest,
    ErrorInfo,
    PreconditionFailure,
    ResourceInfo,
    RetryInfo,
)
from google.rpc.status_pb2 import Status
from grpc import StatusCode

from gateway.api import ErrorReason, Rule
from gateway.validation.violation import Violation

DOMAIN = "personalize-gateway"
"""The domain of every ErrorInfo."""

UNAVAILABLE_RETRY_AFTER_S = 1.0
"""When to try again what nobody can say more of."""


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


@singledispatch
def answer(error: Exception) -> Answer:
    """Return what the caller is told of an error.

    Raises:
        TypeError: for an error that has no answer here; whoever catches it raises `Unforeseen`.
    """
    raise TypeError(f"no answer to {type(error).__name__}")


def resource(resource_type: str, name: str, description: str) -> Message:
    """Return the detail that names a resource."""
    return ResourceInfo(resource_type=resource_type, resource_name=name, description=description)


def precondition(precondition: str, subject: str, description: str) -> Message:
    """Return the detail that names what must be so first."""
    violation = PreconditionFailure.Violation(
        type=precondition, subject=subject, description=description
    )
    return PreconditionFailure(violations=[violation])


def bad_request(violations: Sequence[Violation]) -> Message:
    """Return the detail that names violations."""
    bad_request = BadRequest()
    for violation in violations:
        bad_request.field_violations.add(
            field=violation.field,
            description=violation.description,
            reason=Rule.Name(violation.rule).removeprefix("RULE_"),
        )
    return bad_request


def retry_info(retry_after_s: float) -> Message:
    """Return the detail that says when to try again."""
    delay = Duration()
    delay.FromNanoseconds(int(retry_after_s * 1e9))
    return RetryInfo(retry_delay=delay)
