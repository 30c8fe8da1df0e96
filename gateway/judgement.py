"""What of a request is taken: ordinary records by the fast pass, the others by all rules.

The fast pass says yes to most; what it doubts is judged together, so that a request with a few
unusual records costs little more than one without.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from operator import attrgetter

from gateway.api import (
    IngestBatchRequest,
    IngestRequest,
    PutActionInteractionsRequest,
    PutActionsRequest,
    PutEventsRequest,
    PutItemsRequest,
    PutUsersRequest,
)
from gateway.encoding.element import KINDS, RecordMessage
from gateway.preparation import InvalidRequest, Refused
from gateway.routing.router import Decision, RoutingError
from gateway.telemetry import tracing
from gateway.validation.strictness import Strictness
from gateway.validation.validator import Validator
from gateway.validation.violation import Violation
from gateway.ways import Part, Ways

PutRequest = (
    PutEventsRequest
    | PutActionInteractionsRequest
    | PutItemsRequest
    | PutUsersRequest
    | PutActionsRequest
)

BatchRequest = IngestRequest | IngestBatchRequest

_NO_ROUTE = Decision("", "")
"""Of what breaks rules before it is known where it goes."""


class Judgement:
    """Adds the records of requests to their parts, encoded.

    Args:
        validator: finds what is wrong.
        strictness: says whether they are refused for it.
    """

    def __init__(self, validator: Validator, strictness: Strictness) -> None:
        self._validator = validator
        self._strictness = strictness

    def take_all(
        self, request: PutRequest, records: Sequence[RecordMessage], part: Part, ways: Ways
    ) -> None:
        """Take all records of a put request, which go the same way.

        Raises:
            InvalidRequest: at least one rule is broken that refuses.
        """
        with tracing.stage("validation"):
            violations: Sequence[Violation] = self._of_the_whole(request, ways)
            if not violations:
                part.indices, part.messages = [*range(len(records))], [*records]
                violations = self._judge(request, ways)
            refusing = self.refusing(violations, part.decision)
            if refusing:
                raise InvalidRequest(refusing, part.decision.route)
            broken = {violation.record_index for violation in violations}
            for position in part.doubtful:
                part.encode_judged(position, is_good=position not in broken)

    def take_good(self, request: BatchRequest, ways: Ways) -> list[Refused]:
        """Take the good records of an ingest request; return the others, in their order.

        Raises:
            InvalidRequest: the request itself, not only records of it, breaks a rule.
        """
        whole = [one for one in self._of_the_whole(request, ways) if one.record_index is None]
        if whole:
            raise InvalidRequest(self.refusing(whole, _NO_ROUTE))
        with tracing.stage("routing"):
            refused, kindless = _distribute(request, ways)
        with tracing.stage("validation"):
            by_record: dict[int | None, list[Violation]] = defaultdict(list)
            for violation in self._judge(request, ways, kindless):
                by_record[violation.record_index].append(violation)
            for index in kindless:
                refusing = self.refusing(by_record[index], _NO_ROUTE)
                refused.append(Refused(index, InvalidRequest(refusing)))
            for part in ways.parts():
                refused += self._settle(part, by_record)
        return sorted(refused, key=attrgetter("index"))

    def refusing(self, violations: Sequence[Violation], decision: Decision) -> list[Violation]:
        """Return the violations for which records are refused; count all of them."""
        return self._strictness.refusing(violations, decision) if violations else []

    def _of_the_whole(self, request: PutRequest | BatchRequest, ways: Ways) -> list[Violation]:
        """Return all violations of a request, if any is not of its records alone."""
        # Before anything is done for each record: there may be millions of empty ones.
        if self._validator.is_surely_good(request):
            return []
        violations = self._validator.violations(request, ways)
        return violations if any(one.record_index is None for one in violations) else []

    def _judge(
        self, request: PutRequest | BatchRequest, ways: Ways, kindless: Sequence[int] = ()
    ) -> Sequence[Violation]:
        """Encode the records with which surely nothing is wrong; return what is with the others.

        Args:
            request: good, but perhaps for its records.
            ways: where its records go.
            kindless: those that have no kind, and so no way.
        """
        doubtful = [*kindless]
        for part in ways.parts():
            part.encode_surely_good()
            doubtful += map(part.indices.__getitem__, part.doubtful)
        if not doubtful:
            return ()
        return self._validator.violations_among(request, sorted(doubtful), ways)

    def _settle(
        self, part: Part, violations: Mapping[int | None, Sequence[Violation]]
    ) -> Iterator[Refused]:
        """Encode those of the judged records that are taken; yield the others."""
        for position in part.doubtful:
            index = part.indices[position]
            found = violations.get(index, ())
            refusing = self.refusing(found, part.decision)
            if refusing:
                yield Refused(index, InvalidRequest(refusing, part.decision.route))
            else:
                part.encode_judged(position, is_good=not found)
        if part.doubtful:
            part.leave_out_unencoded()


def _distribute(request: BatchRequest, ways: Ways) -> tuple[list[Refused], list[int]]:
    """Add the records to their parts; return those that no route takes, and those of no kind."""
    refused: list[Refused] = []
    kindless: list[int] = []
    records = [*request.records]
    members = [record.WhichOneof("kind") for record in records]
    for member in dict.fromkeys(members):
        indices = [index for index, other in enumerate(members) if other == member]
        if member is None:
            kindless = indices
            continue
        way = ways.find(KINDS[member])
        if isinstance(way, RoutingError):
            refused += (Refused(index, way) for index in indices)
        else:
            way.indices = indices
            way.messages = [getattr(records[index], member) for index in indices]
    return refused, kindless
