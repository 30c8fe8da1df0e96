"""Dead letters and settling: budget, retention, and what a later delivery does to them."""

import asyncio
import time
from pathlib import Path

import pytest

from gateway.outbox import dead_letter_store, delivery_store, reader
from gateway.outbox.dead_letter_store import DeadLetterSettings
from gateway.outbox.dead_letters import (
    DeadLetterFilter,
    DeadLetterTotals,
    dead_letter_id,
    origin_of,
)
from gateway.outbox.interface import (
    DELIVERED,
    PENDING,
    DeadLetterCause,
    DeadLettersFull,
    OutcomeState,
    Position,
    RecordRef,
    Settlement,
)
from gateway.outbox.reader import ReaderSettings
from gateway.outbox.sqlite import SqliteOutbox
from gateway.outbox.verification import verify
from gateway.records import Chunk, Kind, Lane, Record

ITEMS = Lane("shop", Kind.ITEMS)
CAUSE = DeadLetterCause("InvalidInputException", "bad", 1)


def _open(path: Path, **settings: float) -> SqliteOutbox:
    letters = DeadLetterSettings(**settings)  # type: ignore[arg-type]  # of either type
    return SqliteOutbox.open(path, {}, reading=ReaderSettings(dead_letters=letters))


async def _append(outbox: SqliteOutbox, *ids: str, lane: Lane = ITEMS) -> Position:
    records = tuple(Record(one, b'{"id":"%b"}' % one.encode()) for one in ids)
    (position,) = await outbox.append([Chunk(lane, "web", "route", records)])
    return position


def _dead(position: Position, index: int = 0) -> Settlement:
    return Settlement(RecordRef(position, index), dead_letter=CAUSE)


async def _superseded(outbox: SqliteOutbox) -> list[tuple[str, bool]]:
    found = await outbox.dead_letters.find()
    return [(one.record.record_id, one.superseded) for one in found.dead_letters]


async def test_a_later_delivery_supersedes_older_dead_letters(tmp_path: Path) -> None:
    """Of its ID and lane; also after a restart, and also in one commit."""
    outbox = _open(tmp_path)
    older = await _append(outbox, "a", "b")
    elsewhere = await _append(outbox, "a", lane=Lane("outlet", Kind.ITEMS))
    await outbox.settle([_dead(older), _dead(older, 1), _dead(elsewhere)])
    await outbox.close()
    outbox = _open(tmp_path)
    newer = await _append(outbox, "x", "a")
    await outbox.settle([Settlement(RecordRef(newer, 1))])
    assert await _superseded(outbox) == [("a", True), ("b", False), ("a", False)]
    both = await _append(outbox, "c"), await _append(outbox, "c")
    await outbox.settle([_dead(both[0]), Settlement(RecordRef(both[1], 0))])
    assert (await _superseded(outbox))[-1] == ("c", True)
    await outbox.close()


async def test_an_older_delivery_supersedes_nothing(tmp_path: Path) -> None:
    """The newest was refused, and the one that it had superseded takes its place."""
    outbox = _open(tmp_path)
    older, newer = await _append(outbox, "a"), await _append(outbox, "a")
    await outbox.settle([_dead(newer)])
    await outbox.settle([Settlement(RecordRef(older, 0))])
    assert await _superseded(outbox) == [("a", False)]
    await outbox.close()


@pytest.mark.parametrize("kind", [Kind.EVENTS, Kind.ACTION_INTERACTIONS])
async def test_events_supersede_nothing(tmp_path: Path, kind: Kind) -> None:
    """An event does not replace another, whatever their IDs."""
    lane = Lane("shop", kind)
    outbox = _open(tmp_path)
    older, newer = await _append(outbox, "a", lane=lane), await _append(outbox, "a", lane=lane)
    await outbox.settle([_dead(older)])
    await outbox.settle([Settlement(RecordRef(newer, 0))])
    assert await _superseded(outbox) == [("a", False)]
    await outbox.close()


