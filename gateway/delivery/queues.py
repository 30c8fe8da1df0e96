"""What waits in a lane, and which of it goes into the next call.

Three ways to batch, one interface, a module each. A queue decides and remembers; it neither sends
nor knows time beyond what it is told. All of them give every caller its turn.
"""

from typing import Protocol

from gateway.delivery.arrival_queue import ArrivalQueue
from gateway.delivery.event_queue import EventQueue
from gateway.delivery.latest_queue import LatestQueue
from gateway.delivery.pending import Batch, Pending
from gateway.records import Kind


class Queue(Protocol):
    """The records of a lane that wait.

    Attributes:
        of_one_caller: set while batches are to hold records of one caller alone, so that one who
            sends bad records has but their own calls refused.
    """

    of_one_caller: bool

    def add(self, pending: Pending) -> bool:
        """Let a record wait; return False where one that supersedes it was delivered."""

    def due_at_s(self, now_s: float) -> float | None:
        """Return from when on a batch is due; None until a record is added, done or put back."""

    def take(self, now_s: float) -> Batch:
        """Take out the next batch: the records of one call, at most ten; none if none is due."""

    def done(self, batch: Batch) -> None:
        """Forget records that were taken, and of which it is noted what became of them."""

    def delivered(self, batch: Batch, *, not_before_s: float | None = None) -> Batch:
        """Take out and return what is superseded by records that were delivered.

        Args:
            batch: the records.
            not_before_s: set where Personalize may be at work on them yet: until then no other
                record of the same ID is sent.
        """

    def put_back(
        self, batch: Batch, *, last: bool = False, not_before_s: float | None = None
    ) -> None:
        """Return records that were taken, to be taken first of all.

        Args:
            batch: the records, in the order in which they were taken.
            last: to be taken last of all instead, so that others are tried before them.
            not_before_s: set where Personalize may have them already and may still be at work on
                them: until then no record of the same ID is sent beside them.
        """


def queue_of(kind: Kind, linger_s: float) -> Queue:
    """Return an empty queue that batches as the kind's operation needs."""
    if kind is Kind.EVENTS:
        return EventQueue(linger_s)
    if kind.replaces:
        return LatestQueue(linger_s)
    return ArrivalQueue(linger_s)
