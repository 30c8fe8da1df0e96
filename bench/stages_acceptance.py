"""The stages in memory of an ingest process: what is done to a request between gRPC and outbox."""

import json
from collections.abc import Sequence

from gateway import embedded
from gateway.acceptance import Acceptance
from gateway.api import PutEventsRequest
from gateway.config import ANYBODY, Route
from gateway.dataset_group import ACTIVE, DatasetFacts, DatasetGroupFacts, TrackerFacts
from gateway.dataset_schema import DatasetSchema
from gateway.identity import Caller
from gateway.outbox.memory import MemoryOutbox
from gateway.personalize.emulator.resources import DatasetType
from gateway.records import Kind, Record
from gateway.routing.router import Router
from gateway.validation.validator import Validator

_GROUP = "shop"


def acceptance() -> Acceptance:
    """Return what takes events for a dataset group whose schema is known."""
    schema = DatasetSchema.parse(json.dumps(embedded.SEED.schemas[DatasetType.INTERACTIONS]))
    facts = DatasetGroupFacts(
        _GROUP,
        "arn",
        TrackerFacts("tracker", "arn", "tracking", ACTIVE),
        {Kind.EVENTS: DatasetFacts("arn", ACTIVE, schema=schema)},
        refreshed_at_s=0.0,
    )
    router = Router([Route(name="all", callers=(ANYBODY,), dataset_group=_GROUP)], [_GROUP])
    return Acceptance(router, Validator(), MemoryOutbox(), {_GROUP: facts})


def prepared(accepting: Acceptance, request: PutEventsRequest) -> Sequence[Record]:
    """Route, validate and encode a request; return its records."""
    found = accepting.prepare_put(Caller("web"), Kind.EVENTS, request, request.events)
    return found.chunks[0].records
