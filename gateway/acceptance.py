"""How records are accepted: routed, validated, encoded and appended to the outbox.

The way of a request between `gateway.rpc`, which knows gRPC, and `gateway.outbox`. What may be sent
is decided before what was sent is looked at, so that a caller without a route learns nothing else.
"""

import asyncio
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple, cast

from gateway.api import (
    Event,
    IngestBatchRequest,
    IngestRecord,
    Rule,
)
from gateway.clock import Clock, SystemClock
from gateway.dataset_group import DatasetGroupFacts
from gateway.encoding.element import RecordMessage, encode, unwrap
from gateway.encoding.event_id import EventIds
from gateway.identity import Caller
from gateway.judgement import BatchRequest, Judgement, PutRequest
from gateway.outbox.interface import (
    PENDING,
    OutboxUnavailable,
    OutboxWriter,
    Outcome,
    Position,
)
from gateway.preparation import InvalidRequest, Prepared, Refused, prepare
from gateway.records import Kind, Lane, Record
from gateway.routing.router import Decision, Router, RoutingError
from gateway.targets import Targets
from gateway.telemetry import tracing
from gateway.validation.census import Census
from gateway.validation.strictness import Strictness
from gateway.validation.validator import Validator
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


class Admission(NamedTuple):
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
        self._judgement = Judgement(validator, self._strictness)
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
        self._judgement.take_all(request, records, part, ways)
        return self._prepared(caller, len(records), ways)

    def prepare_batch(self, caller: Caller, request: BatchRequest) -> Prepared:
        """Check and encode the records of an ingest request, each for itself.

        Raises:
            InvalidRequest: the request itself, not only records of it, breaks a rule.
        """
        ways = self._ways(caller, request.dataset_group)
        refused = self._judgement.take_good(request, ways)
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
        refusing = self._judgement.refusing(violations, self._decision(lane, caller))
        if refusing:
            raise InvalidRequest(refusing)
        unwrapped = unwrap(record)
        assert unwrapped is not None, "that it has a kind is a rule that refuses"
        kind, message = unwrapped
        event_id = EventIds(caller, lane.dataset_group).of(message)
        return encode(kind, message, event_id, target.schema)

    def _ways(self, caller: Caller, dataset_group: str) -> Ways:
        return Ways(caller, dataset_group, self._router, self._targets, self._strictness)

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

    async def outcomes(self, admission: Admission) -> list[Outcome | None]:
        """Wait until the outcome of every record is final, without limit; cancel to give up.

        Returns:
            For each record of the request what became of it, in its own dataset group; None for
            what was refused.

        Raises:
            OutboxUnavailable: delivery could not say.
        """
        positions = (await admission.stored)[: len(admission.prepared.indices)]
        return _by_record(admission.prepared, await self._outbox.outcomes(positions))

    async def outcomes_so_far(self, admission: Admission) -> list[Outcome | None]:
        """Return what is known by now; never an error, for the records are stored."""
        prepared = admission.prepared
        positions = (await admission.stored)[: len(prepared.indices)]
        try:
            known = await self._outbox.outcomes_so_far(positions)
        except OutboxUnavailable:
            known = [(PENDING,) * len(indices) for indices in prepared.indices]
        return _by_record(prepared, known)


def _by_record(prepared: Prepared, by_chunk: Sequence[Sequence[Outcome]]) -> list[Outcome | None]:
    found: list[Outcome | None] = [None] * len(prepared.event_ids)
    for indices, outcomes in zip(prepared.indices, by_chunk, strict=True):
        for index, outcome in zip(indices, outcomes, strict=True):
            found[index] = outcome
    return found


def _nothing_to_store() -> asyncio.Future[tuple[Position, ...]]:
    done = asyncio.get_running_loop().create_future()
    done.set_result(())
    return done
