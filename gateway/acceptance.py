"""How records are accepted: routed, validated, encoded and appended to the outbox.

The way of a request between `gateway.rpc`, which knows gRPC, and `gateway.outbox`. What may be sent
is decided before what was sent is looked at, so that a caller without a route learns nothing else.
"""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import cast

from gateway.api import (
    Event,
    IngestBatchRequest,
    IngestRecord,
    IngestRequest,
    PutActionInteractionsRequest,
    PutActionsRequest,
    PutEventsRequest,
    PutItemsRequest,
    PutUsersRequest,
    Rule,
)
from gateway.clock import Clock, SystemClock
from gateway.dataset_group import DatasetGroupFacts
from gateway.encoding.element import RecordMessage, encode, unwrap
from gateway.identity import Caller
from gateway.outbox.interface import (
    PENDING,
    OutboxUnavailable,
    OutboxWriter,
    Outcome,
    Position,
)
from gateway.preparation import InvalidRequest, Prepared, Refused, event_id_of, prepare
from gateway.records import Kind, Lane, Record
from gateway.routing.router import Decision, Router, RoutingError
from gateway.targets import Targets
from gateway.telemetry import tracing
from gateway.validation.census import Census
from gateway.validation.strictness import Strictness
from gateway.validation.validator import Validator
from gateway.validation.violation import Violation
from gateway.ways import Part, Ways

__all__ = [
    "Acceptance",
    "Admission",
    "BatchRequest",
    "InvalidRequest",
    "Prepared",
    "PutRequest",
    "Refused",
]

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


@dataclass(frozen=True, slots=True)
class Admission:
    """A request that the outbox has admitted.

    Attributes:
        prepared: what was admitted.
        stored: done when it is durable; raises `OutboxUnavailable` where nothing was stored.
    """

    prepared: Prepared
    stored: asyncio.Future[tuple[Position, ...]]


