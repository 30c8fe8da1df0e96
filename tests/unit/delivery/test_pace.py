"""Flowing, backing off, parked."""

from random import Random

from gateway.delivery.pace import Pace, PaceSettings

SETTINGS = PaceSettings(
    max_in_flight=8, backoff_base_s=1.0, backoff_max_s=60.0, probe_interval_s=30.0
)


class _Longest(Random):
    def uniform(self, a: float, b: float) -> float:
        del a
        return b


def _pace() -> Pace:
    return Pace(SETTINGS, _Longest())


def test_waits_double_up_to_their_bound_and_end_with_a_success() -> None:
    """One call at a time probes until one succeeds."""
    pace = _pace()
    now_s, waits = 100.0, []
    for _ in range(8):
        pace.failed(now_s, "Timeout")
        waits.append(pace.ready_at_s - now_s)
        assert pace.max_in_flight == 1
        now_s = pace.ready_at_s
    assert waits == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0]
    pace.succeeded()
    assert (pace.ready_at_s, pace.max_in_flight) == (0.0, 8)


def test_calls_that_fail_together_count_as_one() -> None:
    """Eight failures of one moment are not eight doublings."""
    pace = _pace()
    for _ in range(8):
        pace.failed(100.0, "Timeout")
    assert pace.ready_at_s == 101.0


def test_jitter_is_full() -> None:
    """The wait is anything from nothing to the bound."""
    pace = Pace(SETTINGS, Random(1))
    waits = []
    for _ in range(200):
        pace.failed(100.0, "Timeout")
        waits.append(pace.ready_at_s - 100.0)
        pace.succeeded()
    assert min(waits) < 0.05
    assert max(waits) > 0.95
    assert max(waits) <= 1.0


def test_a_hint_is_the_floor() -> None:
    """What the answer asks for is kept, also by a call that failed beside another."""
    pace = _pace()
    pace.failed(100.0, "Timeout", at_least_s=5.0)
    assert pace.ready_at_s == 105.0
    pace.failed(101.0, "Timeout", at_least_s=20.0)
    assert pace.ready_at_s == 121.0


def test_a_parked_lane_is_probed_until_it_flows() -> None:
    """The reason is told, and gone with the first success."""
    pace = _pace()
    pace.blocked(100.0, "AccessDeniedException")
    assert (pace.parked, pace.ready_at_s) == ("AccessDeniedException", 130.0)
    assert pace.max_in_flight == 1
    pace.succeeded()
    assert (pace.parked, pace.ready_at_s) == (None, 0.0)
