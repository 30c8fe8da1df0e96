"""What every outbox promises. A new implementation is added to `OUTBOXES`."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.outbox import mirrors
from gateway.outbox.interface import (
    DELIVERED,
    PENDING,
    SUPERSEDED,
    BudgetExhausted,
    DeadLetterCause,
    Outbox,
    OutcomeState,
    Position,
    RecordRef,
    Settlement,
    StoredChunk,
)
from gateway.outbox.memory import MemoryOutbox
from gateway.outbox.sqlite import SqliteOutbox
from gateway.records import Chunk, Kind, Lane, Origin, Record
from gateway.telemetry.metrics import RECORDS_SHED

ITEMS = Lane("shop", Kind.ITEMS)
EVENTS = Lane("shop", Kind.EVENTS)
OTHER = Lane("outlet", Kind.ITEMS)

OUTBOXES: dict[str, Callable[[Path, dict[str, int]], Outbox]] = {
    "memory": lambda _, budgets_bytes: MemoryOutbox(budgets_bytes),
    "sqlite": SqliteOutbox.open,
}


@asynccontextmanager
async def _opened(
    name: str, path: Path, budgets_bytes: dict[str, int] | None = None
) -> AsyncIterator[Outbox]:
    outbox = OUTBOXES[name](path / "outbox", budgets_bytes or {})
    try:
        yield outbox
    finally:
        await outbox.close()


@pytest.fixture(params=OUTBOXES)
async def outbox(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Outbox]:
    """Each implementation in turn, without budgets."""
    async with _opened(request.param, tmp_path) as found:
        yield found


def _chunk(*ids: str, lane: Lane = ITEMS) -> Chunk:
    return Chunk(
        lane, "web", "storefront", tuple(Record(i, f'{{"itemId":"{i}"}}'.encode()) for i in ids)
    )


async def _read(
    outbox: Outbox, lane: Lane = ITEMS, after: Position | None = None
) -> list[StoredChunk]:
    return await outbox.read(lane, after=after, max_records=1000, max_bytes=1 << 20)


def _ids_of(stored: Sequence[StoredChunk]) -> list[list[str]]:
    return [[record.record_id for record in one.chunk.records] for one in stored]


async def test_what_was_appended_is_read_as_it_was(outbox: Outbox) -> None:
    """A chunk comes back equal, with every member, in the order of the appends."""
    chunks = [
        Chunk(
            EVENTS,
            "spiffe://example.org/web",
            "storefront",
            (
                Record("e1", '{"ü":"\\u0000"}'.encode(), "session", "user"),
                Record("e2", b"{}", "s2"),
            ),
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        ),
        _chunk("e3", lane=EVENTS),
    ]
    positions = [(await outbox.append([one]))[0] for one in chunks]
    assert await _read(outbox, EVENTS) == [
        StoredChunk(position, one) for position, one in zip(positions, chunks, strict=True)
    ]


async def test_positions_rise_with_the_calls_not_with_the_waits(outbox: Outbox) -> None:
    """The order is fixed when `append` is called, in whatever order it is awaited."""
    first, second, third = (outbox.append([_chunk(i)]) for i in "abc")
    positions = [(await stored)[0] for stored in (third, first, second)]
    assert positions[1] < positions[2] < positions[0]
    assert _ids_of(await _read(outbox)) == [["a"], ["b"], ["c"]]


async def test_a_request_is_stored_across_lanes(outbox: Outbox) -> None:
    """The positions of a request are in the order of its chunks, each in its own lane."""
    positions = await outbox.append([_chunk("a"), _chunk("b", lane=OTHER)])
    assert [one.position for one in await _read(outbox)] == [positions[0]]
    assert [one.position for one in await _read(outbox, OTHER)] == [positions[1]]
    assert await outbox.lanes() == {ITEMS, OTHER}


async def test_reading_goes_on_after_a_position(outbox: Outbox) -> None:
    """Only later chunks are returned, those included that were appended since."""
    (first,) = await outbox.append([_chunk("a")])
    await outbox.append([_chunk("b")])
    assert _ids_of(await _read(outbox, after=first)) == [["b"]]
    await outbox.append([_chunk("c")])
    assert _ids_of(await _read(outbox, after=first)) == [["b"], ["c"]]


@pytest.mark.parametrize(
    ("max_records", "max_bytes", "expected"),
    [(1, 1 << 20, [["a", "b"]]), (3, 1 << 20, [["a", "b"], ["c"]]), (1000, 1, [["a", "b"]])],
)
async def test_a_read_keeps_its_limits_but_returns_one(
    outbox: Outbox, max_records: int, max_bytes: int, expected: list[list[str]]
) -> None:
    """Limits are kept where more than one chunk is there to return."""
    for ids in ("ab", "c", "d"):
        await outbox.append([_chunk(*ids)])
    found = await outbox.read(ITEMS, after=None, max_records=max_records, max_bytes=max_bytes)
    assert _ids_of(found) == expected


async def test_a_chunk_settled_in_part_is_read_with_what_is_settled(outbox: Outbox) -> None:
    """Progress in a chunk is kept by index; settled whole, it is gone."""
    (position,) = await outbox.append([_chunk("a", "b", "c")])
    await outbox.settle([Settlement(RecordRef(position, 1))])
    assert [one.settled for one in await _read(outbox)] == [frozenset({1})]
    await outbox.settle([Settlement(RecordRef(position, index)) for index in (0, 2)])
    assert await _read(outbox) == []
    assert await outbox.lanes() == frozenset()


async def test_outcomes_say_what_became_of_each_record(outbox: Outbox) -> None:
    """Delivered, superseded and dead-lettered are told apart; the first outcome stays."""
    (position,) = await outbox.append([_chunk("a", "b", "c", "d")])
    cause = DeadLetterCause("InvalidInputException", "itemId is bad", 1)
    await outbox.settle(
        [
            Settlement(RecordRef(position, 0)),
            Settlement(RecordRef(position, 1), superseded=True),
            Settlement(RecordRef(position, 2), dead_letter=cause),
        ]
    )
    await outbox.settle([Settlement(RecordRef(position, 0), superseded=True)])
    ((first, second, third, fourth),) = await outbox.outcomes_so_far([position])
    assert (first, second, fourth) == (DELIVERED, SUPERSEDED, PENDING)
    assert (third.state, third.reason) == (OutcomeState.DEAD_LETTERED, "InvalidInputException")
    assert third.dead_letter_id


async def test_outcomes_are_waited_for(outbox: Outbox) -> None:
    """`outcomes` returns once the last record of all chunks is settled, not before."""
    positions = await outbox.append([_chunk("a"), _chunk("b", lane=OTHER)])
    waiting = asyncio.ensure_future(outbox.outcomes(positions))
    await outbox.settle([Settlement(RecordRef(positions[0], 0))])
    done, _ = await asyncio.wait({waiting}, timeout=0.01)
    assert not done
    await outbox.settle([Settlement(RecordRef(positions[1], 0))])
    assert await waiting == [(DELIVERED,), (DELIVERED,)]


async def test_a_wait_for_outcomes_can_be_given_up(outbox: Outbox) -> None:
    """A cancelled wait changes nothing: the outcome is there for who asks later."""
    (position,) = await outbox.append([_chunk("a")])
    waiting = asyncio.ensure_future(outbox.outcomes([position]))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await outbox.settle([Settlement(RecordRef(position, 0))])
    assert await outbox.outcomes([position]) == [(DELIVERED,)]


async def test_appended_tells_of_news_once(outbox: Outbox) -> None:
    """News that came before the wait is not missed, and is told once."""
    await outbox.append([_chunk("a")])
    await outbox.append([_chunk("b")])
    await asyncio.wait_for(outbox.appended(), 60)
    waiting = asyncio.ensure_future(outbox.appended())
    done, _ = await asyncio.wait({waiting}, timeout=0.01)
    assert not done
    await outbox.append([_chunk("c")])
    await asyncio.wait_for(waiting, 60)


async def test_nothing_is_told_before_anything_is_appended(outbox: Outbox) -> None:
    """An empty outbox has no lanes, nothing to read, and no news."""
    assert await outbox.lanes() == frozenset()
    assert await _read(outbox) == []
    waiting = asyncio.ensure_future(outbox.appended())
    done, _ = await asyncio.wait({waiting}, timeout=0.01)
    assert not done
    waiting.cancel()
    await asyncio.wait({waiting})


async def test_an_append_that_is_given_up_disturbs_nobody(outbox: Outbox) -> None:
    """Whether its chunk is stored is open; those before and after it are, in order."""
    stored = [outbox.append([_chunk(one)]) for one in "abc"]
    stored[1].cancel()
    positions = [(await stored[0])[0], (await stored[2])[0]]
    found = await _read(outbox)
    assert [one.position for one in found if one.position in positions] == positions
    assert _ids_of(found) in ([["a"], ["b"], ["c"]], [["a"], ["c"]])


async def test_reading_goes_on_after_what_was_settled(outbox: Outbox) -> None:
    """A position is good to go on from also when its chunk is not there any more."""
    positions = [(await outbox.append([_chunk(one)]))[0] for one in "abcd"]
    assert len(await _read(outbox)) == 4
    await outbox.settle([Settlement(RecordRef(one, 0)) for one in positions[:2]])
    assert _ids_of(await _read(outbox, after=positions[1])) == [["c"], ["d"]]
    assert _ids_of(await _read(outbox, after=positions[0])) == [["c"], ["d"]]
    await outbox.settle([Settlement(RecordRef(positions[3], 0))])
    assert await _read(outbox, after=positions[3]) == []
    await outbox.append([_chunk("e")])
    assert _ids_of(await _read(outbox, after=positions[3])) == [["e"]]
    assert _ids_of(await _read(outbox)) == [["c"], ["e"]]


async def test_what_is_settled_does_not_count_in_a_read(outbox: Outbox) -> None:
    """Limits are filled with what is left, however much was settled before it."""
    positions = [(await outbox.append([_chunk(str(n))]))[0] for n in range(300)]
    await outbox.settle([Settlement(RecordRef(one, 0)) for one in positions[1:-2]])
    found = await outbox.read(ITEMS, after=None, max_records=2, max_bytes=1 << 20)
    assert _ids_of(found) == [["0"], ["298"]]


async def test_many_tasks_append_read_and_settle_at_once(outbox: Outbox) -> None:
    """Each lane is its own; together they leave nothing."""

    async def deliver(lane: Lane, ids: range) -> list[list[str]]:
        found: list[StoredChunk] = []
        after: Position | None = None
        for number in ids:
            await outbox.append([_chunk(str(number), lane=lane)])
            step = await outbox.read(lane, after=after, max_records=10, max_bytes=1 << 20)
            after = step[-1].position
            found += step
            await outbox.settle([Settlement(RecordRef(one.position, 0)) for one in step])
        return _ids_of(found)

    lanes = [ITEMS, EVENTS, OTHER]
    found = await asyncio.gather(*(deliver(lane, range(20)) for lane in lanes))
    assert found == [[[str(number)] for number in range(20)]] * 3
    assert await outbox.lanes() == frozenset()


async def test_a_settlement_of_several_chunks_is_noted_whole(outbox: Outbox) -> None:
    """Records of different chunks and lanes, delivered and not, are settled by one call."""
    positions = await outbox.append([_chunk("a", "b"), _chunk("c", lane=OTHER)])
    await outbox.settle(
        [
            Settlement(RecordRef(positions[1], 0), superseded=True),
            Settlement(RecordRef(positions[0], 1)),
        ]
    )
    found = await outbox.outcomes_so_far(positions)
    assert found == [(PENDING, DELIVERED), (SUPERSEDED,)]
    assert await outbox.lanes() == {ITEMS}


@pytest.mark.parametrize("name", OUTBOXES)
async def test_a_budget_is_kept_and_given_back(name: str, tmp_path: Path) -> None:
    """What would exceed the budget is refused whole, and taken once enough is settled."""
    size = _chunk("a").size_bytes
    async with _opened(name, tmp_path, {"shop": 2 * size}) as outbox:
        (first, _) = await outbox.append([_chunk("a"), _chunk("b")])
        with pytest.raises(BudgetExhausted) as refused:
            await outbox.append([_chunk("x", lane=OTHER), _chunk("c")])
        assert (refused.value.dataset_group, refused.value.budget_bytes) == ("shop", 2 * size)
        assert await outbox.lanes() == {ITEMS}
        await outbox.append([_chunk("y", lane=OTHER)])
        await outbox.settle([Settlement(RecordRef(first, 0))])
        await outbox.append([_chunk("c")])
        assert _ids_of(await _read(outbox)) == [["b"], ["c"]]


@pytest.fixture
def shed(monkeypatch: pytest.MonkeyPatch) -> Mapping[tuple[str, ...], float]:
    """What is counted as shed, from nothing on."""
    counter = replace(RECORDS_SHED, values=defaultdict(int))
    monkeypatch.setattr(mirrors, "RECORDS_SHED", counter)
    return counter.values


@pytest.mark.parametrize("name", OUTBOXES)
async def test_a_mirror_without_room_is_shed(
    name: str, tmp_path: Path, shed: Mapping[tuple[str, ...], float]
) -> None:
    """The request is stored all the same, with the mirrors that have room; the others count."""
    size = _chunk("a").size_bytes
    full, roomy = _chunk("a", "b", lane=OTHER), _chunk("a", lane=Lane("third", Kind.ITEMS))
    async with _opened(name, tmp_path, {"outlet": size, "third": size}) as outbox:
        positions = await outbox.append([_chunk("a")], [full, roomy])
        assert [one.position for one in await _read(outbox)] == list(positions)
        assert await outbox.lanes() == {ITEMS, roomy.lane}
        assert shed == {("outlet", "items"): 2}
        await outbox.append([], [roomy, full, _chunk("c", lane=OTHER)])
        assert _ids_of(await _read(outbox, OTHER)) == [["c"]]
        assert shed == {("outlet", "items"): 4, ("third", "items"): 1}


@pytest.mark.parametrize("name", OUTBOXES)
async def test_a_request_comes_before_its_mirrors(
    name: str, tmp_path: Path, shed: Mapping[tuple[str, ...], float]
) -> None:
    """What it takes of a budget itself, a mirror into the same dataset group cannot have."""
    size = _chunk("a").size_bytes
    async with _opened(name, tmp_path, {"shop": 2 * size}) as outbox:
        users = Chunk(Lane("shop", Kind.USERS), "web", "copy", _chunk("m").records)
        await outbox.append([_chunk("a")], [users, users])
        assert await outbox.lanes() == {ITEMS, users.lane}
        assert shed == {("shop", "users"): 1}
        with pytest.raises(BudgetExhausted):
            await outbox.append([_chunk("b")], [_chunk("c", lane=OTHER)])
        assert await _read(outbox, OTHER) == []
        assert shed == {("shop", "users"): 1}


async def test_mirrors_alone_are_stored_and_have_no_positions(outbox: Outbox) -> None:
    """Also where there are none; what has no records is refused, mirror or not."""
    assert await outbox.append([]) == ()
    assert await outbox.append([], [_chunk("a"), _chunk("b")]) == ()
    assert _ids_of(await _read(outbox)) == [["a"], ["b"]]
    for chunks, copies in (([_chunk()], []), ([_chunk("c")], [_chunk()])):
        with pytest.raises(ValueError, match="without records"):
            await outbox.append(chunks, copies)
    assert _ids_of(await _read(outbox)) == [["a"], ["b"]]


async def test_a_replay_says_where_it_was_accepted_first(outbox: Outbox) -> None:
    """It is read as it was appended, in its place among those that are appended now."""
    again = replace(_chunk("a"), origin=Origin(1, 2, 3, 4, 5), dead_letter_id="1-2-3-4-5")
    (position,) = await outbox.append([again])
    (stored,) = await _read(outbox)
    assert (stored.position, stored.chunk) == (position, again)
