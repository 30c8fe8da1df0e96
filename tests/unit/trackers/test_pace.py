"""How often a watch looks."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.trackers.pace import Pace

_SECONDS = st.floats(0.01, 100)


def test_waits_grow_to_the_longest_and_stay_there() -> None:
    """It looks often while something happens, and seldom while nothing does."""
    pace = Pace(first_s=1, longest_s=4)
    assert [pace.wait_s(looks, 0) for looks in range(6)] == [1, 1.5, 2.25, 3.375, 4, 4]


def test_chance_takes_its_share() -> None:
    """Watches that began together do not look together."""
    pace = Pace(first_s=10, longest_s=10, jitter=0.2)
    assert [pace.wait_s(0, chance) for chance in (0, 0.5, 1)] == [10, 9, 8]


def test_what_aws_asks_for_is_the_least() -> None:
    """A wait that is longer anyway is left, and more than a minute is not waited."""
    pace = Pace(first_s=1, longest_s=4, jitter=0)
    assert [pace.wait_s(9, 0, asked_s) for asked_s in (3, 30, 86_400)] == [4, 30, 60]


@given(
    first_s=_SECONDS,
    more_s=st.floats(0, 100),
    jitter=st.floats(0, 1),
    looks=st.integers(0, 10**6),
    chance=st.floats(0, 1),
)
def test_a_wait_is_bounded(
    first_s: float, more_s: float, jitter: float, looks: int, chance: float
) -> None:
    """It is between the first without chance's share and the longest, however long it watches."""
    pace = Pace(first_s, first_s + more_s, jitter)
    least_s = first_s * (1 - jitter)
    assert least_s <= pace.wait_s(looks, chance) <= first_s + more_s
