"""How much each dataset group may have in the outbox."""

from collections.abc import Mapping

from gateway.outbox.interface import BudgetExhausted
from gateway.outbox.shared import Shared

_RETRY_AFTER_S = 1.0


class Budgets:
    """Checks what is to be admitted against what is there, of all ingest processes together.

    Processes that admit at the same instant do not see each other: together they may pass a budget
    by what each of them admits in that instant.

    Args:
        shared: what is there.
        budgets_bytes: how much each dataset group may have; one that is not named, any amount.
    """

    def __init__(self, shared: Shared, budgets_bytes: Mapping[str, int]) -> None:
        self._shared = shared
        self._budgets_bytes = dict(budgets_bytes)

    def replace(self, budgets_bytes: Mapping[str, int]) -> None:
        """Take other budgets from now on; what is there already stays."""
        self._budgets_bytes = dict(budgets_bytes)

    def check(self, sizes_bytes: Mapping[str, int]) -> None:
        """Return if so many bytes of each dataset group may be admitted.

        Raises:
            BudgetExhausted: they may not; for the first dataset group that has no room.
        """
        for group, size_bytes in sizes_bytes.items():
            if not self.has_room(group, size_bytes):
                budget = self._budgets_bytes[group]
                raise BudgetExhausted(group, budget_bytes=budget, retry_after_s=_RETRY_AFTER_S)

    def has_room(self, dataset_group: str, size_bytes: int) -> bool:
        """Return whether so many bytes of a dataset group may be admitted."""
        budget = self._budgets_bytes.get(dataset_group)
        return budget is None or self._shared.used_bytes(dataset_group) + size_bytes <= budget
