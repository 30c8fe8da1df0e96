"""How far the records of a request have come, as a response says it."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

from gateway import api
from gateway.acceptance import Acceptance, Admission, Prepared
from gateway.api import AckLevel
from gateway.outbox.interface import OutboxUnavailable, Outcome, OutcomeState
from gateway.routing.errors import CallerLimitReached
from gateway.routing.limits import Limits
from gateway.rpc.admission import admit, count_accepted
from gateway.rpc.call import IncomingCall
from gateway.telemetry import tracing
from gateway.telemetry.metrics import LIMITS_EXCEEDED

DEADLINE_MARGIN_S = 0.25
"""So long before its deadline a call that waits for delivery is answered with what is known."""

MAX_WAIT_S = 60.0
"""A call without a deadline waits no longer than this for delivery."""

_STATES = {
    OutcomeState.PENDING: api.OutcomeState.OUTCOME_STATE_PENDING,
    OutcomeState.DELIVERED: api.OutcomeState.OUTCOME_STATE_DELIVERED,
    OutcomeState.SUPERSEDED: api.OutcomeState.OUTCOME_STATE_SUPERSEDED,
    OutcomeState.DISCARDED: api.OutcomeState.OUTCOME_STATE_DISCARDED,
    OutcomeState.DEAD_LETTERED: api.OutcomeState.OUTCOME_STATE_DEAD_LETTERED,
}


# A response copies them, which takes a fourth of the time that making them anew does.
_PLAIN = {state: api.Outcome(state=shown) for state, shown in _STATES.items()}
_UNKNOWN = api.Outcome()

_DURABLE: AckLevel = AckLevel.ACK_LEVEL_DURABLE
_DELIVERED: AckLevel = AckLevel.ACK_LEVEL_DELIVERED


class Acknowledgement(NamedTuple):
    """What was reached.

    Attributes:
        outcomes: for each record of the request, in order; empty where nobody asked.
    """

    ack_level: AckLevel
    outcomes: Sequence[api.Outcome]


_STORED = Acknowledgement(_DURABLE, ())


async def take(
    acceptance: Acceptance, limits: Limits, prepared: Prepared, asked: AckLevel, call: IncomingCall
) -> Acknowledgement:
    """Append a request, and wait as `acknowledge` does; until then it counts for the limits.

    Raises:
        CallerLimitReached: nothing was stored.
        BudgetExhausted: likewise.
        OutboxUnavailable: likewise.
    """
    try:
        admission, held = admit(acceptance, limits, prepared)
    except CallerLimitReached as error:
        LIMITS_EXCEEDED.add(1, error.route, error.limit)
        raise
    try:
        return await acknowledge(acceptance, admission, asked, call)
    finally:
        held.release()


async def acknowledge(
    acceptance: Acceptance, admission: Admission, asked: AckLevel, call: IncomingCall
) -> Acknowledgement:
    """Wait until what was asked for is reached, the deadline is near, or the gateway stops.

    Raises:
        OutboxUnavailable: nothing was stored.
    """
    with tracing.stage("outbox commit"):
        await admission.stored
    count_accepted(admission.prepared)
    if asked != _DELIVERED:
        return _STORED
    outcomes = await _outcomes(acceptance, admission, call)
    pending = any(found and found.state is OutcomeState.PENDING for found in outcomes)
    level = _DURABLE if pending else _DELIVERED
    return Acknowledgement(level, [_message(found) for found in outcomes])


async def _outcomes(
    acceptance: Acceptance, admission: Admission, call: IncomingCall
) -> list[Outcome | None]:
    # What is left now: the commit took a part of it.
    wait_s = _wait_s(call.time_remaining_s)
    with suppress(TimeoutError, OutboxUnavailable):
        async with asyncio.timeout(wait_s) as timeout:
            with call.draining.ends(timeout):
                return await acceptance.outcomes(admission)
    return await acceptance.outcomes_so_far(admission)


def _wait_s(time_remaining_s: float | None) -> float:
    if time_remaining_s is None:
        return MAX_WAIT_S
    return max(0.0, min(MAX_WAIT_S, time_remaining_s - DEADLINE_MARGIN_S))


def _message(outcome: Outcome | None) -> api.Outcome:
    if outcome is None:
        return _UNKNOWN
    if outcome.state is not OutcomeState.DEAD_LETTERED:
        return _PLAIN[outcome.state]
    return api.Outcome(
        state=_STATES[outcome.state],
        dead_letter_id=outcome.dead_letter_id,
        reason=outcome.reason,
    )