class Acceptance:
    """Takes requests in.

    Args:
        router: says who may send what where.
        validator: judges what was sent.
        outbox: where it goes.
        facts: what is known of dataset groups, by their short names.
        clock: says when what only counts is logged again.
    """

    def __init__(
        self,
        router: Router,
        validator: Validator,
        outbox: OutboxWriter,
        facts: Mapping[str, DatasetGroupFacts] = MappingProxyType({}),
        clock: Clock | None = None,
    ) -> None:
        self._validator = validator
        self._outbox = outbox
        self._strictness = Strictness(clock or SystemClock())
        self._census = Census(self._strictness)
        self._router = router
        self._targets = Targets(facts)

    def reconfigure(self, router: Router, facts: Mapping[str, DatasetGroupFacts]) -> None:
        """Go by other routes and facts, from the next request that is prepared."""
        self._router = router
        self._targets = Targets(facts)

    def prepare_put(
        self, caller: Caller, kind: Kind, request: PutRequest, records: Sequence[RecordMessage]
    ) -> Prepared:
        """Check and encode the records of a put request: all of them or none.

        Raises:
            RoutingError: the caller may not send this there, or nothing there takes it.
            InvalidRequest: at least one rule is broken that refuses.
        """
        with tracing.stage("routing"):
            ways = self._ways(caller, request.dataset_group)
            part = ways.find(kind)
        if isinstance(part, RoutingError):
            raise part
        with tracing.stage("validation"):
            refusing = self._refusing(self._validator.violations(request, ways), part.decision)
        if refusing:
            raise InvalidRequest(refusing, part.decision.route)
        part.indices += range(len(records))
        part.messages += records
        return self._prepared(caller, len(records), ways)

    def prepare_batch(self, caller: Caller, request: BatchRequest) -> Prepared:
        """Check and encode the records of an ingest request, each for itself.

        Raises:
            InvalidRequest: the request itself, not only records of it, breaks a rule.
        """
        ways = self._ways(caller, request.dataset_group)
        with tracing.stage("validation"):
            violations = self._violations_by_record(request, ways)
        refused: list[Refused] = []
        with tracing.stage("routing"):
            for index, record in enumerate(request.records):
                error = self._take(index, record, ways, violations.get(index, ()))
                if error is not None:
                    refused.append(Refused(index, error))
        return self._prepared(caller, len(request.records), ways, refused)

    def renew(self, lane: Lane, caller: Caller, record: IngestRecord) -> Record:
        """Check and encode a record that was accepted once, for the lane in which it was.

        It is not routed anew. What a route says of rules counts if it leads its caller there still.

        Raises:
            InvalidRequest: at least one rule is broken that refuses; paths begin at `records[0]`.
        """
        target = self._targets.target(*lane)
        expected = {} if target.expected is None else {lane.kind: target.expected}
        violations = self._validator.violations(IngestBatchRequest(records=[record]), expected)
        refusing = self._refusing(violations, self._decision(lane, caller))
        if refusing:
            raise InvalidRequest(refusing)
        unwrapped = unwrap(record)
        assert unwrapped is not None, "that it has a kind is a rule that refuses"
        kind, message = unwrapped
        return encode(
            kind, message, event_id_of(caller, lane.dataset_group, message), target.schema
        )

    def _ways(self, caller: Caller, dataset_group: str) -> Ways:
        return Ways(caller, dataset_group, self._router, self._targets, self._strictness)

    def _violations_by_record(
        self, request: BatchRequest, ways: Ways
    ) -> Mapping[int | None, Sequence[Violation]]:
        by_record: dict[int | None, list[Violation]] = defaultdict(list)
        for violation in self._validator.violations(request, ways):
            by_record[violation.record_index].append(violation)
        refusing = self._refusing(by_record.get(None, ()), _NO_ROUTE)
        if refusing:
            raise InvalidRequest(refusing)
        return by_record

    def _take(
        self, index: int, record: IngestRecord, ways: Ways, violations: Sequence[Violation]
    ) -> InvalidRequest | RoutingError | None:
        """Add a record to its part; return why not, if it is refused."""
        unwrapped = unwrap(record)
        if unwrapped is None:
            return InvalidRequest(self._refusing(violations, _NO_ROUTE))
        kind, message = unwrapped
        part = ways.find(kind)
        if isinstance(part, RoutingError):
            return part
        refusing = self._refusing(violations, part.decision)
        if refusing:
            return InvalidRequest(refusing, part.decision.route)
        part.add(index, message)
        return None

    def _refusing(self, violations: Sequence[Violation], decision: Decision) -> list[Violation]:
        return self._strictness.refusing(violations, decision) if violations else []

    def _decision(self, lane: Lane, caller: Caller) -> Decision:
        try:
            return self._router.decide(caller, lane.kind, lane.dataset_group)
        except RoutingError:
            return Decision("", lane.dataset_group)

    def _prepared(
        self, caller: Caller, record_count: int, ways: Ways, refused: Sequence[Refused] = ()
    ) -> Prepared:
        parts = ways.parts()
        for part in parts:
            if part.kind is Kind.EVENTS:
                self._look_at_events(part)
        return prepare(caller, record_count, parts, self._targets, refused)

    def _look_at_events(self, part: Part) -> None:
        """Count what Personalize may drop without a word."""
        expected = part.target.expected
        metadata_count = 0 if expected is None else expected.metadata_count
        self._census.take(cast("list[Event]", part.messages), part.decision, metadata_count)
        if not part.target.is_active:
            count = len(part.messages)
            self._strictness.count(Rule.RULE_TRACKER_NOT_ACTIVE, part.decision, count)

    def append(self, prepared: Prepared) -> Admission:
        """Hand a prepared request to the outbox, which fixes its place in the order at once.

        Raises:
            BudgetExhausted: nothing was stored; the same may be appended later.
        """
        if not prepared.chunks:
            return Admission(prepared, _nothing_to_store())
        return Admission(prepared, self._outbox.append(prepared.chunks, prepared.mirrors))

    async def outcomes(self, admission: Admission, timeout_s: float) -> list[Outcome | None]:
        """Wait until the outcome of every record is final, but no longer than the time-out.

        Returns:
            For each record of the request what became of it by then, in its own dataset group;
            None for what was refused.
        """
        positions = (await admission.stored)[: len(admission.prepared.indices)]
        by_chunk = await self._known(positions, admission, timeout_s)
        found: list[Outcome | None] = [None] * len(admission.prepared.event_ids)
        for indices, outcomes in zip(admission.prepared.indices, by_chunk, strict=True):
            for index, outcome in zip(indices, outcomes, strict=True):
                found[index] = outcome
        return found

    async def _known(
        self, positions: Sequence[Position], admission: Admission, timeout_s: float
    ) -> Sequence[Sequence[Outcome]]:
        """Return what is known by the time-out; never an error, for the records are stored."""
        with contextlib.suppress(TimeoutError, OutboxUnavailable):
            async with asyncio.timeout(timeout_s):
                return await self._outbox.outcomes(positions)
        with contextlib.suppress(OutboxUnavailable):
            return await self._outbox.outcomes_so_far(positions)
        return [[PENDING] * len(indices) for indices in admission.prepared.indices]


def _nothing_to_store() -> asyncio.Future[tuple[Position, ...]]:
    done = asyncio.get_running_loop().create_future()
    done.set_result(())
    return done
