"""The quota of a lane: how many calls a second it may make."""

import math


class TokenBucket:
    """Spends calls at a steady rate. It starts empty, so that a restart is no second burst.

    Args:
        rate_per_s: calls a second.
        burst_s: how many seconds' worth of calls may be saved up; at least one call.
        now_s: the time of its start.
    """

    def __init__(self, rate_per_s: float, *, now_s: float, burst_s: float = 0.1) -> None:
        self._rate_per_s = rate_per_s
        self._capacity = max(1.0, rate_per_s * burst_s)
        self._tokens = 0.0
        self._as_of_s = now_s

    def __repr__(self) -> str:
        return f"<TokenBucket {self._tokens:.1f}/{self._capacity:.1f} at {self._rate_per_s:g}/s>"

    def ready_at_s(self, now_s: float) -> float:
        """Return when a call may be made: now, or the time at which its token is there."""
        self._refill(now_s)
        if self._tokens >= 1.0:
            return now_s
        # One step up, lest rounding make the bucket a hair short at the very time it named.
        return math.nextafter(now_s + (1.0 - self._tokens) / self._rate_per_s, math.inf)

    def spend(self, now_s: float) -> None:
        """Take the token of one call."""
        self._refill(now_s)
        self._tokens -= 1.0

    def _refill(self, now_s: float) -> None:
        self._tokens = min(
            self._capacity, self._tokens + (now_s - self._as_of_s) * self._rate_per_s
        )
        self._as_of_s = now_s
