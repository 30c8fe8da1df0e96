"""How far the records of a request have come, as a response says it."""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

from gateway import api
from gateway.acceptance import Acceptance, Admission
from gateway.api import AckLevel
from gateway.outbox.interface import Outcome, OutcomeState
from gateway.rpc.admission import count_accepted
from gateway.rpc.call import IncomingCall
from gateway.telemetry import tracing

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


class Acknowledgement(NamedTuple):
    """What was reached.

    Attributes:
        outcomes: for each record of the request, in order; empty where nobody asked.
    """

    ack_level: AckLevel
    outcomes: Sequence[api.Outcome]


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
    if asked != AckLevel.ACK_LEVEL_DELIVERED:
        return Acknowledgement(AckLevel.ACK_LEVEL_DURABLE, ())
    outcomes = await _outcomes(acceptance, admission, call)
    pending = any(found and found.state is OutcomeState.PENDING for found in outcomes)
    level = AckLevel.ACK_LEVEL_DURABLE if pending else AckLevel.ACK_LEVEL_DELIVERED
    return Acknowledgement(level, [_message(found) for found in outcomes])


async def _outcomes(
    acceptance: Acceptance, admission: Admission, call: IncomingCall
) -> list[Outcome | None]:
    # What is left now: the commit took a part of it.
    wait_s = _wait_s(call.time_remaining_s)
    waiting = asyncio.create_task(acceptance.outcomes(admission, wait_s))
    draining = asyncio.create_task(call.draining.wait())
    try:
        await asyncio.wait({waiting, draining}, return_when=asyncio.FIRST_COMPLETED)
        if waiting.done():
            return waiting.result()
        return await acceptance.outcomes(admission, 0.0)
    finally:
        waiting.cancel()
        draining.cancel()


def _wait_s(time_remaining_s: float | None) -> float:
    if time_remaining_s is None:
        return MAX_WAIT_S
    return max(0.0, min(MAX_WAIT_S, time_remaining_s - DEADLINE_MARGIN_S))


def _message(outcome: Outcome | None) -> api.Outcome:
    if outcome is None:
        return api.Outcome()
    return api.Outcome(
        state=_STATES[outcome.state],
        dead_letter_id=outcome.dead_letter_id,
        reason=outcome.reason,
    )
