import pytest

from bench.scale_quota import Sample, since_first, slope


def _sample(at_s: float, waiting: int) -> Sample:
    return Sample(at_s, waiting, calls=0, delivered=0, cpu_us=0.0)


def test_time_begins_with_the_first_event() -> None:
    """What was looked at before there was load is left out."""
    samples = [_sample(10.0, 0), _sample(11.0, 0), _sample(12.0, 5), _sample(13.0, 0)]
    assert since_first(samples) == [_sample(0.0, 5), _sample(1.0, 0)]


def test_growth_is_a_slope() -> None:
    """Ups and downs are no growth; a steady rise is."""
    assert slope([_sample(at_s, 100 + at_s * 30) for at_s in range(10)]) == pytest.approx(30.0)
    assert slope([_sample(0, 9), _sample(1, 11), _sample(2, 9)]) == pytest.approx(0.0)
