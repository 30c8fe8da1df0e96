"""Who asks AWS when, and what becomes of the answers."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
import structlog

from gateway.dataset_group import UNKNOWN, DatasetGroupFacts, TrackerFacts
from gateway.discovery import Discovery, FactsCache, Source
from gateway.errors import AccessDenied, ControlPlaneUnavailable
from gateway.records import Kind
from tests.support.discovery import (
    ARN,
    ENDPOINT,
    ITEMS,
    SHOP,
    SOURCE,
    TRACKER,
    FailingOnce,
    FakeControlPlane,
    MovedClock,
)

UNREACHABLE = ControlPlaneUnavailable("ListDatasets", "ConnectTimeoutError")
DENIED = AccessDenied("DescribeDatasetGroup", "AccessDeniedException")


class _Running:
    """Discovery at work."""

    def __init__(
        self, plane: FakeControlPlane, sources: Sequence[Source], cache: FactsCache | None
    ) -> None:
        self.clock = MovedClock()
        self.changes: list[Mapping[str, DatasetGroupFacts]] = []
        self.discovery = Discovery(
            plane,
            sources,
            refresh_s=300.0,
            clock=self.clock,
            random=Random(1),
            cache=cache,
            on_change=self.changes.append,
            wall_clock=lambda: 1000.0,
        )

    async def move_by(self, least_s: float, most_s: float) -> None:
        """Move to the next time that is waited for, and hold it against its bounds."""
        assert least_s <= await self.clock.move() <= most_s


@asynccontextmanager
async def _running(
    plane: FakeControlPlane, *sources: Source, cache: FactsCache | None = None
) -> AsyncIterator[_Running]:
    running = _Running(plane, sources or [SOURCE], cache)
    task = asyncio.create_task(running.discovery.run())
    try:
        yield running
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def _said(said: Sequence[Mapping[str, Any]], *keys: str) -> list[tuple[Any, ...]]:
    return [tuple(line.get(key) for key in ("log_level", *keys)) for line in said]


async def test_it_asks_at_once_and_goes_on() -> None:
    """What is the same again is no change."""
    plane = FakeControlPlane()
    async with _running(plane) as running:
        assert running.discovery.facts == {"shop": SOURCE.configured}
        await running.discovery.first_round.wait()
        assert running.discovery.facts == {"shop": SHOP}
        await running.move_by(270, 330)
        plane.trackers.clear()
        await running.move_by(270, 330)
    assert running.changes == [{"shop": SHOP}, {"shop": replace(SHOP, tracker=None)}]


async def test_a_tracker_is_followed_until_it_is_active() -> None:
    """Every few seconds, and afterwards as before."""
    plane = FakeControlPlane()
    plane.trackers[0]["status"] = "CREATE PENDING"
    async with _running(plane) as running:
        await running.move_by(0.9, 1.1)
        plane.trackers[0]["status"] = "CREATE IN_PROGRESS"
        await running.move_by(1.8, 2.2)
        plane.trackers[0]["status"] = "ACTIVE"
        await running.move_by(3.6, 4.4)
        await running.move_by(270, 330)
    trackers = [change["shop"].tracker for change in running.changes]
    assert [tracker and tracker.status for tracker in trackers] == [
        "CREATE PENDING",
        "CREATE IN_PROGRESS",
        "ACTIVE",
    ]


async def test_what_delivery_wants_is_asked_in_full() -> None:
    """Soon, once for all who want it."""
    plane = FakeControlPlane()
    async with _running(plane) as running:
        await running.clock.awaited()
        plane.calls.clear()
        for name in ("shop", "shop", "unknown"):
            running.discovery.wanted(name)
        await running.move_by(5, 5)
        assert plane.calls["DescribeDataset"] == 2
        await running.move_by(270, 330)


async def test_failures_are_said_once_and_change_nothing() -> None:
    """What is known stays known; each other reason is said again, and that it is over."""
    plane = FakeControlPlane()
    async with _running(plane) as running:
        await running.clock.awaited()
        with structlog.testing.capture_logs() as said:
            plane.failures["ListDatasets"] = UNREACHABLE
            await running.move_by(270, 330)
            await running.move_by(0.5, 1)
            del plane.failures["ListDatasets"]
            running.discovery.wanted("shop")
            plane.failures["DescribeDatasetGroup"] = DENIED
            await running.move_by(1, 2)
            del plane.failures["DescribeDatasetGroup"]
            plane.failures["ListDatasets"] = KeyError("datasets")
            await running.move_by(2, 4)
            del plane.failures["ListDatasets"]
            await running.move_by(4, 8)
    assert _said(said, "operation", "why", "goes_on_with", "was") == [
        ("warning", "ListDatasets", "ConnectTimeoutError", "what is known", None),
        ("warning", "DescribeDatasetGroup", "AccessDeniedException", "what is known", None),
        ("warning", None, "Unforeseen", "what is known", None),
        ("info", None, None, None, "Unforeseen"),
    ]
    assert running.changes == [{"shop": SHOP}]


async def test_what_aws_withholds_stays_as_it_was_told_before() -> None:
    """A policy that lost a line stops nothing that flows."""
    plane = FakeControlPlane()
    async with _running(plane) as running:
        await running.clock.awaited()
        plane.failures["ListDatasets"] = DENIED
        await running.move_by(270, 330)
        await running.clock.awaited()
    assert running.discovery.facts == {"shop": replace(SHOP, datasets_withheld=True)}


async def test_the_wait_that_aws_asks_for_is_kept() -> None:
    """It knows better."""
    slow = ControlPlaneUnavailable("ListDatasets", "ThrottlingException", retry_after_s=42.0)
    plane = FakeControlPlane(failures=FailingOnce({"ListDatasets": slow}))
    async with _running(plane) as running:
        await running.move_by(42, 42)
        assert running.discovery.facts == {"shop": SHOP}


async def test_the_first_round_ends_whatever_the_answers_are() -> None:
    """With the last of them."""
    plane = FakeControlPlane(failures={"DescribeDatasetGroup": DENIED})
    plane.gate = asyncio.Event()
    async with _running(plane) as running:
        await asyncio.sleep(0)
        before = running.discovery.first_round.is_set()
        plane.gate.set()
        await running.discovery.first_round.wait()
    assert (before, running.discovery.facts) == (False, {"shop": SOURCE.configured})


async def test_where_nothing_is_discovered_the_first_round_is_over() -> None:
    """AWS is not asked at all."""
    plane = FakeControlPlane()
    async with _running(plane, replace(SOURCE, discover=False)) as running:
        await running.discovery.first_round.wait()
    assert (plane.calls, running.discovery.facts) == ({}, {"shop": SOURCE.configured})


async def test_a_disagreement_is_said_once() -> None:
    """And once more when AWS tells otherwise."""
    by_hand = TrackerFacts("", "", "by-hand", UNKNOWN)
    source = replace(SOURCE, configured=replace(SOURCE.configured, tracker=by_hand))
    plane = FakeControlPlane()
    with structlog.testing.capture_logs() as said:
        async with _running(plane, source) as running:
            await running.move_by(270, 330)
            plane.trackers.clear()
            await running.move_by(270, 330)
    warnings = [line for line in said if line["log_level"] == "warning"]
    key = "dataset_groups.shop.tracking_id"
    assert _said(warnings, "key", "configured", "discovered") == [
        ("warning", key, "by-hand", "track-1"),
        ("warning", key, "by-hand", "none"),
    ]
    assert running.discovery.facts == {"shop": replace(SHOP, tracker=by_hand)}


async def test_another_configuration_is_followed() -> None:
    """New dataset groups are asked of at once, those that are gone no more, others go on."""
    plane = FakeControlPlane()
    arn = f"{ARN}dataset-group/other"
    other = Source(DatasetGroupFacts("other", arn), replace(ENDPOINT, region="us-east-1"))
    by_hand = TrackerFacts("", "", "by-hand", UNKNOWN)
    stated = replace(SOURCE, configured=replace(SOURCE.configured, tracker=by_hand))
    async with _running(plane) as running:
        await running.clock.awaited()
        plane.calls.clear()
        running.discovery.replace([stated, other])
        await running.clock.awaited()
        assert plane.calls["DescribeDatasetGroup"] == 1
        assert plane.endpoints == {ENDPOINT, other.endpoint}
        assert running.discovery.facts == {
            "shop": replace(SHOP, tracker=by_hand),
            "other": replace(SHOP, name="other", arn=arn),
        }
        running.discovery.replace([other], refresh_s=60.0)
        plane.calls.clear()
        await running.move_by(270, 330)
        await running.move_by(54, 66)
        assert plane.calls == {"ListEventTrackers": 2, "ListDatasets": 2}
        assert running.discovery.facts == {"other": replace(SHOP, name="other", arn=arn)}


async def test_a_dataset_group_that_moves_is_asked_of_anew() -> None:
    """What another endpoint told is not believed meanwhile."""
    plane = FakeControlPlane()
    moved = replace(SOURCE, endpoint=replace(ENDPOINT, url="http://127.0.0.1:1"))
    async with _running(plane) as running:
        await running.clock.awaited()
        running.discovery.replace([moved])
        assert running.discovery.facts == {"shop": SOURCE.configured}
        await running.clock.awaited()
        assert running.discovery.facts == {"shop": SHOP}
    assert plane.endpoints == {ENDPOINT, moved.endpoint}


@pytest.mark.parametrize(
    "sources", [[], [replace(SOURCE, endpoint=replace(ENDPOINT, url="http://127.0.0.1:1"))]]
)
async def test_an_answer_that_comes_too_late_is_not_believed(sources: list[Source]) -> None:
    """Another configuration was taken up while it was on its way."""
    plane = FakeControlPlane()
    plane.gate = asyncio.Event()
    async with _running(plane) as running:
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        plane.gate.set()
        running.discovery.replace(sources)
        plane.failures["DescribeDatasetGroup"] = DENIED
        for _ in range(10):
            await asyncio.sleep(0)
        assert plane.calls["DescribeDataset"] == 2
    assert running.discovery.facts == {source.name: source.configured for source in sources}
    assert running.changes == []


@pytest.fixture
def cache_of(tmp_path: Path) -> Callable[[int], FactsCache]:
    """Return the cache at a start of the gateway."""
    return lambda boot: FactsCache(tmp_path, boot)


async def test_a_start_without_aws_works_from_the_cache(
    cache_of: Callable[[int], FactsCache],
) -> None:
    """From the moment at which it is made."""
    async with _running(FakeControlPlane(), cache=cache_of(1)) as running:
        await running.discovery.first_round.wait()
    plane = FakeControlPlane(failures={"DescribeDatasetGroup": UNREACHABLE})
    async with _running(plane, cache=cache_of(2)) as running:
        assert running.discovery.facts == {"shop": SHOP}
        assert running.discovery.facts["shop"].schema(Kind.ITEMS) == ITEMS.schema
        await running.discovery.first_round.wait()
    assert (running.discovery.facts, running.changes) == ({"shop": SHOP}, [])
    assert cache_of(2).load(SOURCE).facts == SHOP


async def test_a_start_with_neither_says_so_to_the_others(
    cache_of: Callable[[int], FactsCache],
) -> None:
    """The ingest processes wait for the first answer no longer."""
    plane = FakeControlPlane(failures={"ListEventTrackers": UNREACHABLE})
    async with _running(plane, cache=cache_of(1)) as running:
        await running.discovery.first_round.wait()
    entry = cache_of(1).load(SOURCE)
    assert (entry.facts, entry.asked) == (None, True)


async def test_what_cannot_be_kept_is_used_all_the_same(
    tmp_path: Path, cache_of: Callable[[int], FactsCache]
) -> None:
    """The disk may be full."""
    (tmp_path / "discovered").write_text("in the way")
    with structlog.testing.capture_logs() as said:
        async with _running(FakeControlPlane(), cache=cache_of(1)) as running:
            await running.discovery.first_round.wait()
    warnings = [line for line in said if line["event"].endswith("what they know")]
    assert _said(warnings, "dataset_group") == [("warning", "shop")]
    assert running.discovery.facts["shop"].tracker == TRACKER
