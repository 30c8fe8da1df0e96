"""DeadLetterService: what Personalize would not take, shown, replayed and deleted."""

from collections.abc import Iterator, Sequence

from gateway.api import (
    DeleteDeadLettersRequest,
    DeleteDeadLettersResponse,
    ListDeadLettersRequest,
    ListDeadLettersResponse,
    ReplayDeadLettersRequest,
    ReplayDeadLettersResponse,
    ReplayRefusal,
)
from gateway.dead_letters.replay import RefusedDeadLetter
from gateway.dead_letters.service import DeadLetterService
from gateway.routing.permission import Administrators
from gateway.rpc.acknowledgement import MAX_WAIT_S
from gateway.rpc.call import Calls, Handler, IncomingCall
from gateway.rpc.refusals import FULL_SIZE_BYTES, MAX_VIOLATIONS

DEADLINE_MARGIN_S = 1.0
"""So long before its deadline a call begins no further page: it has to be answered by then."""


def dead_letter_handlers(
    service: DeadLetterService, administrators: Administrators, calls: Calls
) -> Iterator[tuple[str, Handler]]:
    """Yield each RPC's name within the package and its handler."""

    async def find(request: ListDeadLettersRequest, call: IncomingCall) -> ListDeadLettersResponse:
        administrators.check(call.caller)
        return await service.page(request)

    async def replay(
        request: ReplayDeadLettersRequest, call: IncomingCall
    ) -> ReplayDeadLettersResponse:
        administrators.check(call.caller)
        done = await service.replay(request, _time_limit_s(call))
        return ReplayDeadLettersResponse(
            replayed=done.replayed,
            superseded=done.superseded,
            refusals=_refusals(done.refusals),
            refused=done.refused,
            incomplete=done.incomplete,
        )

    async def delete(
        request: DeleteDeadLettersRequest, call: IncomingCall
    ) -> DeleteDeadLettersResponse:
        administrators.check(call.caller)
        deleted = await service.delete(request, _time_limit_s(call))
        return DeleteDeadLettersResponse(deleted=deleted.count, incomplete=deleted.incomplete)

    yield "DeadLetterService/ListDeadLetters", calls.unary(ListDeadLettersRequest, find)
    yield "DeadLetterService/ReplayDeadLetters", calls.unary(ReplayDeadLettersRequest, replay)
    yield "DeadLetterService/DeleteDeadLetters", calls.unary(DeleteDeadLettersRequest, delete)


def _time_limit_s(call: IncomingCall) -> float:
    if call.time_remaining_s is None:
        return MAX_WAIT_S
    return max(0.0, min(MAX_WAIT_S, call.time_remaining_s - DEADLINE_MARGIN_S))


def _refusals(refused: Sequence[RefusedDeadLetter]) -> Iterator[ReplayRefusal]:
    """Yield them as messages that fit into one of 4 MiB."""
    size_bytes = 0
    for one in refused:
        refusal = ReplayRefusal(dead_letter_id=one.dead_letter_id)
        most = MAX_VIOLATIONS if size_bytes < FULL_SIZE_BYTES else 1
        for violation in one.violations[:most]:
            refusal.violations.add(
                field=violation.field, rule=violation.rule, description=violation.description
            )
        size_bytes += refusal.ByteSize()
        yield refusal
