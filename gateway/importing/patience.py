"""How long and how often an import tries again."""

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Patience:
    """A number of attempts and the pauses between them.

    Attributes:
        attempts: after so many streams in a row have broken, the import gives up. One on which
            anything was acknowledged is the first of a row.
        base_s: the longest first pause; it doubles with each failure.
        most_s: what it grows to.
    """

    attempts: int = 8
    base_s: float = 0.5
    most_s: float = 10.0

    def pause_s(self, failures: int, asked_s: float, random: Random) -> float | None:
        """Return how long to wait before the next attempt; None to give up.

        Args:
            failures: how many streams have broken in a row, at least 1.
            asked_s: the wait that the gateway asked for, which is the least.
            random: spreads the attempts of many clients.
        """
        if failures >= self.attempts:
            return None
        longest_s = min(self.most_s, self.base_s * 2.0 ** (failures - 1))
        return max(asked_s, random.uniform(longest_s / 2, longest_s))
