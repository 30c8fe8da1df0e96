"""Records of any kind, one by one: on a stream, and in one request."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable

import grpc
import pytest
from personalize_gateway.v1.acknowledgement_pb2 import (
    ACK_LEVEL_DELIVERED,
    OUTCOME_STATE_DELIVERED,
    OUTCOME_STATE_UNSPECIFIED,
)
from personalize_gateway.v1.error_reason_pb2 import (
    ERROR_REASON_INVALID_FIELDS,
    ERROR_REASON_ROUTE_MISSING,
)
from personalize_gateway.v1.ingest_service_pb2 import (
    IngestBatchRequest,
    IngestRecord,
    IngestRequest,
    IngestResponse,
)
from personalize_gateway.v1.ingest_service_pb2_grpc import IngestServiceStub
from personalize_gateway.v1.user_pb2 import User
from personalize_gateway.v1.violation_pb2 import RULE_KIND, RULE_REQUIRED

from gateway import embedded
from gateway.config import Config
from gateway.personalize.emulator import Answer, Emulator, Fault
from tests.support.messages import event, item
from tests.support.refused import RefusedCall, taken_apart
from tests.support.running import Running, patient


def _events(sequence: int, *ids: str) -> IngestRequest:
    records = [IngestRecord(event=event(event_id=event_id)) for event_id in ids]
    return IngestRequest(sequence=sequence, records=records)


async def _as_stream(requests: Iterable[IngestRequest]) -> AsyncIterator[IngestRequest]:
    for request in requests:
        yield request


async def _ingest(
    running: Running, requests: Iterable[IngestRequest]
) -> tuple[list[IngestResponse], RefusedCall | None]:
    """Send the requests, close, and return the answers and what the stream ended with."""
    responses: list[IngestResponse] = []
    call = IngestServiceStub(running.channel).Ingest(_as_stream(requests))
    try:
        while isinstance(response := await call.read(), IngestResponse):
            responses.append(response)
    except grpc.aio.AioRpcError as error:
        return responses, taken_apart(error)
    return responses, None


async def test_a_stream_is_acknowledged_and_ends_with_ok(running: Running) -> None:
    """Acknowledgements rise up to the last sequence, and every event arrives once."""
    requests = [_events(n * 10, *(f"e{n}-{k}" for k in range(7))) for n in range(1, 201)]
    responses, end = await _ingest(running, requests)
    acknowledged = [response.acknowledged_sequence for response in responses]
    assert (acknowledged, acknowledged[-1], end) == (sorted(set(acknowledged)), 2000, None)
    await running.gateway.stop()
    arrived = [json.loads(one.element)["eventId"] for one in running.emulator.records("events")]
    assert sorted(arrived) == sorted(f"e{n}-{k}" for n in range(1, 201) for k in range(7))


async def test_bad_records_are_refused_and_good_ones_kept(running: Running) -> None:
    """A refusal has the sequence, the index and every violation with its path from the request."""
    good, bad = IngestRecord(item=item("i1")), IngestRecord(event=event(event_type=""))
    responses, end = await _ingest(
        running,
        [
            IngestRequest(sequence=1, records=[good, bad, IngestRecord()]),
            IngestRequest(sequence=2, records=[IngestRecord(user=User(user_id="u1"))]),
        ],
    )
    assert (responses[-1].acknowledged_sequence, end) == (2, None)
    refusals = [refusal for response in responses for refusal in response.refusals]
    assert [(r.sequence, r.record_index, r.reason) for r in refusals] == [
        (1, 1, ERROR_REASON_INVALID_FIELDS),
        (1, 2, ERROR_REASON_INVALID_FIELDS),
    ]
    assert [(v.field, v.rule) for r in refusals for v in r.violations] == [
        ("records[1].event.event_type", RULE_REQUIRED),
        ("records[2].kind", RULE_KIND),
    ]
    await running.gateway.stop()
    assert sorted(one.kind for one in running.emulator.records()) == ["items", "users"]


@pytest.mark.parametrize("sequences", [(1, 1), (2, 1)])
async def test_sequences_that_do_not_rise_end_the_stream(
    running: Running, sequences: tuple[int, int]
) -> None:
    """What came before is acknowledged first."""
    responses, end = await _ingest(running, [_events(n, f"e{i}") for i, n in enumerate(sequences)])
    assert [response.acknowledged_sequence for response in responses] == [sequences[0]]
    assert end is not None
    assert (end.code, end.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "SEQUENCE_NOT_RISING")


@pytest.mark.parametrize(
    ("request_", "path"),
    [
        (IngestRequest(sequence=1), "records"),
        (IngestRequest(sequence=1, records=[IngestRecord()] * 501), "records"),
        (IngestRequest(records=[IngestRecord(event=event())]), "sequence"),
    ],
)
async def test_a_request_that_is_wrong_in_itself_ends_the_stream(
    running: Running, request_: IngestRequest, path: str
) -> None:
    """No records, too many, no sequence: INVALID_ARGUMENT with the path."""
    responses, end = await _ingest(running, [request_])
    assert responses == []
    assert end is not None
    assert (end.code, end.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELDS")
    assert path in [field for field, _ in end.violations]


async def test_a_drain_acknowledges_what_is_stored_and_says_so(running: Running) -> None:
    """UNAVAILABLE with DRAINING after the acknowledgements: the rest goes elsewhere."""
    call = IngestServiceStub(running.channel).Ingest()
    await call.write(_events(1, "e1"))
    first = await call.read()
    assert isinstance(first, IngestResponse)
    assert first.acknowledged_sequence == 1
    stopping = asyncio.create_task(running.gateway.stop())
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call.read()
    end = taken_apart(caught.value)
    assert (end.code, end.reason) == (grpc.StatusCode.UNAVAILABLE, "DRAINING")
    await stopping
    assert len(running.emulator.records("events")) == 1


async def test_a_client_that_goes_away_costs_nothing(running: Running) -> None:
    """What it had sent and got acknowledged stays; the gateway serves on."""
    call = IngestServiceStub(running.channel).Ingest()
    await call.write(_events(1, "e1"))
    await call.read()
    call.cancel()
    _, end = await _ingest(running, [_events(1, "e2")])
    assert end is None


async def test_the_unary_twin_answers_record_by_record(running: Running) -> None:
    """Event IDs, outcomes and refusals are in the order of the request."""
    response = await IngestServiceStub(running.channel).IngestBatch(
        IngestBatchRequest(
            records=[
                IngestRecord(item=item("i1")),
                IngestRecord(event=event(event_type="")),
                IngestRecord(event=event(event_id="e1")),
            ],
            ack_level=ACK_LEVEL_DELIVERED,
        )
    )
    assert list(response.event_ids) == ["", "", "e1"]
    assert [outcome.state for outcome in response.outcomes] == [
        OUTCOME_STATE_DELIVERED,
        OUTCOME_STATE_UNSPECIFIED,
        OUTCOME_STATE_DELIVERED,
    ]
    assert [(r.record_index, r.sequence) for r in response.refusals] == [(1, 0)]
    assert response.ack_level == ACK_LEVEL_DELIVERED


async def test_complete_lists_fit_into_a_message(running: Running) -> None:
    """500 records that break a hundred rules each are answered within 4 MiB."""
    bad = event(session_id="")
    bad.properties.update({f"k{n}": None for n in range(150)})
    response = await IngestServiceStub(running.channel).IngestBatch(
        IngestBatchRequest(records=[IngestRecord(event=bad)] * 500)
    )
    assert len(response.refusals) == 500
    assert len(response.refusals[0].violations) == 100
    assert all(refusal.violations for refusal in response.refusals)
    assert response.ByteSize() < 4 * 1024 * 1024


class TestBudget:
    """A dataset group whose outbox is full."""

    @pytest.fixture
    def config(self, emulator: Emulator) -> Config:
        """The smallest budget that there is."""
        whole = patient(embedded.configuration(emulator, "127.0.0.1:0"))
        group = whole.dataset_groups["demo"].model_copy(update={"budget_bytes": 1024 * 1024})
        return whole.model_copy(update={"dataset_groups": {"demo": group}})

    async def test_a_stream_waits_until_there_is_room(self, running: Running) -> None:
        """The server stops reading; nothing is refused and nothing lost."""
        running.emulator.faults.add(Fault(answer=Answer.UNAVAILABLE))
        long = "x" * 900
        requests = [
            IngestRequest(
                sequence=n,
                records=[
                    IngestRecord(event=event(event_id=f"e{n}-{k}", impression=[long[:240]] * 4))
                    for k in range(100)
                ],
            )
            for n in range(1, 14)
        ]
        sending = asyncio.create_task(_ingest(running, requests))
        done, _ = await asyncio.wait({sending}, timeout=1.0)
        assert not done
        running.emulator.faults.clear()
        responses, end = await sending
        assert (responses[-1].acknowledged_sequence, end) == (13, None)
        await running.gateway.stop()
        assert len(running.emulator.records("events")) == 1300


class TestRoutes:
    """A caller that may send events alone."""

    @pytest.fixture
    def config(self, emulator: Emulator) -> Config:
        """One route, for one kind."""
        whole = patient(embedded.configuration(emulator, "127.0.0.1:0"))
        route = whole.routes[0].model_copy(update={"kinds": ("events",)})
        return whole.model_copy(update={"routes": (route,)})

    async def test_kinds_without_a_route_are_refused_one_by_one(self, running: Running) -> None:
        """The events of the same request are taken."""
        response = await IngestServiceStub(running.channel).IngestBatch(
            IngestBatchRequest(
                records=[IngestRecord(item=item("i1")), IngestRecord(event=event(event_id="e1"))]
            )
        )
        assert [(r.record_index, r.reason) for r in response.refusals] == [
            (0, ERROR_REASON_ROUTE_MISSING)
        ]
        assert "events" in response.refusals[0].message
        assert list(response.event_ids) == ["", "e1"]
