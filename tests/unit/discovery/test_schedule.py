"""When AWS is asked again."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from gateway.discovery.schedule import Schedule


class _Middle(Random):
    """Draws what is in the middle."""

    def uniform(self, a: float, b: float) -> float:
        return (a + b) / 2


def _schedule(refresh_s: float = 300.0) -> Schedule:
    return Schedule(refresh_s, _Middle())


def test_it_begins_at_once_and_goes_on_periodically() -> None:
    """Asking for more before the first answer changes nothing."""
    schedule = _schedule()
    schedule.wanted(5.0)
    first_s = schedule.next_s
    schedule.answered(10.0, passing=False)
    assert (first_s, schedule.next_s) == (0.0, 310.0)


def test_a_passing_state_is_looked_after_often() -> None:
    """At first every second, later less often; afterwards as before."""
    schedule, waits = _schedule(), []
    for passing in (True, True, True, True, True, True, False, True):
        schedule.answered(0.0, passing=passing)
        waits.append(schedule.next_s)
    assert waits == [1.0, 2.0, 4.0, 8.0, 15.0, 15.0, 300.0, 1.0]


def test_failures_are_followed_by_longer_and_longer_waits() -> None:
    """Three quarters of the bound, as it is drawn here; AWS's own wait is kept."""
    schedule, waits = _schedule(), []
    for _ in range(8):
        schedule.failed(0.0)
        waits.append(schedule.next_s)
    schedule.failed(0.0, at_least_s=90.0)
    waits.append(schedule.next_s)
    schedule.answered(0.0, passing=False)
    schedule.failed(0.0)
    assert [*waits, schedule.next_s] == [0.75, 1.5, 3, 6, 12, 24, 45, 45, 90, 0.75]


def test_what_is_wanted_comes_soon_but_not_at_every_wish() -> None:
    """Five seconds after the last answer."""
    schedule = _schedule()
    schedule.answered(100.0, passing=False)
    schedule.wanted(101.0)
    soon_s = schedule.next_s
    schedule.wanted(200.0)
    assert (soon_s, schedule.next_s) == (105.0, 105.0)
    schedule.answered(200.0, passing=False)
    schedule.wanted(250.0)
    assert schedule.next_s == 250.0


def test_what_is_wanted_does_not_overrule_a_back_off() -> None:
    """AWS may be throttling because it is asked too much."""
    schedule = _schedule()
    schedule.failed(0.0, at_least_s=50.0)
    schedule.wanted(10.0)
    assert schedule.next_s == 50.0


@given(
    st.integers(),
    st.floats(10, 86_400),
    st.lists(st.sampled_from(["answered", "passing", "failed", "wanted"]), max_size=80),
)
def test_it_neither_stops_nor_hurries(seed: int, refresh_s: float, happened: list[str]) -> None:
    """Whatever happens, the next time is at most a refresh away, and never within half a second."""
    schedule, now_s = Schedule(refresh_s, Random(seed)), 0.0
    for event in happened:
        now_s += 1.0
        match event:
            case "answered" | "passing":
                schedule.answered(now_s, passing=event == "passing")
            case "failed":
                schedule.failed(now_s)
            case "wanted":
                schedule.wanted(now_s)
                continue
        assert now_s + 0.5 <= schedule.next_s <= now_s + 1.1 * refresh_s
