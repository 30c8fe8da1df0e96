"""Dead letters in memory, a short way to make one, and a service over them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from gateway.acceptance import Acceptance
from gateway.api import (
    Action,
    ActionInteraction,
    Event,
    Item,
    ReplayDeadLettersRequest,
    User,
)
from gateway.clock import SystemClock
from gateway.dead_letters.service import DeadLetterService
from gateway.encoding.element import encode
from gateway.outbox.dead_letters import (
    EVERY,
    DeadLetter,
    DeadLetterFilter,
    DeadLetterPage,
    DeadLetterTotals,
)
from gateway.outbox.interface import DeadLetterReason
from gateway.outbox.memory import MemoryOutbox
from gateway.records import Chunk, Kind, Lane, Origin
from gateway.routing.router import Router
from gateway.validation.validator import Validator

VALIDATOR = Validator()

RENEW = Acceptance(Router((), ()), VALIDATOR, MemoryOutbox()).renew
"""Checks and encodes as where nothing is known of any dataset group."""

ALL = ReplayDeadLettersRequest(filter={})
"""Asks to replay all that there are."""

ORIGIN = Origin(1, 2, 0, 3, 0)
"""Where the record of a dead letter was accepted, where nothing else is said."""

_KINDS: dict[type[Any], Kind] = {
    Event: Kind.EVENTS,
    ActionInteraction: Kind.ACTION_INTERACTIONS,
    Item: Kind.ITEMS,
    User: Kind.USERS,
    Action: Kind.ACTIONS,
}


def event(**members: Any) -> Event:
    """Return a valid event, with these members besides."""
    usual = {"session_id": "s", "event_type": "View", "event_time": {"seconds": 1787462253}}
    return Event(**{**usual, **members})


def dead_letter(dead_letter_id: str, message: Any, **attributes: Any) -> DeadLetter:
    """Return the dead letter of a message; an event goes by its own ID or by that of it."""
    kind = _KINDS[type(message)]
    usual: dict[str, Any] = {
        "lane": Lane("shop", kind),
        "caller": "web",
        "route": "storefront",
        "record": encode(kind, message, getattr(message, "event_id", "") or f"e-{dead_letter_id}"),
        "reason": DeadLetterReason.REFUSED,
        "code": "InvalidInputException",
        "detail": "it is bad",
        "attempts": 1,
        "accepted_at_ms": 1_000,
        "dead_at_ms": 2_000,
        "origin": ORIGIN,
    }
    return DeadLetter(dead_letter_id, **{**usual, **attributes})


class MemoryDeadLetters:
    """Dead letters in memory.

    Attributes:
        on_find: called before each page is found.
        on_delete: called before some are deleted.
    """

    def __init__(self, *dead_letters: DeadLetter) -> None:
        self._kept: dict[int, DeadLetter] = {}
        self._last = 0
        self.on_find: Callable[[], None] = lambda: None
        self.on_delete: Callable[[], None] = lambda: None
        self.add(*dead_letters)

    def add(self, *dead_letters: DeadLetter) -> None:
        """Keep some more."""
        for one in dead_letters:
            self._last += 1
            self._kept[self._last] = one

    @property
    def ids(self) -> list[str]:
        """The IDs of all that there are, the oldest first."""
        return [one.dead_letter_id for one in self._kept.values()]

    async def find(
        self, chosen: DeadLetterFilter = EVERY, *, after: int = 0, limit: int = 100
    ) -> DeadLetterPage:
        self.on_find()
        found = [(at, one) for at, one in self._kept.items() if at > after and fits(one, chosen)]
        page = found[:limit]
        # As those on disk do: a full page may be the last.
        return DeadLetterPage([one for _, one in page], page[-1][0] if len(page) == limit else None)

    async def totals(self, chosen: DeadLetterFilter = EVERY) -> DeadLetterTotals:
        found = [one for one in self._kept.values() if fits(one, chosen)]
        return DeadLetterTotals(len(found), sum(len(one.record.element) for one in found))

    async def delete(self, ids: Sequence[str]) -> int:
        self.on_delete()
        gone = [at for at, one in self._kept.items() if one.dead_letter_id in ids]
        for at in gone:
            del self._kept[at]
        return len(gone)

    async def replayed(self, ids: Sequence[str]) -> int:
        return await self.delete(ids)

    async def supersede(self, lane: Lane, record_id: str) -> int:
        marked = [
            at
            for at, one in self._kept.items()
            if (one.lane, one.record.record_id) == (lane, record_id) and not one.superseded
        ]
        for at in marked:
            self._kept[at] = replace(self._kept[at], superseded=True)
        return len(marked)


def fits(one: DeadLetter, chosen: DeadLetterFilter) -> bool:
    """Return whether a filter chooses a dead letter."""
    return (
        chosen.dataset_group in (None, one.lane.dataset_group)
        and chosen.kind in (None, one.lane.kind)
        and chosen.reason in (None, one.reason)
        and (chosen.since_ms is None or one.dead_at_ms >= chosen.since_ms)
        and (chosen.until_ms is None or one.dead_at_ms < chosen.until_ms)
        and (chosen.ids is None or one.dead_letter_id in chosen.ids)
    )


class Clock(SystemClock):
    """A clock that stands until it is moved."""

    now_s = 1000.0

    def monotonic(self) -> float:
        return self.now_s


@dataclass
class Setting:
    """A service and what it works on. The dataset group `full` has no room in the outbox."""

    kept: MemoryDeadLetters = field(default_factory=MemoryDeadLetters)
    outbox: MemoryOutbox = field(default_factory=lambda: MemoryOutbox({"full": 1}))
    clock: Clock = field(default_factory=Clock)

    @property
    def service(self) -> DeadLetterService:
        return DeadLetterService(self.kept, self.outbox, VALIDATOR, RENEW, self.clock)

    async def appended(self) -> list[Chunk]:
        """Return what is in the outbox, in the order in which it was appended."""
        stored = [
            stored
            for lane in await self.outbox.lanes()
            for stored in await self.outbox.read(
                lane, after=None, max_records=10_000, max_bytes=1 << 40
            )
        ]
        return [one.chunk for one in sorted(stored, key=lambda one: one.position)]
