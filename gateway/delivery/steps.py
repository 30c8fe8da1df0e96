"""What a lane may want done, and what it tells of itself."""

from dataclasses import dataclass

from gateway.delivery.pending import Batch
from gateway.outbox.interface import Position


@dataclass(frozen=True, slots=True)
class LookAhead:
    """How much of its backlog a lane holds in memory to choose batches from."""

    records: int = 100_000
    size_bytes: int = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class LaneLimits:
    """What bounds a lane.

    Attributes:
        max_age_s: a record that fails when it has waited for longer is given up.
        unknown_hold_s: for how long Personalize may still be at work on a call whose answer was
            not read.
    """

    look_ahead: LookAhead
    max_age_s: float
    unknown_hold_s: float


@dataclass(frozen=True, slots=True)
class Read:
    """Read chunks after that position and hand them to `LaneState.add`."""

    after: Position | None
    max_records: int
    max_bytes: int


@dataclass(frozen=True, slots=True)
class Send:
    """Send these records in one call and hand the result to `LaneState.finished`."""

    batch: Batch

    @property
    def by_itself(self) -> bool:
        """Whether nothing else of the process may be in flight meanwhile."""
        return self.batch[0].by_itself  # Such a record shares no call.


@dataclass(frozen=True, slots=True)
class Wait:
    """Do nothing until that time, or until something happens; None for the latter alone."""

    until_s: float | None


Step = Read | Send | Wait


@dataclass(frozen=True, slots=True)
class LaneStatus:
    """What an operator wants to know of a lane.

    Attributes:
        paused: an operator has paused it.
        parked: the error code for which it is parked; None while it is not.
        backing_off: the error code of the last failure, while it backs off; None while it does not.
        records_ahead: how many records it has read ahead.
        calls_in_flight: how many calls are under way.
        rate_per_s: how many calls a second it may make now.
        bytes_ahead: how many bytes of records it has read ahead.
        stopped_for_s: for how long it has been parked, or else has backed off; None while it flows.
        next_call_in_s: until it makes a call to see whether it flows again; None while it flows,
            is paused, or that call is under way.
    """

    paused: bool
    parked: str | None
    backing_off: str | None
    records_ahead: int
    calls_in_flight: int
    rate_per_s: float
    bytes_ahead: int
    stopped_for_s: float | None = None
    next_call_in_s: float | None = None
