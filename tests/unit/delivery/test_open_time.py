"""The age of records."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.delivery.open_time import OpenTime


def test_only_time_in_which_the_lane_could_send_counts() -> None:
    """Ten seconds open, a day closed, five open: fifteen."""
    time = OpenTime(boot=1, now_s=100.0)
    time.note(110.0, is_open=False)
    time.note(86_510.0, is_open=True)
    assert time.since(1, 100.0, 86_515.0) == 15.0
    assert time.since(1, 105.0, 86_515.0) == 10.0
    assert time.since(1, 50_000.0, 86_515.0) == 5.0
    time.note(86_515.0, is_open=False)
    assert time.since(1, 100.0, 99_999.0) == 15.0


def test_it_is_kept_over_restarts_and_boots() -> None:
    """What an earlier process and an earlier boot have noted still counts."""
    first = OpenTime(boot=1, now_s=1000.0)
    second = OpenTime(2, 5.0, first.spans(1030.0))
    third = OpenTime(2, 50.0, second.spans(25.0))
    assert third.since(1, 1010.0, 60.0) == 20.0 + 20.0 + 10.0
    assert third.since(2, 0.0, 60.0) == 20.0 + 10.0


def test_short_gaps_count_as_open() -> None:
    """A lane whose every tenth call fails is not many lanes' worth of spans."""
    time = OpenTime(boot=1, now_s=0.0)
    for number in range(1, 1001):
        time.note(number, is_open=False)
        time.note(number + 0.5, is_open=True)
    assert len(time.spans(1001.0)) == 1


@given(st.lists(st.tuples(st.floats(1.5, 100.0), st.booleans()), max_size=30))
def test_it_adds_up(steps: list[tuple[float, bool]]) -> None:
    """The sum over the spans is the sum of the steps in which it was open."""
    now_s, expected_s, is_open = 0.0, 0.0, True
    time = OpenTime(boot=1, now_s=now_s)
    for passed_s, open_next in steps:
        now_s += passed_s
        expected_s += passed_s if is_open else 0.0
        is_open = open_next
        time.note(now_s, is_open=is_open)
    assert abs(time.since(1, 0.0, now_s) - expected_s) < 1e-6
