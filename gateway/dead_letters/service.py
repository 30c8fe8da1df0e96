"""What DeadLetterService does, without gRPC."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import structlog

from gateway.acceptance import InvalidRequest
from gateway.api import (
    DeleteDeadLettersRequest,
    ListDeadLettersRequest,
    ListDeadLettersResponse,
    ReplayDeadLettersRequest,
    Rule,
)
from gateway.clock import Clock
from gateway.dead_letters.errors import DeadLetterUnknown
from gateway.dead_letters.listing import DEFAULT_PAGE_SIZE, after_of, listed
from gateway.dead_letters.patch import Patch
from gateway.dead_letters.renewal import Renew
from gateway.dead_letters.replay import Replay, Replayed
from gateway.dead_letters.selection import selected
from gateway.errors import GatewayError
from gateway.outbox.dead_letters import EVERY, DeadLetter, DeadLetterFilter, DeadLetters
from gateway.outbox.interface import OutboxWriter
from gateway.validation.validator import Validator
from gateway.validation.violation import Violation

log = structlog.get_logger()

_PAGE = 100


@dataclass(frozen=True, slots=True)
class Deleted:
    """What a request to delete has done.

    Attributes:
        count: how many are gone.
        incomplete: whether not all that were chosen are.
    """

    count: int
    incomplete: bool


Act = Callable[[Sequence[DeadLetter]], Awaitable[None]]


class DeadLetterService:
    """Shows, replays and deletes dead letters.

    Whoever may call it may see and send every record in it, whatever routes say.

    Args:
        outbox: takes what is replayed.
        validator: judges the requests.
        renew: checks and encodes what is replayed.
    """

    def __init__(
        self,
        dead_letters: DeadLetters,
        outbox: OutboxWriter,
        validator: Validator,
        renew: Renew,
        clock: Clock,
    ) -> None:
        self._dead_letters = dead_letters
        self._outbox = outbox
        self._validator = validator
        self._renew = renew
        self._clock = clock

    async def page(self, request: ListDeadLettersRequest) -> ListDeadLettersResponse:
        """Return a page of the dead letters that a request chooses.

        Raises:
            InvalidRequest: the request breaks a rule.
            DeadLetterUnknown: it names one that is not there.
            OutboxUnavailable: they cannot be read now.
            DeadLettersUnavailable: they cannot be reached.
        """
        chosen = selected(request, self._validator)
        after = after_of(request.page_token)
        if not after:
            await self._check_known(chosen)
        page_size = request.page_size or DEFAULT_PAGE_SIZE
        return await listed(self._dead_letters, chosen, after=after, page_size=page_size)

    async def replay(self, request: ReplayDeadLettersRequest, time_limit_s: float) -> Replayed:
        """Put those that a request chooses back into the outbox, the oldest first.

        Those are meant that there are at its beginning: a record that comes back is not sent again
        by the same request. When the time is over, or after an error when something was done
        already, it returns what was done: asking again goes on.

        Args:
            request: which, the patch, and whether superseded ones too.
            time_limit_s: after so long no further page is begun.

        Raises:
            InvalidRequest: the request breaks a rule; nothing was done.
            DeadLetterUnknown: it names one that is not there; nothing was done.
            BudgetExhausted: the outbox has no room.
            OutboxUnavailable: it cannot be written; nothing was stored.
            DeadLettersUnavailable: they cannot be reached.
        """
        chosen = selected(request, self._validator)
        patch = Patch(request.patch) if request.HasField("patch") else None
        await self._check_known(chosen)
        replay = Replay(self._dead_letters, self._outbox, self._renew, patch, request.force)
        done = Replayed()

        async def act(page: Sequence[DeadLetter]) -> None:
            done.add(await replay.replay(page))

        try:
            done.incomplete = not await self._for_each_page(chosen, time_limit_s, act)
        except GatewayError as error:
            if done == Replayed():
                raise
            done.incomplete = True
            _ended_early("replay", error)
        return done

    async def delete(self, request: DeleteDeadLettersRequest, time_limit_s: float) -> Deleted:
        """Delete those that a request chooses, and say how many those were.

        The limit and errors are as with `replay`.

        Raises:
            InvalidRequest: the request breaks a rule, or chooses everything; nothing was done.
            DeadLetterUnknown: it names one that is not there; nothing was done.
            OutboxUnavailable: they cannot be read or written now.
            DeadLettersUnavailable: they cannot be reached.
        """
        chosen = selected(request, self._validator)
        if chosen == EVERY:
            text = "name at least one thing to delete by"
            raise InvalidRequest([Violation("filter", Rule.RULE_REQUIRED, text, None)])
        await self._check_known(chosen)
        deleted = 0

        async def act(page: Sequence[DeadLetter]) -> None:
            nonlocal deleted
            deleted += await self._dead_letters.delete([one.dead_letter_id for one in page])

        try:
            complete = await self._for_each_page(chosen, time_limit_s, act)
        except GatewayError as error:
            if not deleted:
                raise
            complete = False
            _ended_early("delete", error)
        return Deleted(deleted, incomplete=not complete)

    async def _check_known(self, chosen: DeadLetterFilter) -> None:
        """Raise `DeadLetterUnknown` where IDs are named and one of them is not there."""
        if chosen.ids is None:
            return
        named = DeadLetterFilter(ids=chosen.ids)
        if (await self._dead_letters.totals(named)).count == len(chosen.ids):
            return
        found = await self._dead_letters.find(named, limit=len(chosen.ids))
        known = {dead_letter.dead_letter_id for dead_letter in found.dead_letters}
        raise DeadLetterUnknown([one for one in chosen.ids if one not in known])

    async def _for_each_page(self, chosen: DeadLetterFilter, time_limit_s: float, act: Act) -> bool:
        """Act on those that there are now, page by page; at least on the first page.

        Returns whether that was all.
        """
        until_s = self._clock.monotonic() + time_limit_s
        left = (await self._dead_letters.totals(chosen)).count
        after: int | None = 0
        while left > 0 and after is not None:
            page = await self._dead_letters.find(chosen, after=after, limit=min(left, _PAGE))
            await act(page.dead_letters)
            left -= len(page.dead_letters)
            after = page.next_after
            if self._clock.monotonic() >= until_s:
                break
        return left <= 0 or after is None


def _ended_early(what: str, error: GatewayError) -> None:
    log.warning("a request for dead letters ended early", rpc=what, error=type(error).__name__)
