"""Waiting for outcomes: when the thread of the files has to be asked, and when not."""

import asyncio
from collections.abc import Sequence

import pytest

from gateway.outbox.interface import DELIVERED, PENDING, SUPERSEDED, Outcome, OutcomeState, Position
from gateway.outbox.outcome_waiters import OutcomeWaiters
from gateway.outbox.outcomes import ChunkKey
from gateway.outbox.progress import State

CHUNK = Position((1, 5), 0, 7, 2)
OTHER = Position((1, 6), 0, 8, 1)
DEAD = Outcome(OutcomeState.DEAD_LETTERED, "1-6-0-8-0", "InvalidInputException")


class _Known:
    """What is known of chunks at the moment."""

    def __init__(self, *open_ones: Position, **found: tuple[Outcome, ...]) -> None:
        self.open = set(open_ones)
        self.found = {CHUNK: found.get("chunk", ()), OTHER: found.get("other", ())}
        self.asked = 0

    def is_open(self, position: Position) -> bool:
        return position in self.open

    async def so_far(self, positions: Sequence[Position]) -> list[tuple[Outcome, ...]]:
        self.asked += 1
        return [self.found[position] for position in positions]

    def waiters(self) -> OutcomeWaiters:
        return OutcomeWaiters(self.is_open, self.so_far)


def _settled(position: Position, *states: State) -> tuple[ChunkKey, bytes]:
    return ChunkKey.of(position), bytes(states)


async def test_what_is_open_is_told_when_it_is_settled() -> None:
    """Nobody is asked: what settles it says how."""
    known = _Known(CHUNK, OTHER)
    waiters = known.waiters()
    waiting = asyncio.create_task(waiters.outcomes([CHUNK, OTHER]))
    await asyncio.sleep(0)
    assert waiters
    waiters.settled([_settled(CHUNK, State.DELIVERED, State.SUPERSEDED)])
    waiters.settled([_settled(OTHER, State.DELIVERED)])
    assert await waiting == [(DELIVERED, SUPERSEDED), (DELIVERED,)]
    assert (known.asked, bool(waiters)) == (0, False)


async def test_of_a_dead_letter_the_reason_is_asked_for() -> None:
    """What settles it says neither its ID nor its code."""
    known = _Known(OTHER, other=(DEAD,))
    waiters = known.waiters()
    waiting = asyncio.create_task(waiters.outcomes([OTHER]))
    await asyncio.sleep(0)
    waiters.settled([_settled(OTHER, State.DEAD_LETTERED)])
    assert await waiting == [(DEAD,)]


async def test_what_was_settled_before_is_not_waited_for() -> None:
    """Of two chunks only the one is waited for that is pending."""
    known = _Known(chunk=(DELIVERED, SUPERSEDED), other=(PENDING,))
    waiters = known.waiters()
    assert await waiters.outcomes([CHUNK]) == [(DELIVERED, SUPERSEDED)]
    waiting = asyncio.create_task(waiters.outcomes([CHUNK, OTHER]))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    known.found[OTHER] = (DELIVERED,)
    waiters.settled([_settled(OTHER, State.DELIVERED)])
    assert await waiting == [(DELIVERED, SUPERSEDED), (DELIVERED,)]


async def test_who_gives_up_is_forgotten() -> None:
    """A caller whose deadline is over."""
    waiters = _Known(CHUNK).waiters()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await waiters.outcomes([CHUNK])
    assert not waiters
