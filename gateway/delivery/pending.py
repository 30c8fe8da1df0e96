"""A record that waits for delivery."""

from dataclasses import dataclass, field

from gateway.outbox.interface import RecordRef
from gateway.records import Record


@dataclass(slots=True, eq=False)
class Pending:
    """A record in the look-ahead of its lane.

    Attributes:
        since_s: the lane's time at which it began to wait.
        attempts: how often it was sent.
        unforeseen: how often a call with it ended in an error that nobody foresaw.
        may_be_taken: a call with it ended without an answer that was read.
        predecessors: older records of its ID, oldest first. They are not sent while it may still be
            delivered, and settle together with it.
    """

    ref: RecordRef
    record: Record
    caller: str
    trace_context: str
    since_s: float
    attempts: int = 0
    unforeseen: int = 0
    may_be_taken: bool = False
    predecessors: list["Pending"] = field(default_factory=list)


Batch = list[Pending]
