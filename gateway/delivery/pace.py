"""Whether a lane may send: flowing, backing off or parked."""

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class PaceSettings:
    """How a lane behaves when calls fail.

    Attributes:
        max_in_flight: most calls under way at once while all is well.
        backoff_base_s: upper bound of the wait after the first failure; it doubles with each.
        backoff_max_s: what that bound grows to.
        probe_interval_s: how long a parked lane waits between probes.
    """

    max_in_flight: int = 64
    backoff_base_s: float = 0.1
    backoff_max_s: float = 30.0
    probe_interval_s: float = 30.0


class Pace:
    """The back-off of a lane.

    It belongs to the lane, not to each batch: after a failure one call at a time probes, with full
    jitter between attempts, until one succeeds.
    """

    def __init__(self, settings: PaceSettings, random: Random) -> None:
        self._settings = settings
        self._random = random
        self._failures = 0
        self._tried_again = False
        self._ready_at_s = 0.0
        self.parked: str | None = None
        """The error code for which the lane is parked; None while it is not."""
        self.failing: str | None = None
        """The error code of the last failure, until a call succeeds; None while all is well."""
        self.since_s: float | None = None
        """When it was parked, or else began to back off; None while all is well."""

    def __repr__(self) -> str:
        state = f"parked: {self.parked}" if self.parked else f"{self._failures} failures"
        return f"<Pace {state}>"

    @property
    def ready_at_s(self) -> float:
        """The time from which on a call may be made."""
        return self._ready_at_s

    @property
    def flowing(self) -> bool:
        """Whether the lane neither backs off nor is parked."""
        return not self._failures and self.parked is None

    @property
    def max_in_flight(self) -> int:
        """How many calls may be under way at once."""
        return self._settings.max_in_flight if self.flowing else 1

    def reconfigure(self, settings: PaceSettings) -> None:
        """Take up other settings, from the next failure on; what it waits for stays."""
        self._settings = settings

    def probe(self) -> None:
        """Let the next call be made at once: what was wrong may be mended."""
        self._ready_at_s = 0.0

    def begun(self) -> None:
        """Note that a call is made."""
        self._tried_again = True

    def succeeded(self) -> None:
        """Note that Personalize answers."""
        self._failures = 0
        self._ready_at_s = 0.0
        self.parked = None
        self.failing = None
        self.since_s = None

    def failed(self, now_s: float, code: str, *, at_least_s: float = 0.0) -> None:
        """Note a passing failure. Calls that were under way together count as one.

        However far apart they end: time-outs of one outage come in over seconds.
        """
        if self.flowing:
            self.since_s = now_s
        self.failing = code
        wait_s = at_least_s
        if not self._failures or self._tried_again:
            self._tried_again = False
            bound_s = self._settings.backoff_base_s * 2.0 ** min(self._failures, 32)
            jittered_s = self._random.uniform(0.0, min(bound_s, self._settings.backoff_max_s))
            wait_s = max(wait_s, jittered_s)
            self._failures += 1
        self._ready_at_s = max(self._ready_at_s, now_s + wait_s)

    def blocked(self, now_s: float, code: str) -> None:
        """Note that no call can succeed until somebody mends what the code names."""
        if self.parked is None:
            self.since_s = now_s
        self.parked = code
        self._ready_at_s = now_s + self._settings.probe_interval_s
