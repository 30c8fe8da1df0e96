"""What an ingest process learns from the delivery process."""

import asyncio
import contextlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gateway.dataset_group import DatasetGroupFacts
from gateway.discovery import FactsCache, KnownDatasetGroups, Source
from tests.support.discovery import ENDPOINT, SHOP, SOURCE, MovedClock

BY_HAND = Source(DatasetGroupFacts("by_hand", "arn"), ENDPOINT, discover=False)
OTHER = Source(DatasetGroupFacts("other", "arn:other"), ENDPOINT)

if TYPE_CHECKING:
    from collections.abc import Mapping


@pytest.fixture
def cache(tmp_path: Path) -> FactsCache:
    """What the delivery process writes."""
    return FactsCache(tmp_path, 2)


@pytest.fixture
def clock() -> MovedClock:
    """Stands until it is moved."""
    return MovedClock()


def test_what_was_kept_is_known_from_the_start(
    tmp_path: Path, cache: FactsCache, clock: MovedClock
) -> None:
    """Of the last run of the gateway, so that nobody waits for AWS."""
    FactsCache(tmp_path, 1).save(SOURCE, SHOP)
    known = KnownDatasetGroups(cache, [SOURCE, BY_HAND], clock=clock)
    assert known.first_round_over
    assert known.facts == {"shop": SHOP, "by_hand": BY_HAND.configured}


async def test_the_first_answers_are_waited_for(cache: FactsCache, clock: MovedClock) -> None:
    """Until there is one for each dataset group; that AWS could not be asked is one, too."""
    known = KnownDatasetGroups(cache, [SOURCE, OTHER, BY_HAND], clock=clock)
    waiting = asyncio.create_task(known.first_round())
    cache.save(SOURCE, SHOP)
    await clock.move()
    undecided = waiting.done()
    cache.save(OTHER, None)
    clock.jump(await clock.awaited())
    assert (undecided, await waiting, clock.now_s) == (False, True, 0.1)
    assert known.facts == {
        "shop": SHOP,
        "other": OTHER.configured,
        "by_hand": BY_HAND.configured,
    }


async def test_the_first_answers_are_not_waited_for_without_end(
    cache: FactsCache, clock: MovedClock
) -> None:
    """After ten seconds records are taken on what is configured."""
    known = KnownDatasetGroups(cache, [SOURCE], clock=clock)
    waiting = asyncio.create_task(known.first_round())
    await clock.awaited()
    clock.jump(9.9)
    await clock.awaited()
    undecided = waiting.done()
    clock.jump(10.0)
    over = await waiting
    assert (undecided, over, known.facts) == (False, False, {"shop": SOURCE.configured})


async def test_an_answer_of_before_this_start_is_not_waited_on(
    tmp_path: Path, cache: FactsCache, clock: MovedClock
) -> None:
    """That AWS could not be asked then says nothing of now."""
    FactsCache(tmp_path, 1).save(SOURCE, None)
    assert not KnownDatasetGroups(cache, [SOURCE], clock=clock).first_round_over


async def test_changes_are_noticed(cache: FactsCache, clock: MovedClock) -> None:
    """Once each; a file that says the same again is no change, but its time counts."""
    known = KnownDatasetGroups(cache, [SOURCE], clock=clock)
    seen: list[Mapping[str, DatasetGroupFacts]] = []
    watching = asyncio.create_task(known.watch(seen.append))
    without_tracker = replace(SHOP, tracker=None)
    again = replace(without_tracker, refreshed_at_s=2000.0)
    for facts in (None, SHOP, SHOP, without_tracker, again):
        await clock.awaited()
        if facts:
            cache.save(SOURCE, facts)
        assert await clock.move() == 0.5
    watching.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await watching
    assert seen == [{"shop": SHOP}, {"shop": without_tracker}]
    assert known.facts["shop"].refreshed_at_s == 2000.0


def test_another_configuration_takes_its_own_from_the_cache(
    cache: FactsCache, clock: MovedClock
) -> None:
    """What was known of a dataset group that is asked elsewhere now is forgotten."""
    cache.save(SOURCE, SHOP)
    cache.save(OTHER, replace(SHOP, name="other", arn="arn:other"))
    known = KnownDatasetGroups(cache, [SOURCE], clock=clock)
    moved = replace(SOURCE, endpoint=replace(ENDPOINT, url="http://127.0.0.1:1"))
    known.replace([moved, OTHER])
    assert known.facts == {
        "shop": SOURCE.configured,
        "other": replace(SHOP, name="other", arn="arn:other"),
    }
    assert not known.first_round_over
