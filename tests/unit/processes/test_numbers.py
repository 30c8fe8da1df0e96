"""The gauges of the delivery process."""

from types import SimpleNamespace
from typing import Any

import pytest

from gateway.config.reading import parse
from gateway.dataset_group import DatasetGroupFacts
from gateway.delivery.steps import LaneStatus
from gateway.processes.numbers import DeliveryNumbers
from gateway.records import Kind, Lane
from gateway.telemetry import metrics
from tests.support.configurations import WITHOUT_FILES

CONFIG = parse(WITHOUT_FILES, "F", {})
GROUP = next(iter(CONFIG.dataset_groups))
LANE = Lane(GROUP, Kind.ITEMS)
LABELS = (GROUP, "items")


def status(**members: Any) -> LaneStatus:
    """Return a lane that flows and is empty, but for these members."""
    usual: dict[str, Any] = {
        "paused": False,
        "parked": None,
        "backing_off": None,
        "records_ahead": 0,
        "calls_in_flight": 0,
        "rate_per_s": 4.0,
        "bytes_ahead": 0,
    }
    return LaneStatus(**usual | members)


async def observe(shown: LaneStatus, oldest_s: float | None = None) -> None:
    """Set the gauges of a delivery process with one lane."""

    async def oldest() -> dict[Lane, float]:
        return {} if oldest_s is None else {LANE: oldest_s}

    facts = {
        GROUP: DatasetGroupFacts(GROUP, "arn", refreshed_at_s=0.0),
        "by hand": DatasetGroupFacts("by hand", "arn"),
    }
    side: Any = SimpleNamespace(
        delivery=SimpleNamespace(statuses=lambda: {LANE: shown}, oldest_s=oldest),
        discovery=SimpleNamespace(facts=facts),
    )
    counts = {LANE: 2, Lane(GROUP, Kind.USERS): 3, Lane("gone", Kind.ITEMS): 1}
    await DeliveryNumbers(CONFIG, side, lambda: counts).observe()


@pytest.mark.parametrize(
    ("members", "state", "reason"),
    [
        ({}, "flowing", ""),
        ({"backing_off": "Throttled"}, "backing_off", "Throttled"),
        ({"backing_off": "Throttled", "parked": "Denied"}, "parked", "Denied"),
        ({"parked": "Denied", "paused": True}, "paused", ""),
    ],
)
async def test_a_lane_has_one_state(members: dict[str, Any], state: str, reason: str) -> None:
    """What an operator did counts before what Personalize did."""
    await observe(status(**members))
    assert metrics.LANE_STATE.values == {(*LABELS, state, reason): 1}


async def test_what_waits_has_an_age() -> None:
    """None where nothing waits; of what an earlier start left, at least that of this one."""
    ages = []
    for ahead, oldest_s in ((0, None), (5, 7.5), (5, None)):
        await observe(status(records_ahead=ahead), oldest_s)
        ages.append(metrics.OLDEST_RECORD_AGE.values[LABELS])
    assert ages[:2] == [0.0, 7.5]
    assert ages[2] > 0
    assert metrics.RECORDS_WAITING.values == {LABELS: 5}


async def test_a_lane_has_its_share_of_the_quota() -> None:
    """Beside the rate that it has now."""
    await observe(status())
    share = CONFIG.dataset_groups[GROUP].quota_share
    quota_per_s = CONFIG.delivery.quotas.calls_per_s()[Kind.ITEMS] * share
    assert metrics.LANE_QUOTA.values == {LABELS: quota_per_s}
    assert metrics.LANE_RATE.values == {LABELS: 4.0}


async def test_dead_letters_are_those_of_all_kinds() -> None:
    """Of dataset groups too that are no longer configured; and zero of those that have none."""
    await observe(status())
    others = {(name,): 0 for name in CONFIG.dataset_groups if name != GROUP}
    assert metrics.DEAD_LETTERS.values == {(GROUP,): 5, ("gone",): 1, **others}


async def test_the_age_of_what_aws_told_is_of_what_it_told() -> None:
    """What is configured by hand has none."""
    await observe(status())
    assert list(metrics.DISCOVERY_AGE.values) == [(GROUP,)]
    assert metrics.DISCOVERY_AGE.values[GROUP,] > 1_000_000
