"""When AWS is asked again of a dataset group."""

from dataclasses import dataclass, field
from random import Random

_JITTER = 0.1
_BASE_S = 1.0
_MOST_AFTER_FAILURE_S = 60.0
_MOST_WHILE_PASSING_S = 15.0
_WANTED_INTERVAL_S = 5.0


@dataclass(slots=True)
class Schedule:
    """Decides when to ask, on monotonic time in seconds; at first at once.

    Attributes:
        refresh_s: how often, while all is well and nothing changes.
        next_s: when to ask.
    """

    refresh_s: float
    random: Random
    next_s: float = field(default=0.0, init=False)
    _asked_s: float | None = field(default=None, init=False)
    _failures: int = field(default=0, init=False)
    _passing: int = field(default=0, init=False)

    def answered(self, now_s: float, *, passing: bool) -> None:
        """Note an answer.

        Args:
            now_s: the time.
            passing: whether it has a state that ends by itself, which is then looked after often.
        """
        self._asked_s = now_s
        self._failures = 0
        self._passing = self._passing + 1 if passing else 0
        wait_s = self.refresh_s
        if passing:
            wait_s = min(wait_s, _doubled_s(self._passing, _MOST_WHILE_PASSING_S))
        self.next_s = now_s + wait_s * self.random.uniform(1 - _JITTER, 1 + _JITTER)

    def failed(self, now_s: float, *, at_least_s: float = 0.0) -> None:
        """Note that AWS could not be asked.

        Args:
            now_s: the time.
            at_least_s: the wait that AWS asked for.
        """
        self._asked_s = now_s
        self._failures += 1
        bound_s = min(self.refresh_s, _doubled_s(self._failures, _MOST_AFTER_FAILURE_S))
        self.next_s = now_s + max(at_least_s, bound_s * self.random.uniform(0.5, 1.0))

    def wanted(self, now_s: float) -> None:
        """Note that what is known may be out of date. A back-off goes on."""
        if self._asked_s is not None and not self._failures:
            self.next_s = min(self.next_s, max(now_s, self._asked_s + _WANTED_INTERVAL_S))


def _doubled_s(count: int, most_s: float) -> float:
    return min(most_s, _BASE_S * 2.0 ** min(count - 1, 32))
