"""Nothing that tells of a person leaves by a log, a span, a metric or an error.

Values with a mark in them are sent through every path, and the mark is looked for in all of them.
"""

import io
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

import grpc
import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opentelemetry.sdk.trace import TracerProvider  # noqa: TID251 - what a test reads spans with
from opentelemetry.sdk.trace.export import SimpleSpanProcessor  # noqa: TID251 - likewise
from opentelemetry.sdk.trace.export.in_memory_span_exporter import (  # noqa: TID251 - likewise
    InMemorySpanExporter,
)
from personalize_gateway.v1.acknowledgement_pb2 import ACK_LEVEL_DELIVERED
from personalize_gateway.v1.catalog_service_pb2 import PutItemsRequest, PutUsersRequest
from personalize_gateway.v1.catalog_service_pb2_grpc import CatalogServiceStub
from personalize_gateway.v1.event_service_pb2 import PutEventsRequest
from personalize_gateway.v1.event_service_pb2_grpc import EventServiceStub
from personalize_gateway.v1.ingest_service_pb2 import IngestBatchRequest, IngestRecord
from personalize_gateway.v1.ingest_service_pb2_grpc import IngestServiceStub
from personalize_gateway.v1.user_pb2 import User

from gateway import embedded
from gateway.acceptance import Acceptance
from gateway.config import Config
from gateway.personalize.call import Call
from gateway.personalize.data_plane import HttpDataPlane
from gateway.personalize.emulator import Answer, Emulator, Fault
from gateway.telemetry import logs, metrics, tracing
from gateway.telemetry.snapshot import snapshot
from tests.support.messages import event, item
from tests.support.running import Running

MARK = "Zq7x"


class Fate(Enum):
    """What is made to become of a request."""

    TAKEN = auto()
    REFUSED_BY_PERSONALIZE = auto()
    TRIED_AGAIN = auto()
    FAILED_IN_ACCEPTANCE = auto()
    FAILED_IN_DELIVERY = auto()


def marked(value: str) -> str:
    """Return a value that can be found again."""
    return f"{MARK}{value}{MARK}"


# What is taken, and what is refused: too long, with a control character.
VALUES = st.sampled_from([marked("1"), marked("x" * 300), marked("\x01"), f"{MARK}\ud7ff", MARK])
PROPERTIES: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.just({}),
    st.dictionaries(
        st.sampled_from(["discount", "quantity", "price", "userId", "unheard_of"]),
        st.one_of(VALUES, st.lists(VALUES, max_size=2), st.just(None), st.floats(0, 2**60)),
        max_size=2,
    ),
)


@st.composite
def _records(draw: st.DrawFn) -> IngestRecord:
    properties = draw(PROPERTIES)
    match draw(st.sampled_from(["event", "item", "user"])):
        case "event":
            members = {
                name: draw(VALUES)
                for name in ("session_id", "user_id", "item_id", "event_id", "recommendation_id")
            }
            found = IngestRecord(event=event(**members, impression=[draw(VALUES)]))
            found.event.properties.update(properties)
        case "item":
            found = IngestRecord(item=item(draw(VALUES), description=draw(VALUES), **properties))
        case _:
            found = IngestRecord(user=User(user_id=draw(VALUES)))
            found.user.properties.update(properties)
    return found


@dataclass
class Outside:
    """What can be seen of a gateway from outside."""

    log: io.StringIO
    spans: InMemorySpanExporter

    def texts(self) -> Iterator[str]:
        yield self.log.getvalue()
        yield from (span.to_json() for span in self.spans.get_finished_spans())
        yield str(snapshot(metrics.declared()))


@pytest.fixture
def config(emulator: Emulator) -> Config:
    """A gateway that does not wait long, when it stops, for what Personalize refuses."""
    return embedded.configuration(emulator, "127.0.0.1:0")


@pytest.fixture
def outside() -> Iterator[Outside]:
    """Log and trace everything."""
    root = logging.getLogger()
    handlers = root.handlers[:]
    found = Outside(io.StringIO(), InMemorySpanExporter())
    logs.configure(found.log)
    structlog.configure(cache_logger_on_first_use=False)  # other tests use the same loggers
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(found.spans))
    tracing.install(provider)
    yield found
    tracing.install(None)
    provider.shutdown()
    structlog.reset_defaults()
    root.handlers[:] = handlers


