"""From the valid records of a request to the chunks that the outbox takes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from gateway.dataset_schema import DatasetSchema
from gateway.encoding.element import encode
from gateway.errors import GatewayError
from gateway.identity import Caller
from gateway.records import Chunk, Lane, Record
from gateway.routing.errors import RoutingError
from gateway.targets import Targets
from gateway.telemetry import tracing
from gateway.validation.violation import Violation
from gateway.ways import Part


class InvalidRequest(GatewayError):
    """Expected error: a request, or a record of it, breaks rules; it was not stored.

    Attributes:
        violations: all of them, the first of each record first.
        route: by which it came; empty where that was not found out.
    """

    def __init__(self, violations: Sequence[Violation], route: str = "") -> None:
        super().__init__(f"{len(violations)} rules broken")
        self.violations = violations
        self.route = route


@dataclass(frozen=True, slots=True)
class Refused:
    """A record that was not taken.

    Attributes:
        index: which record of the request.
        error: why; an `InvalidRequest` holds the violations of this record alone.
    """

    index: int
    error: InvalidRequest | RoutingError


class Prepared(NamedTuple):
    """A request that is checked and encoded, but not yet in the outbox.

    Attributes:
        event_ids: for each record of the request its event ID; empty where it has none.
        chunks: those of the routes' own dataset groups, then the copies without which the request
            is not to be stored.
        indices: for each chunk of an own dataset group, which records of the request are in it.
        mirrors: the copies that are left out where their dataset group's budget is used up.
        refused: the records that are in no chunk.
    """

    event_ids: Sequence[str]
    chunks: Sequence[Chunk]
    indices: Sequence[Sequence[int]]
    mirrors: Sequence[Chunk] = ()
    refused: Sequence[Refused] = ()

    @property
    def own(self) -> Sequence[Chunk]:
        """The chunks of the routes' own dataset groups."""
        return self.chunks[: len(self.indices)]


def prepare(
    caller: Caller,
    record_count: int,
    parts: Iterable[Part],
    targets: Targets,
    refused: Sequence[Refused] = (),
) -> Prepared:
    """Make the chunks of all the dataset groups that get the records of the parts.

    Args:
        caller: who sent them.
        record_count: how many records the request has.
        parts: with one record at least each, all encoded for their own dataset groups.
        targets: what is known of the dataset groups.
        refused: the records that are in none of the parts.
    """
    event_ids = [""] * record_count
    trace_context = tracing.current().traceparent
    own: list[Chunk] = []
    needed: list[Chunk] = []
    shed: list[Chunk] = []
    indices: list[Sequence[int]] = []
    for part in parts:
        decision, records = part.decision, tuple(filter(None, part.records))
        lane = Lane(decision.dataset_group, part.kind)
        own.append(Chunk(lane, caller, decision.route, records, trace_context))
        indices.append(part.indices)
        if not part.kind.replaces:
            for index, record in zip(part.indices, records, strict=True):
                event_ids[index] = record.record_id
        for mirror in decision.mirrors:
            schema = targets.target(mirror.dataset_group, part.kind).schema
            copies = _encoded_for(schema, part, records)
            lane = Lane(mirror.dataset_group, part.kind)
            copy = Chunk(lane, caller, decision.route, copies, trace_context)
            (shed if mirror.sheds else needed).append(copy)
    return Prepared(event_ids, own + needed, indices, shed, refused)


def _encoded_for(
    schema: DatasetSchema | None, part: Part, records: tuple[Record, ...]
) -> tuple[Record, ...]:
    """Return the records of a part as they are with another schema than their own."""
    # By identity, because equal schemas are the same object, and comparing them takes long.
    if schema is part.target.schema:
        return records
    return tuple(
        encode(part.kind, message, record.record_id, schema)
        for message, record in zip(part.messages, records, strict=True)
    )
