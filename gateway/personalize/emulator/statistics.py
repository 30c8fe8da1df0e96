"""Counts of what the emulator was asked and what it answered, since it started."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Self

_THROTTLING = "ThrottlingException"
_SERVER_ERROR = 500


@dataclass(slots=True)
class Tally:
    """Counts of one operation's calls.

    Attributes:
        calls: all of them.
        succeeded: answered 200.
        throttled: answered ThrottlingException.
        refused: answered with another error below 500.
        failed: answered with an error of 500 or above.
        reset: ended by a connection reset.
        records: records kept, those of calls that were reset after they took effect included.
        dropped: records answered 200 and not kept, as Personalize drops them.
        errors: calls by error code.
        records_per_call: number of calls that kept so many records.
    """

    calls: int = 0
    succeeded: int = 0
    throttled: int = 0
    refused: int = 0
    failed: int = 0
    reset: int = 0
    records: int = 0
    dropped: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    records_per_call: Counter[int] = field(default_factory=Counter)

    def add(self, other: Self) -> None:
        """Add another tally's counts to this one."""
        for name in self.__slots__:
            mine, its = getattr(self, name), getattr(other, name)
            setattr(self, name, mine + its)

    def shown(self) -> dict[str, Any]:
        """Return the counts, and the mean of records a call, as JSON-compatible values."""
        calls = sum(self.records_per_call.values())
        counts = {name: getattr(self, name) for name in self.__slots__[:8]}
        return counts | {
            "errors": dict(sorted(self.errors.items())),
            "records_per_call": {str(n): c for n, c in sorted(self.records_per_call.items())},
            "mean_records_per_call": round(self.records / calls, 2) if calls else 0.0,
        }


class Statistics:
    """One tally for each operation and dataset group."""

    def __init__(self) -> None:
        self._tallies: dict[tuple[str, str], Tally] = {}

    def call(self, operation: str, dataset_group_arn: str | None) -> Tally:
        """Count a call, and return the tally for what becomes of it."""
        group = (dataset_group_arn or "").rpartition("/")[2]
        tally = self._tallies.setdefault((operation, group), Tally())
        tally.calls += 1
        return tally

    def shown(self) -> dict[str, Any]:
        """Return the counts by operation, and by dataset group and operation."""
        groups = sorted({group for _, group in self._tallies if group})
        return {
            "operations": self._by_operation(self._tallies),
            "dataset_groups": {
                group: self._by_operation(key for key in self._tallies if key[1] == group)
                for group in groups
            },
        }

    def _by_operation(self, keys: Iterable[tuple[str, str]]) -> dict[str, Any]:
        sums: dict[str, Tally] = {}
        for key in sorted(keys):
            sums.setdefault(key[0], Tally()).add(self._tallies[key])
        return {operation: tally.shown() for operation, tally in sums.items()}


def count_error(tally: Tally, code: str, status: int) -> None:
    """Count a call that was answered with an error."""
    tally.errors[code] += 1
    if code == _THROTTLING:
        tally.throttled += 1
    elif status < _SERVER_ERROR:
        tally.refused += 1
    else:
        tally.failed += 1


def count_records(tally: Tally, records: int, dropped: int) -> None:
    """Count what a put that took effect kept and dropped."""
    tally.records += records
    tally.dropped += dropped
    tally.records_per_call[records] += 1
