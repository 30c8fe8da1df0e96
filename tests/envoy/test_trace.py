"""One trace from the caller through Envoy and the gateway to Personalize."""

from pathlib import Path

import pytest
from personalize_gateway.v1.event_service_pb2 import PutEventsRequest
from personalize_gateway.v1.event_service_pb2_grpc import EventServiceStub

from tests.envoy.scripted import Script, scripted
from tests.envoy.sidecar import laid_out, sidecar
from tests.envoy.stand import Stand
from tests.support.messages import event

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CALLER = "00f067aa0ba902b7"
PUT_EVENTS = "personalize_gateway.v1.EventService/PutEvents"

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_trace_joins_the_caller_envoy_the_gateway_and_the_call(stand: Stand) -> None:
    """Each span is the child of the one before."""
    metadata = (*stand.authorization, ("traceparent", f"00-{TRACE}-{CALLER}-01"))
    async with stand.sidecars["plain"].channel() as channel:
        # Of its own session: the call has no other request's event, which may be traced too.
        request = PutEventsRequest(events=[event(event_id="traced", session_id="traced")])
        await EventServiceStub(channel).PutEvents(request, metadata=metadata)
    envoy = await stand.collector.span(TRACE, "ingress")
    server = await stand.collector.span(TRACE, PUT_EVENTS)
    call = await stand.collector.span(TRACE, "PersonalizeEvents/PutEvents")
    assert [span.parent_span_id for span in (envoy, server, call)] == [
        bytes.fromhex(CALLER),
        envoy.span_id,
        server.span_id,
    ]


@pytest.mark.parametrize("flag", ["00", "01"])
async def test_envoy_keeps_to_what_the_caller_has_decided(tmp_path: Path, flag: str) -> None:
    """Whether a trace is sampled is passed on as it came."""
    script = Script([])
    async with (
        scripted(script, 1) as addresses,
        sidecar("plain", laid_out(tmp_path / "envoy"), *addresses) as envoy,
        envoy.channel() as channel,
    ):
        traceparent = ("traceparent", f"00-{TRACE}-{CALLER}-{flag}")
        await EventServiceStub(channel).PutEvents(PutEventsRequest(), metadata=(traceparent,))
    ((version, trace_id, _, passed_on),) = [one.split("-") for one in script.traceparents]
    assert (version, trace_id, passed_on) == ("00", TRACE, flag)
