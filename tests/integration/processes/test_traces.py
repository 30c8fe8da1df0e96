"""Traces of a gateway of several processes, as a collector gets them."""

from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest
import yaml
from aiohttp import web
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status
from personalize_gateway.v1.event_service_pb2 import PutEventsRequest
from personalize_gateway.v1.event_service_pb2_grpc import EventServiceStub

from gateway import embedded
from gateway.personalize.emulator import Answer, Emulator, Fault
from gateway.personalize.emulator.server import AwsServer
from gateway.telemetry import metrics
from tests.support.messages import event
from tests.support.otlp import Received, receiving
from tests.support.served import Served, arrived, serving, until

PUT = "personalize_gateway.v1.EventService/PutEvents"
CALL = "PersonalizeEvents/PutEvents"
CALLER = "b7ad6b7169203331"
ONE, TWO = "0af7651916cd43dd8448eb211c80319c", "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.fixture
async def collector(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Received]:
    """Have gateways export to a collector whatever their callers have sampled."""
    async with receiving() as received:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://{received.address}")
        monkeypatch.setenv("OTEL_TRACES_SAMPLER", "parentbased_always_off")
        monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "50")
        monkeypatch.setenv("OTEL_METRIC_EXPORT_INTERVAL", "100")
        yield received


async def _put(served: Served, event_id: str, trace_id: str) -> None:
    """Send an event of one session, as part of a trace."""
    metadata = (("traceparent", f"00-{trace_id}-{CALLER}-01"),)
    async with grpc.aio.insecure_channel(served.address) as channel:
        await EventServiceStub(channel).PutEvents(
            PutEventsRequest(events=[event(event_id=event_id)]),
            metadata=metadata,
            wait_for_ready=True,
            timeout=60,
        )


def _named(received: Received, name: str) -> list[tuple[str, Span]]:
    return [one for one in received.spans if one[1].name == name]


async def test_one_trace_joins_the_caller_the_request_and_the_call(
    config_file: Path, collector: Received
) -> None:
    """Over two processes, with the stages of the request."""
    async with serving(config_file) as served:
        await served.put("untraced", delivered=True)
        await _put(served, "e1", ONE)
        await collector.until(lambda: bool(_named(collector, CALL)))
        await collector.until(lambda: bool(_named(collector, PUT)))
    process, server = _named(collector, PUT)[0]
    assert process in ("ingest-0", "ingest-1")
    assert (server.trace_id.hex(), server.parent_span_id.hex()) == (ONE, CALLER)
    others = [(process, span.name) for process, span in collector.of_trace(ONE) if span != server]
    stages = [(process, name) for name in ("routing", "validation", "outbox commit")]
    assert others == [*stages, ("delivery", CALL)]
    parents = {span.parent_span_id for _, span in collector.of_trace(ONE) if span != server}
    assert parents == {server.span_id}
    assert len(collector.spans) == 5


async def test_a_call_is_linked_to_what_was_accepted_before_a_restart(
    config_file: Path, emulator: Emulator, collector: Received
) -> None:
    """Of two requests whose events go together, when Personalize is back."""
    emulator.faults.add(Fault(operation="PutEvents", answer=Answer.UNAVAILABLE))
    async with serving(config_file) as served:
        await _put(served, "e1", ONE)
        await _put(served, "e2", TWO)
        await collector.until(lambda: len(_named(collector, PUT)) == 2)
        await collector.until(lambda: bool(_named(collector, CALL)))
        served.process.terminate()
        assert await served.process.wait() == 0
    failed = [span for _, span in _named(collector, CALL)]
    before = {span.trace_id.hex(): span.span_id for _, span in _named(collector, PUT)}
    collector.spans.clear()
    emulator.faults.clear()
    async with serving(config_file):
        await until(lambda: arrived(emulator) == {"e1", "e2"})
        await collector.until(
            lambda: sum(len(call.links) for _, call in _named(collector, CALL)) >= 2
        )
    linked = {
        link.trace_id.hex(): link.span_id
        for _, call in _named(collector, CALL)
        for link in call.links
    }
    assert linked == before
    ended = {(span.status.code, *(one.name for one in span.events)) for span in failed}
    assert ended == {(Status.STATUS_CODE_ERROR, "retry")}


async def test_the_trace_is_not_sent_on_to_aws(
    config_file: Path, collector: Received, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would tell AWS of others, and be signed."""
    headers: set[str] = set()
    handle = AwsServer.handle

    async def noting(self: AwsServer, request: web.Request) -> web.StreamResponse:
        headers.update(name.lower() for name in request.headers)
        return await handle(self, request)

    monkeypatch.setattr(AwsServer, "handle", noting)
    async with Emulator() as emulator, serving(_towards(emulator, config_file)) as served:
        await _put(served, "e1", ONE)
        await collector.until(lambda: bool(_named(collector, CALL)))
    assert headers.isdisjoint({"traceparent", "tracestate", "baggage", "x-amzn-trace-id"})
    assert "authorization" in headers


def _towards(emulator: Emulator, config_file: Path) -> Path:
    """Return a configuration for another emulator."""
    config = yaml.safe_load(config_file.read_text())
    group = embedded.configuration(emulator).dataset_groups["demo"]
    known = {key: getattr(group, key) for key in ("arn", "tracking_id", "endpoint_url")}
    config["dataset_groups"]["demo"] = known
    config_file.write_text(yaml.safe_dump(config))
    return config_file


async def test_metrics_are_exported_too(config_file: Path, collector: Received) -> None:
    """All that are declared, by the supervisor."""
    async with serving(config_file) as served:
        await served.put("e1", delivered=True)
        await collector.until(lambda: metrics.RECORDS_SETTLED.name in collector.metrics)
    assert collector.metrics == {one.name for one in metrics.declared()}
