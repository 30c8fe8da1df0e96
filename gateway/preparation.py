"""From the valid records of a request to the chunks that the outbox takes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from gateway.api import ActionInteraction, Event
from gateway.dataset_schema import DatasetSchema
from gateway.encoding.element import RecordMessage, encode
from gateway.encoding.event_id import derived_event_id
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


@dataclass(frozen=True, slots=True)
class Prepared:
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
    """Encode the records of all parts for all the dataset groups that get them.

    Args:
        caller: who sent them.
        record_count: how many records the request has.
        parts: with one record at least each.
        targets: what is known of the dataset groups.
        refused: the records that are in none of the parts.
    """
    event_ids = [""] * record_count
    own: list[Chunk] = []
    needed: list[Chunk] = []
    shed: list[Chunk] = []
    indices: list[Sequence[int]] = []
    for part in parts:
        encoder = _Encoder(caller, part)
        for index, event_id in zip(part.indices, encoder.event_ids, strict=True):
            event_ids[index] = event_id
        own.append(encoder.chunk(part.decision.dataset_group, part.target.schema))
        indices.append(part.indices)
        for mirror in part.decision.mirrors:
            schema = targets.target(mirror.dataset_group, part.kind).schema
            copy = encoder.chunk(mirror.dataset_group, schema)
            (shed if mirror.sheds else needed).append(copy)
    return Prepared(event_ids, own + needed, indices, shed, refused)


class _Encoder:
    """Encodes the records of a part, once for each schema."""

    def __init__(self, caller: Caller, part: Part) -> None:
        self._caller = caller
        self._part = part
        self._trace_context = tracing.current().traceparent
        group = part.decision.dataset_group
        self.event_ids = [event_id_of(caller, group, message) for message in part.messages]
        # By identity, because equal schemas are the same object, and comparing them takes long.
        self._records: dict[int, tuple[Record, ...]] = {}

    def chunk(self, dataset_group: str, schema: DatasetSchema | None) -> Chunk:
        if id(schema) not in self._records:
            self._records[id(schema)] = tuple(
                encode(self._part.kind, message, event_id, schema)
                for message, event_id in zip(self._part.messages, self.event_ids, strict=True)
            )
        lane = Lane(dataset_group, self._part.kind)
        route, records = self._part.decision.route, self._records[id(schema)]
        return Chunk(lane, self._caller, route, records, self._trace_context)


def event_id_of(caller: Caller, dataset_group: str, message: RecordMessage) -> str:
    """Return the ID by which a record goes as an event; empty for one that is none.

    It does not hang on any schema: a retry after a schema has changed is the same event.
    """
    if not isinstance(message, Event | ActionInteraction):
        return ""
    return message.event_id or derived_event_id(caller, dataset_group, message)