async def test_full_dead_letters_refuse_the_whole_settlement(tmp_path: Path) -> None:
    """Nothing of it is noted; others, and other dataset groups, are not held up; room helps."""
    outbox = _open(tmp_path, budget_bytes=15)
    position = await _append(outbox, "a", "b", "c", "d")
    other = await _append(outbox, "e", lane=Lane("outlet", Kind.ITEMS))
    await outbox.settle([_dead(position)])
    with pytest.raises(DeadLettersFull) as full:
        await outbox.settle([Settlement(RecordRef(position, 1)), _dead(position, 2)])
    assert (full.value.dataset_group, full.value.budget_bytes) == ("shop", 15)
    (found,) = await outbox.outcomes_so_far([position])
    assert (found[0].state, *found[1:]) == (OutcomeState.DEAD_LETTERED, PENDING, PENDING, PENDING)
    await outbox.settle([Settlement(RecordRef(position, 3)), _dead(other)])
    letters = (await outbox.dead_letters.find()).dead_letters
    assert await outbox.dead_letters.delete([letters[0].dead_letter_id]) == 1
    await outbox.settle([Settlement(RecordRef(position, 1)), _dead(position, 2)])
    assert (await outbox.outcomes([position]))[0][1] == DELIVERED
    await outbox.close()


async def test_a_restart_counts_what_is_there(tmp_path: Path) -> None:
    """The budget is used up by what an earlier start kept."""
    outbox = _open(tmp_path, budget_bytes=15)
    await outbox.settle([_dead(await _append(outbox, "a"))])
    await outbox.close()
    outbox = _open(tmp_path, budget_bytes=15)
    with pytest.raises(DeadLettersFull):
        await outbox.settle([_dead(await _append(outbox, "b"))])
    await outbox.close()


async def test_a_record_that_is_twice_in_a_settlement_is_one_dead_letter(tmp_path: Path) -> None:
    """The first word counts, also where the second says otherwise."""
    outbox = _open(tmp_path)
    position = await _append(outbox, "a", "b")
    ref = RecordRef(position, 0)
    await outbox.settle([_dead(position), _dead(position), Settlement(ref)])
    await outbox.settle([Settlement(RecordRef(position, 1)), _dead(position, 1)])
    assert await _superseded(outbox) == [("a", False)]
    await outbox.close()


async def test_a_dead_letter_that_was_kept_for_long_enough_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the wall clock, as its time is told; its outcome stays what it was."""
    outbox = _open(tmp_path, retention_s=3600.0)
    position = await _append(outbox, "a")
    await outbox.settle([_dead(position)])
    store = outbox.reader._store.letters
    assert store.expire()
    assert await _superseded(outbox) == [("a", False)]
    now_s = time.time()
    monkeypatch.setattr(time, "time", lambda: now_s + 3601)
    assert store.expire()
    assert await _superseded(outbox) == []
    ((outcome,),) = await outbox.outcomes([position])
    assert (outcome.state, outcome.reason) == (OutcomeState.DEAD_LETTERED, "")
    await outbox.close()


async def test_many_that_were_kept_for_long_enough_go_in_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A piece at a time, until it is said that this was all; what is replayed is none of them."""
    monkeypatch.setattr(dead_letter_store, "_EXPIRE_AT_ONCE", 2)
    outbox = _open(tmp_path, retention_s=-1.0)
    position = await _append(outbox, *"abcd")
    await outbox.settle([_dead(position, index) for index in range(4)])
    store = outbox.reader._store.letters
    assert store.replayed([dead_letter_id(RecordRef(position, 0))]) == 1
    assert [store.expire(), store.expire()] == [False, True]
    assert await _superseded(outbox) == []
    assert store.has(ITEMS)
    await outbox.close()


