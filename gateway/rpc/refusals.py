"""Records that were not taken, as a response says it."""

from collections.abc import Sequence

from gateway.acceptance import InvalidRequest, Refused
from gateway.api import Refusal
from gateway.rpc.status import answer
from gateway.telemetry.metrics import RECORDS_REFUSED

MAX_VIOLATIONS = 100
"""Most violations of one refusal. A record may break a rule for each of 100,000 properties."""

FULL_SIZE_BYTES = 2 * 1024 * 1024
"""Past so many bytes of refusals, further ones name only their first violation."""


def refusals(refused: Sequence[Refused], sequence: int = 0) -> list[Refusal]:
    """Count the refused records of one request; say of each why, small enough for 4 MiB.

    Args:
        refused: the records.
        sequence: of the request on its stream; 0 where it came by itself.
    """
    messages: list[Refusal] = []
    size_bytes = 0
    for record in refused:
        most = MAX_VIOLATIONS if size_bytes < FULL_SIZE_BYTES else 1
        messages.append(_refusal(record, sequence, most))
        size_bytes += messages[-1].ByteSize()
    return messages


def _refusal(refused: Refused, sequence: int, max_violations: int) -> Refusal:
    told = answer(refused.error)
    RECORDS_REFUSED.add(1, getattr(refused.error, "route", ""), told.reason_name)
    refusal = Refusal(
        sequence=sequence, record_index=refused.index, reason=told.reason, message=told.message
    )
    if isinstance(refused.error, InvalidRequest):
        for violation in refused.error.violations[:max_violations]:
            refusal.violations.add(
                field=violation.field, rule=violation.rule, description=violation.description
            )
    return refusal
