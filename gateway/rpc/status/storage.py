"""The outbox and the dead letters."""

from google.rpc.error_details_pb2 import QuotaFailure, ResourceInfo
from grpc import StatusCode

from gateway.api import ErrorReason
from gateway.dead_letters.errors import DeadLettersUnavailable, DeadLetterUnknown
from gateway.outbox.interface import BudgetExhausted, OutboxUnavailable
from gateway.rpc.status.answer import UNAVAILABLE_RETRY_AFTER_S, Answer, answer, retry_info

_MAX_DEAD_LETTERS = 5
"""An ID that somebody made up has up to 256 characters, of four bytes each."""


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
            retry_info(error.retry_after_s),
            QuotaFailure(violations=[violation]),
        ],
    )


@answer.register
def _(error: OutboxUnavailable) -> Answer:
    del error  # What is wrong with the disk is for the operator, not for the caller.
    return Answer(
        StatusCode.UNAVAILABLE,
        ErrorReason.ERROR_REASON_OUTBOX_UNAVAILABLE,
        "the gateway cannot store records at the moment; nothing was stored",
        [retry_info(UNAVAILABLE_RETRY_AFTER_S)],
    )


@answer.register
def _(error: DeadLettersUnavailable) -> Answer:
    return Answer(
        StatusCode.UNAVAILABLE,
        ErrorReason.ERROR_REASON_OUTBOX_UNAVAILABLE,
        str(error),
        [retry_info(UNAVAILABLE_RETRY_AFTER_S)],
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
