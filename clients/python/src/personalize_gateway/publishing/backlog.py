"""The records of a publisher that are not settled, in their order.

    publish → waiting → on the stream → acknowledged, or back to waiting when the stream breaks

They are settled in the order in which they were published, so a number says how far that is. This
decides and counts; who uses it does the I/O, in one thread at a time.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

from personalize_gateway.errors import GatewayError, Violation
from personalize_gateway.publishing.settings import Counts, PublisherOptions, Refused
from personalize_gateway.v1.error_reason_pb2 import ErrorReason
from personalize_gateway.v1.ingest_service_pb2 import (
    IngestRecord,
    IngestRequest,
    IngestResponse,
    Refusal,
)


@dataclass(slots=True)
class _Entry:
    """A record that is not settled, and how large it is."""

    record: IngestRecord
    size_bytes: int
    since_s: float
    number: int


@dataclass(slots=True)
class _Sent:
    """A request that is on the stream and not acknowledged."""

    sequence: int
    entries: Sequence[_Entry]
    refusals: list[Refusal] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Settled:
    """Records whose fate is known, in their order."""

    confirmed: Sequence[IngestRecord] = ()
    refused: Sequence[Refused] = ()

    def __len__(self) -> int:
        return len(self.confirmed) + len(self.refused)


class Backlog:
    """What a publisher still has to do.

    Args:
        options: its bounds.
        dataset_group: of every request.
    """

    def __init__(self, options: PublisherOptions, dataset_group: str) -> None:
        self.counts = Counts()
        self._options = options
        self._dataset_group = dataset_group
        self._waiting: deque[_Entry] = deque()
        self._waiting_bytes = 0
        self._sent: deque[_Sent] = deque()
        self._held_bytes = 0
        self._sequence = 0
        self._hurried_up_to = 0

    def has_room(self, size_bytes: int) -> bool:
        """Return whether one more record of this size may be added."""
        options = self._options
        if self.counts.pending >= options.max_records:
            return False
        return self._held_bytes + size_bytes <= options.max_bytes

    def add(self, record: IngestRecord, size_bytes: int, now_s: float) -> None:
        """Take a record for which there is room."""
        self.counts.published += 1
        self._held_bytes += size_bytes
        self._waiting_bytes += size_bytes
        self._waiting.append(_Entry(record, size_bytes, now_s, self.counts.published))

    def hurry(self) -> int:
        """Let nothing that is here linger; return the number of the newest, counted from 1."""
        self._hurried_up_to = self.counts.published
        return self._hurried_up_to

    @property
    def has_waiting(self) -> bool:
        """Whether there is something to open a stream for."""
        return bool(self._waiting)

    @property
    def is_all_acknowledged(self) -> bool:
        """Whether all that was sent on the stream is: its end is about no request."""
        return self._sequence > 0 and not self._sent

    def next_request(self, now_s: float) -> IngestRequest | None:
        """Return what is to be sent now, if anything is."""
        if self.due_in_s(now_s) != 0.0:
            return None
        sent = self._send_next()
        return IngestRequest(
            sequence=sent.sequence,
            dataset_group=self._dataset_group,
            records=[entry.record for entry in sent.entries],
        )

    def due_in_s(self, now_s: float) -> float | None:
        """Return in how many seconds a request is due; None where something has to happen first."""
        options, waiting = self._options, self._waiting
        if not waiting or len(self._sent) >= options.max_unacknowledged:
            return None
        is_full = (
            len(waiting) >= options.batch_records or self._waiting_bytes >= options.batch_bytes
        )
        if is_full or waiting[0].number <= self._hurried_up_to:
            return 0.0
        return max(waiting[0].since_s + options.linger_s - now_s, 0.0)

    def acknowledged(self, response: IngestResponse) -> Settled:
        """Return what a response of the stream settles."""
        by_sequence = {sent.sequence: sent for sent in self._sent}
        for refusal in response.refusals:
            if sent := by_sequence.get(refusal.sequence):
                sent.refusals.append(refusal)
        done: list[_Sent] = []
        while self._sent and self._sent[0].sequence <= response.acknowledged_sequence:
            done.append(self._sent.popleft())
        return self._settled(done)

    def interrupted(self) -> None:
        """Put what is on the stream back to the front: the stream has ended.

        Sequences begin anew on the next.
        """
        entries = [entry for sent in self._sent for entry in sent.entries]
        self.counts.resent += len(entries)
        self._waiting.extendleft(reversed(entries))
        self._waiting_bytes += sum(entry.size_bytes for entry in entries)
        self._sent.clear()
        self._sequence = 0

    def give_up_first(self, error: GatewayError) -> Settled:
        """Refuse the oldest request on the stream; the next where nothing was sent."""
        if not self._sent:
            self._send_next()
        return self._given_up([self._sent.popleft()], error)

    def give_up_sent(self, error: GatewayError) -> Settled:
        """Refuse all that is on the stream; the next request where nothing was sent."""
        if not self._sent:
            self._send_next()
        given_up = list(self._sent)
        self._sent.clear()
        return self._given_up(given_up, error)

    def give_up_all(self) -> Settled:
        """Refuse everything: the publisher is closed."""
        entries = list(self._entries())
        self._waiting.clear()
        self._sent.clear()
        text = "the publisher was closed before it was settled; it may have been taken"
        return self._refused(entries, [Refused(one.record, "UNSETTLED", text) for one in entries])

    def _entries(self) -> Iterator[_Entry]:
        return chain((entry for sent in self._sent for entry in sent.entries), self._waiting)

    def _send_next(self) -> _Sent:
        entries = list(self._batch())
        self._waiting_bytes -= sum(entry.size_bytes for entry in entries)
        self._sequence += 1
        sent = _Sent(self._sequence, entries)
        self._sent.append(sent)
        return sent

    def _batch(self) -> Iterator[_Entry]:
        options, count, size_bytes = self._options, 0, 0
        while self._waiting and count < options.batch_records:
            size_bytes += self._waiting[0].size_bytes
            if count and size_bytes > options.batch_bytes:
                return
            count += 1
            yield self._waiting.popleft()

    def _settled(self, done: Iterable[_Sent]) -> Settled:
        confirmed: list[_Entry] = []
        refused: list[_Entry] = []
        told: list[Refused] = []
        for sent in done:
            by_index = {refusal.record_index: refusal for refusal in sent.refusals}
            for index, entry in enumerate(sent.entries):
                if refusal := by_index.get(index):
                    refused.append(entry)
                    told.append(_told(entry.record, refusal))
                else:
                    confirmed.append(entry)
        self.counts.confirmed += len(confirmed)
        self._held_bytes -= sum(entry.size_bytes for entry in confirmed)
        settled = self._refused(refused, told)
        return Settled([entry.record for entry in confirmed], settled.refused)

    def _given_up(self, given_up: Iterable[_Sent], error: GatewayError) -> Settled:
        entries = [entry for sent in given_up for entry in sent.entries]
        reason = error.reason or error.code.name
        told = [Refused(one.record, reason, error.message, error.violations) for one in entries]
        return self._refused(entries, told)

    def _refused(self, entries: Sequence[_Entry], told: Sequence[Refused]) -> Settled:
        self.counts.refused += len(entries)
        self._held_bytes -= sum(entry.size_bytes for entry in entries)
        return Settled(refused=told)


def _told(record: IngestRecord, refusal: Refusal) -> Refused:
    value = ErrorReason.DESCRIPTOR.values_by_number.get(refusal.reason)
    name = str(refusal.reason) if value is None else value.name.removeprefix("ERROR_REASON_")
    violations = tuple(map(Violation.of, refusal.violations))
    return Refused(record, name, refusal.message, violations)
