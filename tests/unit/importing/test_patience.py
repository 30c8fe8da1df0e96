from random import Random

import pytest

from gateway.importing.patience import Patience

PATIENCE = Patience(attempts=5, base_s=1.0, most_s=4.0)


@pytest.mark.parametrize(
    ("failures", "least_s", "most_s"), [(1, 0.5, 1.0), (2, 1.0, 2.0), (3, 2.0, 4.0), (4, 2.0, 4.0)]
)
def test_pauses_double_up_to_the_longest(failures: int, least_s: float, most_s: float) -> None:
    """They are spread over the upper half."""
    pauses_s = [PATIENCE.pause_s(failures, 0.0, Random(seed)) for seed in range(50)]
    assert all(pause_s is not None and least_s <= pause_s <= most_s for pause_s in pauses_s)
    assert len(set(pauses_s)) == 50


def test_wait_that_the_gateway_asked_for_is_the_least() -> None:
    """Coming earlier would be refused again."""
    assert PATIENCE.pause_s(1, 30.0, Random(0)) == 30.0


def test_last_failure_gives_up() -> None:
    """So many attempts were made as are allowed."""
    assert PATIENCE.pause_s(5, 0.0, Random(0)) is None
