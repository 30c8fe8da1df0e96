"""Every metric of the gateway, declared once.

Values are kept here, as plain numbers by their labels, so that noting one costs a look-up. Whoever
exports them reads them. Label values come from bounded sets: no ID of a user, session or item, and
no text of a caller's choosing.
"""

from collections import defaultdict
from dataclasses import dataclass, field

Labels = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Counter:
    """Counts what happens.

    Attributes:
        name: with the unit where there is one, as OpenTelemetry names metrics.
        docs: what is counted.
        labels: the names of its labels.
        values: what was counted, by the labels' values.
    """

    name: str
    docs: str
    labels: Labels = ()
    values: defaultdict[Labels, int] = field(default_factory=lambda: defaultdict(int))

    def add(self, amount: int, *labels: str) -> None:
        """Count so many more.

        Args:
            amount: how many.
            labels: the labels' values, in the order of their names.
        """
        self.values[labels] += amount


RULES_BROKEN = Counter(
    "gateway.rules.broken",
    "Records, or requests, that break a rule of validation; `action` says whether they were"
    " `refused` or only `counted`.",
    ("route", "rule", "action"),
)

IDENTITIES_REFUSED = Counter(
    "gateway.identities.refused",
    "Calls whose proof of identity did not hold, by where it was taken from.",
    ("source", "reason"),
)

LIMITS_EXCEEDED = Counter(
    "gateway.limits.exceeded",
    "Requests refused because their caller has used up a limit of its route.",
    ("route", "limit"),
)

RECORDS_SHED = Counter(
    "gateway.mirror.records.shed",
    "Records that a mirror did not get because its budget was used up.",
    ("dataset_group", "kind"),
)
