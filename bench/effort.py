"""How long a run may take."""

from dataclasses import dataclass

_QUICK = 10


@dataclass(frozen=True, slots=True)
class Effort:
    """How often everything is measured, and how much in each round.

    Attributes:
        rounds: what is compared is measured in turn, so often.
        quick: a tenth of the work, to see that it runs; the figures are rough.
    """

    rounds: int = 5
    quick: bool = False

    def of(self, amount: int) -> int:
        """Return how much of an amount of work is to be done."""
        return max(amount // _QUICK, 1) if self.quick else amount
