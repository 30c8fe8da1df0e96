"""Which batches are under way, and what an answer of the gateway settles."""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from personalize_gateway.v1.error_reason_pb2 import ErrorReason
from personalize_gateway.v1.ingest_service_pb2 import IngestResponse, Refusal
from personalize_gateway.v1.violation_pb2 import Rule

from gateway.importing.batch import Batch
from gateway.importing.exchange import Rejected
from gateway.importing.row import Problem, Row


@dataclass(frozen=True, slots=True)
class Settled:
    """A batch of which nothing is open any more.

    Attributes:
        rows: how many rows it has.
        refused: those that were not taken, in the order of the file, each with its problems.
    """

    rows: int
    refused: Sequence[tuple[Row, Sequence[Problem]]]


class Window:
    """The batches that were taken from the file and are not settled, in their order.

    Args:
        most: how many there may be.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._open: deque[Batch] = deque()
        self._refusals: dict[tuple[int, int], Refusal] = {}

    @property
    def is_full(self) -> bool:
        """Whether no batch may be added until one is settled."""
        return len(self._open) >= self._most

    @property
    def open(self) -> Sequence[Batch]:
        """The batches: what is sent again after a stream has broken."""
        return [*self._open]

    def add(self, batch: Batch) -> list[Settled]:
        """Add a batch; return what is settled by that, having nothing to send."""
        self._open.append(batch)
        return [*self._settled(0)]

    def answered(self, response: IngestResponse) -> list[Settled]:
        """Return what an answer settles.

        Raises:
            Rejected: a record was refused for a reason that is none of its own.
        """
        for refusal in response.refusals:
            if refusal.reason != ErrorReason.ERROR_REASON_INVALID_FIELDS:
                raise Rejected(refusal.message)
            self._refusals[refusal.sequence, refusal.record_index] = refusal
        return [*self._settled(response.acknowledged_sequence)]

    def _settled(self, acknowledged: int) -> Iterable[Settled]:
        while self._open:
            batch = self._open[0]
            if batch.request is not None and batch.sequence > acknowledged:
                return
            self._open.popleft()
            yield Settled(len(batch.rows), self._refused(batch))

    def _refused(self, batch: Batch) -> list[tuple[Row, Sequence[Problem]]]:
        places = {id(row): index for index, row in enumerate(batch.sent)}
        refused: list[tuple[Row, Sequence[Problem]]] = []
        for row in batch.rows:
            if row.record is None:
                refused.append((row, row.problems))
                continue
            refusal = self._refusals.pop((batch.sequence, places[id(row)]), None)
            if refusal is not None:
                refused.append((row, problems_of(refusal)))
        return refused


def problems_of(refusal: Refusal) -> list[Problem]:
    """Return what is wrong with a record, with paths from the record and not from the request."""
    problems = [
        Problem(_from_record(violation.field), _rule(violation.rule), violation.description)
        for violation in refusal.violations
    ]
    reason = ErrorReason.Name(refusal.reason).removeprefix("ERROR_REASON_")
    return problems or [Problem("", reason, refusal.message)]


def _from_record(path: str) -> str:
    """Return `user_id` for `records[3].event.user_id`."""
    return path.split(".", 2)[2] if path.count(".") > 1 else ""


def _rule(number: Rule) -> str:
    """Return the name of a rule, which a newer gateway may have and this program not know."""
    if number not in Rule.values():
        return f"RULE_{int(number)}"
    return Rule.Name(number).removeprefix("RULE_")
