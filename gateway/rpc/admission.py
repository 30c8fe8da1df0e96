"""Requests into the outbox, as far as the limits of their caller let them."""

from gateway.acceptance import Acceptance, Admission, Prepared
from gateway.routing.limits import Held, Limits
from gateway.rpc.status import reason_name
from gateway.telemetry.metrics import RECORDS_ACCEPTED, RECORDS_REFUSED


def admit(acceptance: Acceptance, limits: Limits, prepared: Prepared) -> tuple[Admission, Held]:
    """Append a request; its copies for mirrors do not count.

    Returns:
        The admission, and what is to be released when the request is answered.

    Raises:
        CallerLimitReached: nothing was stored; the same may be admitted later.
        BudgetExhausted: likewise.
    """
    held = limits.admit(prepared.own)
    try:
        return acceptance.append(prepared), held
    except Exception:
        held.undo()
        raise


def count_accepted(prepared: Prepared) -> None:
    """Count the records of a request that is on disk; its copies for mirrors do not count."""
    for chunk in prepared.own:
        group, kind = chunk.lane
        RECORDS_ACCEPTED.add(len(chunk.records), group, kind.value, chunk.route)


def count_refused(error: Exception, records: int) -> None:
    """Count records that were not taken, and why.

    Args:
        error: what their caller is told.
        records: how many.
    """
    RECORDS_REFUSED.add(records, getattr(error, "route", ""), reason_name(error))
