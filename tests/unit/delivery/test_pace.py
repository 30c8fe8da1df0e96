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
        pace.begun()
        pace.failed(now_s, "Timeout")
        waits.append(pace.ready_at_s - now_s)
        assert pace.max_in_flight == 1
        now_s = pace.ready_at_s
    assert waits == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0]
    pace.succeeded()
    assert (pace.ready_at_s, pace.max_in_flight) == (0.0, 8)


def test_calls_that_fail_together_count_as_one() -> None:
    """Eight failures of one outage are not eight doublings, though the last ends much later."""
    pace = _pace()
    for _ in range(8):
        pace.begun()
    for number in range(8):
        pace.failed(100.0 + number, "Timeout")
    assert pace.ready_at_s == 107.0
    pace.begun()
    pace.failed(110.0, "Timeout")
    assert pace.ready_at_s == 112.0


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


def test_it_knows_since_when_it_does_not_flow() -> None:
    """A park begins anew; another failure, another code and a probe do not."""
    pace = _pace()
    pace.failed(100.0, "Timeout")
    pace.failed(110.0, "Timeout")
    backed_off_since_s = pace.since_s
    pace.blocked(120.0, "AccessDeniedException")
    pace.blocked(150.0, "NotConfigured")
    pace.failed(180.0, "Timeout")
    pace.probe()
    parked_since_s = pace.since_s
    pace.succeeded()
    assert (backed_off_since_s, parked_since_s, pace.since_s) == (100.0, 120.0, None)


def test_a_probe_is_made_at_once_and_is_one_call() -> None:
    """What it waits for is found out now; the lane is still parked until that succeeds."""
    pace = _pace()
    pace.blocked(100.0, "AccessDeniedException")
    pace.probe()
    assert (pace.ready_at_s, pace.max_in_flight) == (0.0, 1)
    assert pace.parked == "AccessDeniedException"


def test_other_settings_hold_from_the_next_failure_on() -> None:
    """What it waits for already it goes on waiting for."""
    pace = _pace()
    pace.blocked(100.0, "AccessDeniedException")
    pace.reconfigure(PaceSettings(max_in_flight=3, probe_interval_s=5.0))
    assert pace.ready_at_s == 130.0
    pace.blocked(130.0, "AccessDeniedException")
    assert pace.ready_at_s == 135.0
    pace.succeeded()
    assert pace.max_in_flight == 3
