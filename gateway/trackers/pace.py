"""How often a watch looks."""

from dataclasses import dataclass

_GROWTH = 1.5

_MOST_ASKED_S = 60.0
"""Who waits for a tracker looks once a minute, whatever AWS asks for."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a watch waits before it looks again: ever longer, until something happens.

    Attributes:
        first_s: after a change. Creating a tracker takes AWS from seconds to a few minutes.
        longest_s: the most that it grows to.
        jitter: the share of a wait that is left to chance, so that watches do not look together.
    """

    first_s: float = 1.0
    longest_s: float = 15.0
    jitter: float = 0.2

    def wait_s(self, looks: int, chance: float, asked_s: float = 0.0) -> float:
        """Return how long to wait.

        Args:
            looks: how often it looked since the last change, and saw none; 0 after a change.
            chance: a random number of 0 to 1.
            asked_s: the least, because AWS asked for it; counts up to a minute.
        """
        grown_s = self.first_s
        for _ in range(looks):
            grown_s = min(self.longest_s, grown_s * _GROWTH)
            if grown_s == self.longest_s:
                break
        return max(min(asked_s, _MOST_ASKED_S), grown_s * (1 - self.jitter * chance))
