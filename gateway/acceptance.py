"""How records are accepted: routed, validated, encoded and appended to the outbox.

The way of a request between `gateway.rpc`, which knows gRPC, and `gateway.outbox`. What may be sent
is decided before what was sent is looked at, so that a caller without a route learns nothing else.
"""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from gateway.api import (
    ActionInteraction,
    Event,
    IngestBatchRequest,
    IngestRequest,
    PutActionInteractionsRequest,
    PutActionsRequest,
    PutEventsRequest,
    PutItemsRequest,
    PutUsersRequest,
)
from gateway.encoding.element import RecordMessage, encode, unwrap
from gateway.encoding.event_id import derived_event_id
from gateway.errors import GatewayError
from gateway.identity import Caller
from gateway.outbox.interface import (
    PENDING,
    OutboxUnavailable,
    OutboxWriter,
    Outcome,
    Position,
)
from gateway.records import Chunk, Kind, Lane, Record
from gateway.routing.router import Decision, Router, RoutingError
from gateway.validation.validator import Validator
from gateway.validation.violation import Violation

PutRequest = (
    PutEventsRequest
    | PutActionInteractionsRequest
    | PutItemsRequest
    | PutUsersRequest
    | PutActionsRequest
)

BatchRequest = IngestRequest | IngestBatchRequest

_HAS_EVENT_IDS = frozenset({Kind.EVENTS, Kind.ACTION_INTERACTIONS})


class InvalidRequest(GatewayError):
    """Expected error: a request, or a record of it, breaks rules; it was not stored.

    Attributes:
        violations: all of them, the first of each record first.
    """

    def __init__(self, violations: Sequence[Violation]) -> None:
        super().__init__(f"{len(violations)} rules broken")
        self.violations = violations


@dataclass(frozen=True, slots=True)
class Refused:
    """A record that was not taken.

    Attributes:
        index: which record of the request.
        error: why; an `InvalidRequest` holds the violations of this record alone.
    """

    index: int
    error: InvalidRequest | RoutingError


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request that is checked and encoded, but not yet in the outbox.

    Attributes:
        event_ids: for each record of the request its event ID; empty where it has none.
        chunks: those of the routes' own dataset groups, then those of their mirrors.
        indices: for each chunk of an own dataset group, which records of the request are in it.
        refused: the records that are not in the chunks.
    """

    event_ids: Sequence[str]
    chunks: Sequence[Chunk]
    indices: Sequence[Sequence[int]]
    refused: Sequence[Refused] = ()


@dataclass(frozen=True, slots=True)
class Admission:
    """A request that the outbox has admitted.

    Attributes:
        prepared: what was admitted.
        stored: done when it is durable; raises `OutboxUnavailable` where nothing was stored.
    """

    prepared: Prepared
    stored: asyncio.Future[tuple[Position, ...]]


@dataclass(slots=True)
class _Part:
    """The records of a request that go the same way."""

    kind: Kind
    decision: Decision
    indices: list[int] = field(default_factory=list)
    messages: list[RecordMessage] = field(default_factory=list)


class Acceptance:
    """Takes requests in."""

    def __init__(self, router: Router, validator: Validator, outbox: OutboxWriter) -> None:
        self._router = router
        self._validator = validator
        self._outbox = outbox

    def prepare_put(
        self, caller: Caller, kind: Kind, request: PutRequest, records: Sequence[RecordMessage]
    ) -> Prepared:
        """Check and encode the records of a put request: all of them or none.

        Raises:
            RoutingError: the caller may not send this there.
            InvalidRequest: at least one rule is broken.
        """
        decision = self._router.decide(caller, kind, request.dataset_group)
        violations = self._validator.violations(request)
        if violations:
            raise InvalidRequest(violations)
        part = _Part(kind, decision, list(range(len(records))), list(records))
        return _prepared(caller, len(records), [part])

    def prepare_batch(self, caller: Caller, request: BatchRequest) -> Prepared:
        """Check and encode the records of an ingest request, each for itself.

        Raises:
            InvalidRequest: the request itself, not only records of it, breaks a rule.
        """
        broken = self._violations_by_record(request)
        ways: dict[Kind, _Part | RoutingError] = {}
        refused: list[Refused] = []
        for index, record in enumerate(request.records):
            unwrapped = unwrap(record)
            way = unwrapped and self._way(caller, unwrapped[0], request.dataset_group, ways)
            if isinstance(way, RoutingError):
                refused.append(Refused(index, way))
            elif unwrapped is None or way is None or index in broken:
                refused.append(Refused(index, InvalidRequest(broken[index])))
            else:
                way.indices.append(index)
                way.messages.append(unwrapped[1])
        parts = [way for way in ways.values() if isinstance(way, _Part)]
        return replace(_prepared(caller, len(request.records), parts), refused=refused)

    def _violations_by_record(self, request: BatchRequest) -> Mapping[int, list[Violation]]:
        by_record: dict[int | None, list[Violation]] = defaultdict(list)
        for violation in self._validator.violations(request):
            by_record[violation.record_index].append(violation)
        if None in by_record:
            raise InvalidRequest(by_record[None])
        return {index: found for index, found in by_record.items() if index is not None}

    def _way(
        self, caller: Caller, kind: Kind, dataset_group: str, ways: dict[Kind, _Part | RoutingError]
    ) -> _Part | RoutingError:
        """Return where the records of a kind go; decided once for a request."""
        if kind not in ways:
            try:
                ways[kind] = _Part(kind, self._router.decide(caller, kind, dataset_group))
            except RoutingError as error:
                ways[kind] = error
        return ways[kind]

    def append(self, prepared: Prepared) -> Admission:
        """Hand a prepared request to the outbox, which fixes its place in the order at once.

        Raises:
            BudgetExhausted: nothing was stored; the same may be appended later.
        """
        if not prepared.chunks:
            return Admission(prepared, _nothing_to_store())
        return Admission(prepared, self._outbox.append(prepared.chunks))

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


def _prepared(caller: Caller, record_count: int, parts: Iterable[_Part]) -> Prepared:
    """Encode the records of all parts, once for all the dataset groups that get them."""
    event_ids = [""] * record_count
    own: list[Chunk] = []
    mirrored: list[Chunk] = []
    indices: list[Sequence[int]] = []
    for part in parts:
        if not part.messages:
            continue
        records = tuple(_encoded(caller, part))
        if part.kind in _HAS_EVENT_IDS:
            for index, record in zip(part.indices, records, strict=True):
                event_ids[index] = record.record_id
        indices.append(part.indices)
        own.append(_chunk(caller, part, part.decision.dataset_group, records))
        mirrored += [_chunk(caller, part, group, records) for group in part.decision.mirrors]
    return Prepared(event_ids, own + mirrored, indices)


def _encoded(caller: Caller, part: _Part) -> Iterator[Record]:
    for message in part.messages:
        event_id = ""
        if isinstance(message, Event | ActionInteraction):
            event_id = message.event_id
            event_id = event_id or derived_event_id(caller, part.decision.dataset_group, message)
        yield encode(part.kind, message, event_id)


def _chunk(caller: Caller, part: _Part, dataset_group: str, records: tuple[Record, ...]) -> Chunk:
    return Chunk(Lane(dataset_group, part.kind), caller, part.decision.route, records)
