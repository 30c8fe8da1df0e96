"""Dead letters and settling: budget, retention, and what a later delivery does to them."""

import time
from pathlib import Path

import pytest

from gateway.outbox.dead_letter_store import DeadLetterSettings
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
    assert store.expire() == 0
    now_s = time.time()
    monkeypatch.setattr(time, "time", lambda: now_s + 3601)
    assert store.expire() == 1
    ((outcome,),) = await outbox.outcomes([position])
    assert (outcome.state, outcome.reason) == (OutcomeState.DEAD_LETTERED, "")
    await outbox.close()
