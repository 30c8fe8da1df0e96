"""The calls a second that a dataset group may make: a token bucket for each put operation."""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.personalize.emulator.config import Clock


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled_at: float


class Quotas:
    """Counts calls against the quota of their operation and dataset group.

    A bucket holds one second's worth of calls and starts full; the size of AWS's burst has not been
    verified. A refused call takes nothing.
    """

    def __init__(self, calls_per_s: Mapping[str, float | None], clock: Clock) -> None:
        self._calls_per_s = calls_per_s
        self._clock = clock
        self._buckets: dict[tuple[str, str], _Bucket] = {}

    def take(self, operation: str, dataset_group_arn: str) -> bool:
        """Take one call from the quota; returns False when it is used up."""
        rate = self._calls_per_s.get(operation)
        if rate is None:
            return True
        capacity = max(rate, 1.0)
        now = self._clock()
        bucket = self._buckets.setdefault((operation, dataset_group_arn), _Bucket(capacity, now))
        # A clock that steps back adds nothing.
        elapsed_s = max(0.0, now - bucket.filled_at)
        bucket.tokens = min(capacity, bucket.tokens + elapsed_s * rate)
        bucket.filled_at = now
        if bucket.tokens < 1.0:
            return False
        bucket.tokens -= 1.0
        return True
