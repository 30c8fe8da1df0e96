"""Quotas on a clock that is set by hand."""

from typing import Protocol

from gateway.personalize.emulator.config import DOCUMENTED_QUOTAS
from gateway.personalize.emulator.quotas import Quotas


class Clock(Protocol):
    now: float

    def __call__(self) -> float: ...


def taken(quotas: Quotas, operation: str, group: str, calls: int) -> int:
    """Return how many of so many calls the quota allows."""
    return sum(quotas.take(operation, group) for _ in range(calls))


def test_documented_sizes(clock: Clock) -> None:
    """A second's worth of calls is allowed at once: 1000 of events, 10 of items, users, actions."""
    quotas = Quotas(DOCUMENTED_QUOTAS, clock)

    allowed = {operation: taken(quotas, operation, "shop", 1100) for operation in DOCUMENTED_QUOTAS}

    assert allowed == {
        "PutEvents": 1000,
        "PutActionInteractions": 1000,
        "PutItems": 10,
        "PutUsers": 10,
        "PutActions": 10,
    }


def test_each_dataset_group_has_its_own(clock: Clock) -> None:
    """What one dataset group uses up another still has."""
    quotas = Quotas(DOCUMENTED_QUOTAS, clock)
    taken(quotas, "PutItems", "shop", 20)

    assert taken(quotas, "PutItems", "other", 20) == 10


def test_fills_with_time_and_no_further(clock: Clock) -> None:
    """An eighth of a second brings one call of ten a second; an hour no more than ten."""
    quotas = Quotas(DOCUMENTED_QUOTAS, clock)
    taken(quotas, "PutItems", "shop", 20)
    clock.now += 0.125  # exact in binary
    after_an_eighth = taken(quotas, "PutItems", "shop", 20)
    clock.now += 3600
    after_an_hour = taken(quotas, "PutItems", "shop", 20)

    assert (after_an_eighth, after_an_hour) == (1, 10)


def test_refused_calls_take_nothing(clock: Clock) -> None:
    """Calling in vain does not put off the next call that is allowed."""
    quotas = Quotas({"PutItems": 10.0}, clock)
    taken(quotas, "PutItems", "shop", 10)
    for _ in range(4):
        clock.now += 0.03
        last = quotas.take("PutItems", "shop")

    assert last


def test_a_clock_that_steps_back_brings_nothing(clock: Clock) -> None:
    """Neither does a step back fill the bucket, nor does it stop its filling."""
    quotas = Quotas({"PutItems": 10.0}, clock)
    taken(quotas, "PutItems", "shop", 10)
    clock.now -= 1000
    stepped = quotas.take("PutItems", "shop")
    clock.now += 0.125  # exact in binary

    assert (stepped, quotas.take("PutItems", "shop")) == (False, True)


def test_less_than_one_call_a_second(clock: Clock) -> None:
    """A slow quota allows its first call at once and the next when it is due."""
    quotas = Quotas({"PutItems": 0.5}, clock)
    first = taken(quotas, "PutItems", "shop", 5)
    clock.now += 2

    assert (first, taken(quotas, "PutItems", "shop", 5)) == (1, 1)


def test_no_quota(clock: Clock) -> None:
    """None, and an operation that is not named, are unlimited."""
    quotas = Quotas({"PutItems": None}, clock)

    assert taken(quotas, "PutItems", "shop", 50) + taken(quotas, "PutUsers", "shop", 50) == 100
