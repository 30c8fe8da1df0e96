"""When a request is sent again."""

import pytest
from grpc import StatusCode
from hypothesis import given
from hypothesis import strategies as st
from personalize_gateway import GatewayError, Options
from personalize_gateway.attempts import Attempts, backoff_s

_EXHAUSTED = GatewayError(StatusCode.RESOURCE_EXHAUSTED, "", retry_delay_s=0.5)


def _attempts(options: Options | None = None, timeout_s: float = 5.0) -> Attempts:
    return Attempts(options or Options(), timeout_s, lambda: 100.0, lambda: 0.5)


def test_the_delay_that_was_named_is_the_least() -> None:
    """The back-off comes on top, and grows."""
    attempts = _attempts()
    assert [attempts.delay_s(_EXHAUSTED) for _ in range(4)] == [0.55, 0.6, 0.7, None]


@pytest.mark.parametrize(
    "error",
    [
        GatewayError(StatusCode.RESOURCE_EXHAUSTED, "too large"),
        GatewayError(StatusCode.UNAVAILABLE, "gRPC has tried", retry_delay_s=0.1),
        GatewayError(StatusCode.INVALID_ARGUMENT, "wrong"),
        GatewayError(StatusCode.DEADLINE_EXCEEDED, "late"),
    ],
)
def test_nothing_else_is_tried_again_here(error: GatewayError) -> None:
    """UNAVAILABLE is gRPC's to retry."""
    assert _attempts().delay_s(error) is None


def test_no_attempt_follows_that_would_be_too_late() -> None:
    """The caller is told at once."""
    assert _attempts(timeout_s=0.5).delay_s(_EXHAUSTED) is None
    assert _attempts(Options(max_attempts=1)).delay_s(_EXHAUSTED) is None


def test_time_runs_out() -> None:
    """What is left is never below zero."""
    now = iter([0.0, 3.0, 9.0])
    attempts = Attempts(Options(), 5.0, lambda: next(now))
    assert [attempts.left_s(), attempts.left_s()] == [2.0, 0.0]


@given(failures=st.integers(1, 10_000), jitter=st.floats(0, 1, exclude_max=True))
def test_a_back_off_is_bounded(failures: int, jitter: float) -> None:
    """However often it failed."""
    assert 0 <= backoff_s(Options(), failures, lambda: jitter) < Options().max_backoff_s
