"""Requests that are not as they should be."""

from google.rpc.error_details_pb2 import BadRequest
from grpc import StatusCode

from gateway.acceptance import InvalidRequest
from gateway.api import ErrorReason
from gateway.rpc.errors import MalformedMessage, MessageTooLarge, SequenceNotRising
from gateway.rpc.status.answer import Answer, answer, bad_request
from gateway.validation.violation import bounded


@answer.register
def _(error: InvalidRequest) -> Answer:
    total = len(error.violations)
    first = error.violations[0]
    more = f" (and {total - 1} more)" if total > 1 else ""
    return Answer(
        StatusCode.INVALID_ARGUMENT,
        ErrorReason.ERROR_REASON_INVALID_FIELDS,
        f"{first.field}: {first.description}{more}",
        [bad_request(bounded(error.violations))],
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