async def test_dead_letters_go_while_nothing_else_happens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever waits for news has the old ones removed; nobody has to append or settle."""
    monkeypatch.setattr(reader, "_TIDY_INTERVAL_S", 0.0)
    monkeypatch.setattr(delivery_store, "_EXPIRE_INTERVAL_S", 0.0)
    outbox = _open(tmp_path, retention_s=0.0)
    await outbox.settle([_dead(await _append(outbox, "a"))])
    await outbox.appended()
    waiting = asyncio.ensure_future(outbox.appended())
    async with asyncio.timeout(60):
        while await _superseded(outbox):  # noqa: ASYNC110 - nobody tells when one goes
            await asyncio.sleep(0.001)
    waiting.cancel()
    await asyncio.wait({waiting})
    await outbox.close()


async def _replay(outbox: SqliteOutbox, ref: RecordRef) -> Position:
    """Append again what is a dead letter, as the service for dead letters does it."""
    name = dead_letter_id(ref)
    chosen = DeadLetterFilter(ids=[name])
    (letter,) = (await outbox.dead_letters.find(chosen)).dead_letters
    again = Chunk(letter.lane, "web", "route", (letter.record,), "", letter.origin, name)
    (position,) = await outbox.append([again])
    assert await outbox.dead_letters.replayed([name]) == 1
    return position


async def _waiting(outbox: SqliteOutbox) -> list[tuple[str, bool]]:
    found = await outbox.read(ITEMS, after=None, max_records=100, max_bytes=1 << 20)
    return [(one.chunk.records[0].record_id, one.superseded) for one in found]


@pytest.mark.parametrize("restarts", [False, True])
async def test_a_replay_is_superseded_by_what_is_delivered_meanwhile(
    tmp_path: Path, *, restarts: bool
) -> None:
    """By a record that was accepted before the replay, but after what is replayed."""
    outbox = _open(tmp_path)
    older = await _append(outbox, "a", "b")
    await outbox.settle([_dead(older), _dead(older, 1)])
    newer = await _append(outbox, "a")
    await _replay(outbox, RecordRef(older, 0))
    other = await _replay(outbox, RecordRef(older, 1))
    assert await _waiting(outbox) == [("a", False), ("a", False), ("b", False)]
    await outbox.settle([Settlement(RecordRef(newer, 0))])
    if restarts:
        await outbox.close()
        outbox = _open(tmp_path)
    assert await _waiting(outbox) == [("a", True), ("b", False)]
    await outbox.settle([Settlement(RecordRef(other, 0))])
    assert await _waiting(outbox) == [("a", True)]
    await outbox.close()


async def test_a_replay_supersedes_what_is_older_than_its_first_acceptance(tmp_path: Path) -> None:
    """Not what was accepted between that and the replay."""
    outbox = _open(tmp_path)
    first, second, third = [await _append(outbox, "a") for _ in range(3)]
    await outbox.settle([_dead(first), _dead(second), _dead(third)])
    replay = await _replay(outbox, RecordRef(second, 0))
    await outbox.settle([Settlement(RecordRef(replay, 0))])
    assert await _superseded(outbox) == [("a", True), ("a", False)]
    await outbox.close()


async def test_a_settled_replay_leaves_nothing_of_its_dead_letter(tmp_path: Path) -> None:
    """However it is settled, and whoever comes first: it, or who hides the dead letter."""
    outbox = _open(tmp_path)
    store = outbox.reader._store.letters
    position = await _append(outbox, *"abcd")
    await outbox.settle([_dead(position, index) for index in range(4)])
    replays = [await _replay(outbox, RecordRef(position, index)) for index in range(3)]
    name = dead_letter_id(RecordRef(position, 3))
    again = Chunk(ITEMS, "web", "route", (Record("d", b"{}"),), "", origin_of(name), name)
    replays += await outbox.append([again])
    refs = [RecordRef(replay, 0) for replay in replays]
    superseded, discarded = (
        Settlement(refs[1], superseded=True),
        Settlement(refs[2], discarded=True),
    )
    await outbox.settle([Settlement(refs[0]), superseded, discarded, Settlement(refs[3])])
    assert await outbox.dead_letters.replayed([name]) == 0
    assert not store.has(ITEMS)
    assert await outbox.dead_letters.totals() == DeadLetterTotals(0, 0)
    assert store._kept.database.execute("SELECT count(*) FROM dead_letter").fetchall() == [(0,)]
    await outbox.close()


async def test_a_replay_that_is_refused_again_is_as_old_as_before(tmp_path: Path) -> None:
    """It has another ID, in place of the one before, and the same first acceptance."""
    outbox = _open(tmp_path)
    position = await _append(outbox, "a", "b")
    await outbox.settle([_dead(position, 1)])
    replay = await _replay(outbox, RecordRef(position, 1))
    await outbox.settle([_dead(replay)])
    (letter,) = (await outbox.dead_letters.find()).dead_letters
    assert letter.dead_letter_id == dead_letter_id(RecordRef(replay, 0))
    assert letter.origin == origin_of(dead_letter_id(RecordRef(position, 1)))
    assert [report.problems for report in verify(outbox.reader._directory.path)] == [[], []]
    again = await _replay(outbox, RecordRef(replay, 0))
    newer = await _append(outbox, "b")
    await outbox.settle([Settlement(RecordRef(newer, 0))])
    found = await outbox.read(ITEMS, after=None, max_records=9, max_bytes=1 << 20)
    assert [(one.position, one.superseded) for one in found[1:]] == [(again, True)]
    await outbox.close()


async def test_what_is_counted_is_what_is_there(tmp_path: Path) -> None:
    """After whatever was done; a restart counts the same anew."""
    outbox = _open(tmp_path)
    position = await _append(outbox, *"abcdef")
    await outbox.settle([_dead(position, index) for index in range(6)])
    names = [dead_letter_id(RecordRef(position, index)) for index in range(6)]
    await outbox.dead_letters.delete(names[:2])
    replay = await _replay(outbox, RecordRef(position, 2))
    await _replay(outbox, RecordRef(position, 3))
    await outbox.settle([_dead(replay)])
    store = outbox.reader._store.letters
    counted = store._counts, store._sizes_bytes
    assert counted == ({ITEMS: 4}, {"shop": 30})
    await outbox.close()
    outbox = _open(tmp_path)
    store = outbox.reader._store.letters
    assert (store._counts, store._sizes_bytes) == counted
    await outbox.close()


async def test_of_two_replays_of_a_dead_letter_one_is_delivered(tmp_path: Path) -> None:
    """As after a crash between storing a replay and hiding its dead letter, which is replayed."""
    outbox = _open(tmp_path)
    position = await _append(outbox, "a")
    await outbox.settle([_dead(position)])
    name = dead_letter_id(RecordRef(position, 0))
    again = Chunk(ITEMS, "web", "route", (Record("a", b"{}"),), "", origin_of(name), name)
    (first,) = await outbox.append([again])
    await _replay(outbox, RecordRef(position, 0))
    assert await _waiting(outbox) == [("a", False), ("a", False)]
    await outbox.settle([Settlement(RecordRef(first, 0))])
    assert await _waiting(outbox) == [("a", True)]
    await outbox.close()


async def test_of_two_of_an_id_in_one_request_the_second_is_the_newer(tmp_path: Path) -> None:
    """Also where both died and are replayed apart."""
    outbox = _open(tmp_path)
    position = await _append(outbox, "a", "a")
    await outbox.settle([_dead(position), _dead(position, 1)])
    second = await _replay(outbox, RecordRef(position, 1))
    first = await _replay(outbox, RecordRef(position, 0))
    assert await _waiting(outbox) == [("a", False), ("a", False)]
    await outbox.settle([Settlement(RecordRef(second, 0))])
    found = await outbox.read(ITEMS, after=None, max_records=9, max_bytes=1 << 20)
    assert [(one.position, one.superseded) for one in found] == [(first, True)]
    await outbox.close()


async def test_the_first_of_two_in_one_request_leaves_the_second(tmp_path: Path) -> None:
    """The second is newer: it may still be replayed."""
    outbox = _open(tmp_path)
    position = await _append(outbox, "a", "a", "a")
    await outbox.settle([_dead(position, index) for index in range(3)])
    replay = await _replay(outbox, RecordRef(position, 1))
    await outbox.settle([Settlement(RecordRef(replay, 0))])
    assert await _superseded(outbox) == [("a", True), ("a", False)]
    await outbox.close()
