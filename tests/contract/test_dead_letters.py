"""What every keeper of dead letters promises: in memory, on disk, and over a socket."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.control.client import ControlClient
from gateway.control.dead_letters import RemoteDeadLetters, dead_letter_routes
from gateway.control.server import ControlServer
from gateway.outbox.dead_letters import (
    EVERY,
    DeadLetter,
    DeadLetterFilter,
    DeadLetters,
    DeadLetterTotals,
)
from gateway.outbox.interface import DeadLetterCause, DeadLetterReason, RecordRef, Settlement
from gateway.outbox.memory_dead_letters import MemoryDeadLetters
from gateway.outbox.sqlite import SqliteOutbox
from gateway.records import Chunk, Kind, Lane, Origin, Record

ITEMS = Lane("shop", Kind.ITEMS)
EVENTS = Lane("shop", Kind.EVENTS)
OTHER = Lane("outlet", Kind.ITEMS)
REASONS = [DeadLetterReason.REFUSED, DeadLetterReason.EXPIRED, DeadLetterReason.INTERNAL]

# Lane, record ID and reason of those that are there at the beginning, the oldest first.
LETTERS = [
    (ITEMS, "a", DeadLetterReason.REFUSED),
    (EVENTS, "e", DeadLetterReason.REFUSED),
    (ITEMS, "b", DeadLetterReason.EXPIRED),
    (OTHER, "a", DeadLetterReason.INTERNAL),
    (ITEMS, "a", DeadLetterReason.REFUSED),
]


def _record(record_id: str) -> Record:
    return Record(record_id, f'{{"id":"{record_id}ü\\u0000"}}'.encode(), "session", None)


def _cause(reason: DeadLetterReason) -> DeadLetterCause:
    return DeadLetterCause("SomeException", "it quotes ü", 3, reason)


async def _in_memory(path: Path, stack: AsyncExitStack) -> DeadLetters:
    del path, stack
    return MemoryDeadLetters(
        DeadLetter(
            f"letter-{number}",
            lane,
            "web",
            "route",
            _record(record_id),
            reason,
            "SomeException",
            "it quotes ü",
            3,
            1_700_000_000_000,
            1_700_000_000_001,
            Origin(1, 2, 0, number, 0),
        )
        for number, (lane, record_id, reason) in enumerate(LETTERS)
    )


async def _in_sqlite(path: Path, stack: AsyncExitStack) -> DeadLetters:
    outbox = SqliteOutbox.open(path / "outbox", {})
    stack.push_async_callback(outbox.close)
    for lane, record_id, reason in LETTERS:
        chunk = Chunk(lane, "web", "route", (_record("other"), _record(record_id)))
        (position,) = await outbox.append([chunk])
        await outbox.settle([Settlement(RecordRef(position, 1), dead_letter=_cause(reason))])
    return outbox.dead_letters


async def _remote(path: Path, stack: AsyncExitStack) -> DeadLetters:
    server = ControlServer(path, dead_letter_routes(await _in_sqlite(path, stack)))
    await server.start()
    stack.push_async_callback(server.stop)
    return RemoteDeadLetters(await stack.enter_async_context(ControlClient(path)))


KEEPERS: dict[str, Callable[[Path, AsyncExitStack], Awaitable[DeadLetters]]] = {
    "memory": _in_memory,
    "sqlite": _in_sqlite,
    "remote": _remote,
}


@pytest.fixture(params=KEEPERS)
async def letters(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[DeadLetters]:
    """Each implementation in turn, with the same dead letters."""
    async with AsyncExitStack() as stack:
        yield await KEEPERS[request.param](tmp_path, stack)


async def _found(letters: DeadLetters, chosen: DeadLetterFilter = EVERY) -> list[DeadLetter]:
    return (await letters.find(chosen)).dead_letters


def _described(found: list[DeadLetter]) -> list[tuple[Lane, str, DeadLetterReason]]:
    return [(one.lane, one.record.record_id, one.reason) for one in found]


async def test_dead_letters_are_found_as_they_were(letters: DeadLetters) -> None:
    """The oldest first, with every member."""
    found = await _found(letters)
    assert _described(found) == LETTERS
    first = found[0]
    assert 0 < first.accepted_at_ms <= first.dead_at_ms
    assert first == DeadLetter(
        first.dead_letter_id,
        ITEMS,
        "web",
        "route",
        _record("a"),
        DeadLetterReason.REFUSED,
        "SomeException",
        "it quotes ü",
        3,
        first.accepted_at_ms,
        first.dead_at_ms,
        first.origin,
    )
    assert sorted(one.origin for one in found) == [one.origin for one in found]
    assert len({one.dead_letter_id for one in found}) == len(LETTERS)


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (EVERY, [0, 1, 2, 3, 4]),
        (DeadLetterFilter(dataset_group="shop"), [0, 1, 2, 4]),
        (DeadLetterFilter(kind=Kind.ITEMS), [0, 2, 3, 4]),
        (DeadLetterFilter(reason=DeadLetterReason.EXPIRED), [2]),
        (DeadLetterFilter("shop", Kind.ITEMS, DeadLetterReason.REFUSED), [0, 4]),
        (DeadLetterFilter(dataset_group="unknown"), []),
        (DeadLetterFilter(ids=[]), []),
        (DeadLetterFilter(ids=["unknown"]), []),
    ],
)
async def test_dead_letters_are_chosen(
    letters: DeadLetters, chosen: DeadLetterFilter, expected: list[int]
) -> None:
    """All that is said must fit; what is chosen is counted alike."""
    found = await _found(letters, chosen)
    assert _described(found) == [LETTERS[place] for place in expected]
    sizes = [len(one.record.element) for one in found]
    assert await letters.totals(chosen) == DeadLetterTotals(len(expected), sum(sizes))


async def test_dead_letters_are_chosen_by_id_and_time(letters: DeadLetters) -> None:
    """A time span has its beginning in it and its end not."""
    found = await _found(letters)
    ids = DeadLetterFilter(ids=[found[3].dead_letter_id, found[1].dead_letter_id])
    assert await _found(letters, ids) == [found[1], found[3]]
    first_ms, last_ms = found[0].dead_at_ms, found[-1].dead_at_ms
    assert await _found(letters, DeadLetterFilter(since_ms=first_ms, until_ms=last_ms + 1)) == found
    assert await _found(letters, DeadLetterFilter(since_ms=last_ms + 1)) == []
    assert await _found(letters, DeadLetterFilter(until_ms=first_ms)) == []


async def test_pages_follow_each_other(letters: DeadLetters) -> None:
    """Also when what was seen is deleted between two, and the last says that it is the last."""
    everything = await _found(letters)
    first = await letters.find(limit=2)
    assert first.dead_letters == everything[:2]
    await letters.delete([one.dead_letter_id for one in first.dead_letters])
    assert first.next_after is not None
    second = await letters.find(after=first.next_after, limit=2)
    assert second.dead_letters == everything[2:4]
    assert second.next_after is not None
    assert await letters.find(after=second.next_after, limit=2) == (everything[4:], None)


async def test_what_is_deleted_is_gone(letters: DeadLetters) -> None:
    """How many there were is said; to delete them again is no error."""
    everything = await _found(letters)
    ids = [everything[0].dead_letter_id, everything[2].dead_letter_id, "unknown"]
    assert await letters.delete(ids) == 2
    assert await _found(letters) == [everything[1], *everything[3:]]
    assert await letters.delete(ids) == 0
    assert await letters.delete([]) == 0


async def test_what_is_replayed_is_out_of_sight(letters: DeadLetters) -> None:
    """It is found and counted no more; to say it again, or to delete it, is no error."""
    everything = await _found(letters)
    ids = [everything[0].dead_letter_id, everything[2].dead_letter_id, "unknown"]
    assert await letters.replayed([*ids, ids[0]]) == 2
    left = [everything[1], *everything[3:]]
    assert await _found(letters) == left
    assert await _found(letters, DeadLetterFilter(ids=ids)) == []
    sizes = [len(one.record.element) for one in left]
    assert await letters.totals() == DeadLetterTotals(len(left), sum(sizes))
    assert await letters.replayed(ids) == 0
    assert await letters.delete(ids) == 0


async def test_superseded_ones_are_marked(letters: DeadLetters) -> None:
    """All of an ID in a lane, and only those; the mark is made once."""
    everything = await _found(letters)
    assert await letters.supersede(ITEMS, "a") == 2
    expected = [
        replace(one, superseded=(one.lane, one.record.record_id) == (ITEMS, "a"))
        for one in everything
    ]
    assert await _found(letters) == expected
    assert await letters.supersede(ITEMS, "a") == 0
