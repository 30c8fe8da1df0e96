"""The quota of a lane: how many calls a second it may make."""

import math

DECREASE = 0.8
"""What is left of the rate after Personalize has throttled a call."""

RECOVERY_S = 10.0
"""How long it takes to get from nothing back to the full rate."""

_ONE_CUT_S = 1.0

_MIN_CAPACITY = 1.5
"""With room for one call alone, each wake-up that comes late would make the rate lower. Half a call
more makes up for it, and never lets two calls go at once."""

_ONE_CALL = 1.0 - 1e-9
"""What a call takes, less what rounding may make the bucket short of at the time that it named."""


class Quota:
    """Spends calls at a steady rate: a token bucket that starts empty.

    Empty, so that a restart is no second burst. Personalize's own count may be lower than what is
    documented, or shared with somebody: when it throttles, the rate is multiplied by `DECREASE`,
    and then rises steadily (additive increase, multiplicative decrease).

    Args:
        rate_per_s: the full rate, in calls a second.
        now_s: the time of its start.
        burst_s: how many seconds' worth of calls may be saved up; at least one call and a half.
    """

    def __init__(self, rate_per_s: float, *, now_s: float, burst_s: float = 0.1) -> None:
        self._burst_s = burst_s
        self._tokens = 0.0
        self._set(rate_per_s)
        self._as_of_s = now_s
        self._last_cut_s = -math.inf

    def _set(self, rate_per_s: float) -> None:
        self._full_rate_per_s = rate_per_s
        self._rate_per_s = rate_per_s
        self._capacity = max(_MIN_CAPACITY, rate_per_s * self._burst_s)

    def __repr__(self) -> str:
        return f"<Quota {self._tokens:.1f}/{self._capacity:.1f} at {self._rate_per_s:g}/s>"

    @property
    def rate_per_s(self) -> float:
        """The rate as it is now, in calls a second."""
        return self._rate_per_s

    def reconfigure(self, rate_per_s: float, now_s: float) -> None:
        """Take up another full rate; where it is the same, what was learnt of it stays."""
        if rate_per_s != self._full_rate_per_s:
            self._refill(now_s)
            self._set(rate_per_s)

    def ready_at_s(self, now_s: float) -> float:
        """Return when a call may be made: now, or the time at which its token is there."""
        self._refill(now_s)
        if self._tokens >= _ONE_CALL:
            return now_s
        return now_s + (1.0 - self._tokens) / self._rate_per_s

    def spend(self, now_s: float) -> None:
        """Take the token of one call."""
        self._refill(now_s)
        self._tokens -= 1.0

    def throttled(self, now_s: float) -> None:
        """Note that a call was throttled. Several within a second count as one."""
        self._refill(now_s)
        if now_s - self._last_cut_s >= _ONE_CUT_S:
            self._rate_per_s *= DECREASE
            self._last_cut_s = now_s

    def _refill(self, now_s: float) -> None:
        passed_s = now_s - self._as_of_s
        self._as_of_s = now_s
        self._tokens = min(self._capacity, self._tokens + passed_s * self._rate_per_s)
        recovered = passed_s * self._full_rate_per_s / RECOVERY_S
        self._rate_per_s = min(self._full_rate_per_s, self._rate_per_s + recovered)
