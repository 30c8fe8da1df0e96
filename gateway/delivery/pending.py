"""A record that waits for delivery, and a batch of them."""

from typing import TYPE_CHECKING

from gateway.outbox.interface import RecordRef
from gateway.records import Origin, Record

if TYPE_CHECKING:
    from collections.abc import Sequence

Session = tuple[str, str | None]
"""The session and the user of an event; None while anonymous."""

NO_SESSION: Session = ("", None)


class Pending:
    """A record in the look-ahead of its lane.

    There may be a hundred thousand. So it has of its record what delivery goes by, and no more.

    Attributes:
        element: the JSON element that Personalize gets.
        caller: whose turn it waits for: who sent it, or the record of its ID that it replaced.
        record_id: empty once it waits in a queue that does not go by it.
        session: of events: the session and user, which a call names once; of others `NO_SESSION`.
        since_s: the lane's time at which it began to wait.
        origin: of a replay, where it was accepted first; None where it is what it was then.
        attempts: how often it was sent.
        unforeseen: how often a call with it ended in an error that nobody foresaw.
        alone: it shares no call, because a call with it failed in a way that nobody foresaw, or
            the process died while it was in flight.
        by_itself: while it is sent nothing else of the process is in flight: at too many crashes it
            was, together with others, and one of them may be what kills the process. Until it was
            sent so and the process lived.
        may_be_taken: a call with it ended without an answer that was read.
        final: what became of it is decided, though it may not be noted yet: it is not sent again.
        predecessors: older records of its ID, oldest first. They are not sent while it may still be
            delivered, and settle together with it.
    """

    __slots__ = (
        "alone",
        "attempts",
        "by_itself",
        "caller",
        "element",
        "final",
        "may_be_taken",
        "origin",
        "predecessors",
        "record_id",
        "ref",
        "session",
        "since_s",
        "trace_context",
        "unforeseen",
    )

    def __init__(
        self,
        ref: RecordRef,
        record: Record,
        caller: str,
        trace_context: str,
        since_s: float,
        origin: Origin | None = None,
    ) -> None:
        self.ref = ref
        self.element = record.element
        self.caller = caller
        self.trace_context = trace_context
        self.since_s = since_s
        self.origin = origin
        self.record_id = record.record_id
        session_id = record.session_id
        self.session: Session = (session_id, record.user_id) if session_id else NO_SESSION
        self.attempts = self.unforeseen = 0
        self.alone = self.by_itself = self.may_be_taken = self.final = False
        self.predecessors: Sequence[Pending] = ()

    @property
    def accepted_at(self) -> Origin:
        """Where it was accepted first: of two records of an ID the greater is the newer."""
        if self.origin is not None:
            return self.origin
        position = self.ref.position
        return Origin(*position.stamp, position.writer, position.row, self.ref.index)


Batch = list[Pending]

MAX_BATCH_RECORDS = 10
"""Most records of one call: the list maxima of botocore's model `personalize-events`."""


def due_at_s(batch: Batch, linger_s: float) -> float | None:
    """Return when a batch is to be sent: at once if it is full, else when its oldest has waited."""
    if not batch:
        return None
    oldest_s = min(pending.since_s for pending in batch)
    return oldest_s if len(batch) >= MAX_BATCH_RECORDS else oldest_s + linger_s
