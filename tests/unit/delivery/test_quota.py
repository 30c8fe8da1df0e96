"""The quota of a lane."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.delivery.quota import Quota


def test_it_starts_empty() -> None:
    """The first call waits for its token."""
    bucket = Quota(10.0, now_s=100.0)
    assert bucket.ready_at_s(100.0) == pytest.approx(100.1)


def test_it_saves_up_no_more_than_its_burst() -> None:
    """After a long silence a tenth of a second's calls go at once."""
    bucket = Quota(100.0, now_s=0.0)
    sent = 0
    while bucket.ready_at_s(1000.0) == 1000.0:
        bucket.spend(1000.0)
        sent += 1
    assert sent == 10


def test_a_wake_up_that_comes_late_costs_no_call() -> None:
    """The next one comes sooner instead, and never two at once."""
    bucket = Quota(10.0, now_s=0.0)
    now_s = 0.0
    for _ in range(100):
        now_s = bucket.ready_at_s(now_s) + 0.02
        bucket.spend(now_s)
        assert bucket.ready_at_s(now_s) > now_s
    assert now_s == pytest.approx(100 / 10.0 + 0.02)


@given(rate=st.floats(0.1, 2000.0), pauses=st.lists(st.floats(0.0, 3.0), max_size=50))
def test_it_never_exceeds_its_rate(rate: float, pauses: list[float]) -> None:
    """Whoever calls when it says so makes no more calls than its rate and one burst allow."""
    now_s = 0.0
    bucket = Quota(rate, now_s=now_s)
    for calls, pause_s in enumerate(pauses, start=1):
        now_s = bucket.ready_at_s(now_s + pause_s)
        assert bucket.ready_at_s(now_s) == now_s
        bucket.spend(now_s)
        assert calls <= rate * now_s + max(1.5, rate * 0.1) + 1e-6


def test_a_throttled_call_slows_it_down_and_it_recovers() -> None:
    """A burst of throttled calls is one cut; the rate then rises steadily to the full one."""
    quota = Quota(10.0, now_s=0.0)
    for _ in range(8):
        quota.throttled(0.0)
    assert quota.rate_per_s == 8.0
    quota.ready_at_s(1.0)
    assert quota.rate_per_s == pytest.approx(9.0)
    quota.ready_at_s(60.0)
    assert quota.rate_per_s == 10.0


def test_another_rate_holds_at_once_and_the_same_one_changes_nothing() -> None:
    """What was learnt of a rate stays with it; calls that were saved up fit the new burst."""
    quota = Quota(100.0, now_s=0.0)
    quota.throttled(1.0)
    quota.reconfigure(100.0, 1.0)
    assert quota.rate_per_s == 80.0
    quota.reconfigure(10.0, 1.0)
    assert (quota.rate_per_s, quota.ready_at_s(1.0)) == (10.0, 1.0)
    quota.spend(1.0)
    assert quota.ready_at_s(1.0) == pytest.approx(1.05)
