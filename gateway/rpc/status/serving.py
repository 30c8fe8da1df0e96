"""The state of the gateway itself."""

from grpc import StatusCode

from gateway.api import ErrorReason
from gateway.rpc.errors import (
    DeadlinePassed,
    Draining,
    NotImplementedYet,
    Overloaded,
    StreamEnded,
    Unforeseen,
)
from gateway.rpc.status.answer import Answer, answer, retry_info


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
        [retry_info(error.retry_after_s)],
    )


@answer.register
def _(error: DeadlinePassed) -> Answer:
    return Answer(StatusCode.DEADLINE_EXCEEDED, ErrorReason.ERROR_REASON_UNSPECIFIED, str(error))


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
