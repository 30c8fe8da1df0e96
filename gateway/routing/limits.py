"""How much each caller of a route may send: records a second, and bytes that are not yet answered.

A bucket holds `burst` records and is refilled at the limit's rate; a request is admitted when the
bucket holds its records, or is full. It is computed anew each time, from what was ever admitted and
what a full bucket ever spilled, which are numbers that processes can add up.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gateway.clock import Clock, SystemClock
from gateway.config import Route
from gateway.config.route import Limit
from gateway.records import Chunk
from gateway.routing.errors import CallerLimitReached
from gateway.routing.ledger import Account, AccountKey, Ledger, MemoryLedger

_TOLERANCE_RECORDS = 0.01
"""A month after the machine's start, seconds times a rate are exact to a hundredth and better."""

_IN_FLIGHT_RETRY_S = 0.05
"""When requests are answered hangs on the disk, or on Personalize: nobody knows."""


@dataclass(frozen=True, slots=True)
class Charge:
    """What a request adds to an account.

    Attributes:
        caller: whose account it is.
        route: on which route.
        records: how many records.
        size_bytes: how much they are.
    """

    account: Account
    limit: Limit
    caller: str
    route: str
    records: int
    size_bytes: int

    def check(self, now_s: float) -> None:
        """Return if the limit has room for it.

        Raises:
            CallerLimitReached: it has not.
        """
        wait_s = self._wait_s(now_s)
        if wait_s > 0:
            said = f"{self.limit.records_per_s:g} records a second"
            raise CallerLimitReached(self.caller, self.route, "records_per_s", said, wait_s)
        most_bytes = self.limit.in_flight_bytes
        in_flight_bytes = self.account.in_flight_bytes
        # What is larger than the limit has to pass too, by itself.
        if most_bytes and in_flight_bytes and in_flight_bytes + self.size_bytes > most_bytes:
            said = f"{most_bytes} bytes that are not yet answered"
            raise CallerLimitReached(
                self.caller, self.route, "in_flight_bytes", said, _IN_FLIGHT_RETRY_S
            )

    def _wait_s(self, now_s: float) -> float:
        rate = self.limit.records_per_s
        if rate is None:
            return 0.0
        burst = self.limit.burst_records
        level = burst + rate * now_s - self.account.used - self._spilled(now_s)
        # What is larger than the bucket has to pass too: it leaves the bucket in debt.
        lacking = min(self.records, burst) - level
        return lacking / rate if lacking > _TOLERANCE_RECORDS else 0.0

    def _spilled(self, now_s: float) -> float:
        """Return how much a full bucket has spilled until now."""
        refilled = (self.limit.records_per_s or 0.0) * now_s
        return max(self.account.spilled, refilled - self.account.used)

    def book(self, now_s: float) -> None:
        """Add it to the account."""
        self.account.use(self.records, self._spilled(now_s))
        self.account.hold(self.size_bytes)

    def release(self) -> None:
        """Take its bytes off the account: it is answered."""
        self.account.hold(-self.size_bytes)


class Held:
    """What a request holds of its caller's limits until it is answered."""

    __slots__ = ("_charges",)

    def __init__(self, charges: Sequence[Charge] = ()) -> None:
        self._charges = charges

    def release(self) -> None:
        """The request is answered. May be called again."""
        charges, self._charges = self._charges, ()
        for charge in charges:
            charge.release()

    def undo(self) -> None:
        """The request was not admitted after all."""
        for charge in self._charges:
            charge.account.give_back(charge.records)
        self.release()


_NOTHING = Held()


class Limits:
    """Checks what callers send against the limits of the routes by which it comes.

    Args:
        routes: of the configuration.
        ledger: where it is counted; without it, in this process alone.
        clock: monotonic, and of one origin in all processes that share the ledger.
    """

    def __init__(
        self,
        routes: Iterable[Route] = (),
        ledger: Ledger | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._ledger = ledger or MemoryLedger()
        self._clock = clock or SystemClock()
        self.replace(routes)

    def __repr__(self) -> str:
        return f"<Limits of {sorted(self._limits)}>"

    def replace(self, routes: Iterable[Route]) -> None:
        """Check by other routes from now on. Where a limit changes, its callers begin anew."""
        self._limits: Mapping[str, Limit] = {
            route.name: route.limit for route in routes if route.limit.is_stated
        }

    def admit(self, chunks: Iterable[Chunk]) -> Held:
        """Count the records of a request, without their copies for mirrors.

        Returns:
            What is to be released when the request is answered.

        Raises:
            CallerLimitReached: a limit has no room for them; nothing is counted.
        """
        limited = self._limits and [chunk for chunk in chunks if chunk.route in self._limits]
        if not limited:
            return _NOTHING
        charges = self._charges(limited)
        now_s = self._clock.monotonic()
        for charge in charges:
            charge.check(now_s)
        for charge in charges:
            charge.book(now_s)
        return Held(charges)

    def _charges(self, chunks: Iterable[Chunk]) -> list[Charge]:
        by_route: defaultdict[tuple[str, str], list[Chunk]] = defaultdict(list)
        for chunk in chunks:
            by_route[chunk.caller, chunk.route].append(chunk)
        charges: list[Charge] = []
        for (caller, route), own in by_route.items():
            limit = self._limits[route]
            key = AccountKey(route, caller, limit.records_per_s or 0.0, limit.burst_records)
            records = sum(len(chunk.records) for chunk in own)
            size_bytes = sum(chunk.size_bytes for chunk in own)
            account = self._ledger.account(key)
            charges.append(Charge(account, limit, caller, route, records, size_bytes))
        return charges
