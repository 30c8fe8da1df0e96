"""What callers have used of their limits, as all processes of a gateway count it together.

Each process writes numbers of its own and reads those of all, so there are no locks on the way of a
request; who checks a limit adds them up. Two that check in the same instant do not see each other.
"""

from collections import OrderedDict
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from gateway.identity import Caller

_USED, _SPILLED, _IN_FLIGHT = range(3)
CELL_NUMBERS = 3
"""How many numbers a process has for each account."""

_MAX_ACCOUNTS = 4096


class AccountKey(NamedTuple):
    """What is counted apart: a caller on a route, as long as the route's limit is the same.

    Attributes:
        records_per_s: 0 where there is no such limit.
        burst_records: how many may come at once.
    """

    route: str
    caller: Caller
    records_per_s: float
    burst_records: float


class Account:
    """What one caller has used on one route.

    Args:
        numbers: of all processes.
        starts: where in them those of each process are, for this account.
        own: the one of these that is ours to write.
    """

    __slots__ = ("_numbers", "_own", "_starts")

    def __init__(self, numbers: "memoryview[float]", starts: Sequence[int], own: int) -> None:
        self._numbers = numbers
        self._starts = starts
        self._own = own

    @property
    def used(self) -> float:
        """How many records were ever admitted."""
        return sum([self._numbers[start + _USED] for start in self._starts])

    @property
    def spilled(self) -> float:
        """How many records could ever have been admitted, and came to nothing in a full bucket."""
        return max([self._numbers[start + _SPILLED] for start in self._starts])

    @property
    def in_flight_bytes(self) -> float:
        """How much is not yet answered."""
        return sum([self._numbers[start + _IN_FLIGHT] for start in self._starts])

    def use(self, records: float, spilled: float) -> None:
        """Count records, admitted when so many in all had come to nothing."""
        # In this order: whoever is killed in between leaves a bucket that is as full as it was.
        self._numbers[self._own + _SPILLED] = spilled
        self._numbers[self._own + _USED] += records

    def give_back(self, records: float) -> None:
        """Count records no more, which were not admitted after all."""
        self._numbers[self._own + _USED] -= records

    def hold(self, size_bytes: float) -> None:
        """Count bytes as not yet answered; less than zero where they are."""
        self._numbers[self._own + _IN_FLIGHT] += size_bytes

    def forget_in_flight(self) -> None:
        """Begin anew: what the process before us had not answered, it never will."""
        self._numbers[self._own + _IN_FLIGHT] = 0.0


class Ledger(Protocol):
    """Keeps accounts."""

    def account(self, key: AccountKey) -> Account:
        """Return the account of a key; one that has nothing on it where it is new."""


class MemoryLedger:
    """The accounts of one process. Beyond some number, the one used longest ago is forgotten."""

    def __init__(self, most: int = _MAX_ACCOUNTS) -> None:
        self._most = most
        self._accounts: OrderedDict[AccountKey, Account] = OrderedDict()

    def account(self, key: AccountKey) -> Account:
        """Return the account of a key; see `Ledger`."""
        found = self._accounts.get(key)
        if found is None:
            numbers = memoryview(bytearray(8 * CELL_NUMBERS)).cast("d")
            found = self._accounts[key] = Account(numbers, (0,), 0)
            if len(self._accounts) > self._most:
                self._accounts.popitem(last=False)
        self._accounts.move_to_end(key)
        return found