@pytest.fixture
def fates(monkeypatch: pytest.MonkeyPatch, running: Running) -> list[Fate]:
    """Let what is in the list become of the next request."""
    chosen: list[Fate] = []
    prepare, put = Acceptance.prepare_batch, HttpDataPlane.put

    def prepared(self: Acceptance, caller: str, request: Any) -> Any:
        if Fate.FAILED_IN_ACCEPTANCE in chosen:
            raise RuntimeError(str(request))
        return prepare(self, caller, request)

    async def sent(self: HttpDataPlane, call: Call) -> None:
        if Fate.FAILED_IN_DELIVERY in chosen:
            chosen.clear()
            raise RuntimeError(call.body.decode())
        if Fate.REFUSED_BY_PERSONALIZE in chosen:
            running.emulator.faults.add(Fault(answer=Answer.REFUSE, next=1))
        if Fate.TRIED_AGAIN in chosen:
            running.emulator.faults.add(Fault(answer=Answer.INTERNAL, next=1))
        chosen.clear()
        await put(self, call)

    monkeypatch.setattr(Acceptance, "prepare_batch", prepared)
    monkeypatch.setattr(HttpDataPlane, "put", sent)
    return chosen


@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(records=st.lists(_records(), min_size=1, max_size=3), fate=st.sampled_from(Fate))
async def test_no_path_tells_of_a_person(
    running: Running, outside: Outside, fates: list[Fate], records: list[IngestRecord], fate: Fate
) -> None:
    """Accepted, refused, dead-lettered, tried again, or failed in a way that nobody foresaw."""
    fates[:] = [fate]
    errors = [await _sent(running.channel, request) for request in _requests(records)]
    for text in (*errors, *outside.texts()):
        assert MARK not in text


async def test_the_search_would_find_what_it_looks_for(
    running: Running, outside: Outside, fates: list[Fate]
) -> None:
    """Each path was gone: it left its trace outside, without the mark."""
    for fate in Fate:
        fates[:] = [fate]
        record = IngestRecord(event=event(event_id=marked(fate.name)))
        request = IngestBatchRequest(records=[record], ack_level=ACK_LEVEL_DELIVERED)
        await _sent(running.channel, request, timeout_s=60)
    log = outside.log.getvalue()
    assert "an RPC failed in a way that nobody foresaw" in log
    assert "a call failed in a way that nobody foresaw" in log
    assert "records became dead letters" in log
    assert '"trace_id"' in log
    assert outside.spans.get_finished_spans()
    assert MARK not in log


def _requests(records: list[IngestRecord]) -> Iterator[Any]:
    """Yield the records as a batch, and as the puts of their kinds."""
    yield IngestBatchRequest(records=records, ack_level=ACK_LEVEL_DELIVERED)
    if events := [record.event for record in records if record.HasField("event")]:
        yield PutEventsRequest(events=events, ack_level=ACK_LEVEL_DELIVERED)
    if items := [record.item for record in records if record.HasField("item")]:
        yield PutItemsRequest(items=items)
    if users := [record.user for record in records if record.HasField("user")]:
        yield PutUsersRequest(users=users)


async def _sent(channel: grpc.aio.Channel, request: Any, timeout_s: float = 3) -> str:
    """Send a request with a token; return all that is told of an error, or of the refusals."""
    rpcs: dict[type, Any] = {
        IngestBatchRequest: IngestServiceStub(channel).IngestBatch,
        PutEventsRequest: EventServiceStub(channel).PutEvents,
        PutItemsRequest: CatalogServiceStub(channel).PutItems,
        PutUsersRequest: CatalogServiceStub(channel).PutUsers,
    }
    metadata = (("authorization", f"Bearer {marked('token')}"),)
    try:
        response = await rpcs[type(request)](request, metadata=metadata, timeout=timeout_s)
    except grpc.aio.AioRpcError as error:
        told = error.trailing_metadata()
        binary = b"".join(v for _, v in told or () if isinstance(v, bytes))
        return f"{error.details()} {binary.decode('latin-1')} {told}"
    return str(getattr(response, "refusals", ""))
