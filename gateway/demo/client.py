"""The shop's services, as clients of the gateway: generated stubs, and a ledger of what came."""

from collections.abc import Iterator, Sequence
from typing import Any

import grpc
from personalize_gateway.v1.event_service_pb2 import PutEventsRequest
from personalize_gateway.v1.ingest_service_pb2 import IngestRecord, IngestRequest
from personalize_gateway.v1.ingest_service_pb2_grpc import IngestServiceStub

from gateway.cli.failure import Failure
from gateway.cli.put_rpcs import PUT_RPCS
from gateway.demo.ledger import Ledger, record_id
from gateway.identity import CALLER_HEADER
from gateway.records import Kind

_TIMEOUT_S = 60.0
_RECORDS_A_REQUEST = 50

_KINDS = {
    "event": Kind.EVENTS,
    "action_interaction": Kind.ACTION_INTERACTIONS,
}


class Client:
    """One service of the shop.

    Args:
        channel: to the gateway.
        caller: the name by which the gateway knows the service.
        ledger: where everything is noted.
    """

    def __init__(self, channel: grpc.aio.Channel, caller: str, ledger: Ledger) -> None:
        self._channel = channel
        self._metadata = ((CALLER_HEADER, caller),)
        self._ledger = ledger

    async def put(self, kind: Kind, records: Sequence[Any]) -> None:
        """Send records by a put RPC, 50 in each request; all must be taken.

        Raises:
            grpc.aio.AioRpcError: they were not.
        """
        for start in range(0, len(records), _RECORDS_A_REQUEST):
            await self._put(kind, records[start : start + _RECORDS_A_REQUEST])

    async def _put(self, kind: Kind, records: Sequence[Any]) -> None:
        rpc = PUT_RPCS[kind]
        self._ledger.sent(kind, len(records))
        request = rpc.request(**{kind.value: records})
        response = await rpc.call(
            self._channel, request, metadata=self._metadata, timeout=_TIMEOUT_S
        )
        event_ids = [] if kind.replaces else response.event_ids
        ids = event_ids or [record_id(kind, record) for record in records]
        self._ledger.accepted(kind, ids, records)

    async def put_refused(self, request: PutEventsRequest) -> Failure:
        """Send a request that breaks rules and return what the gateway answers.

        Raises:
            AssertionError: it was taken.
        """
        rpc = PUT_RPCS[Kind.EVENTS]
        self._ledger.sent(Kind.EVENTS, len(request.events))
        try:
            await rpc.call(self._channel, request, metadata=self._metadata, timeout=_TIMEOUT_S)
        except grpc.aio.AioRpcError as error:
            self._ledger.refused(Kind.EVENTS, len(request.events))
            return Failure.of(error.code(), error.details(), error.trailing_metadata())
        raise AssertionError("the gateway took a request that breaks rules")

    async def ingest(self, batches: Sequence[Sequence[IngestRecord]]) -> None:
        """Send records on an Ingest stream; they must bring their event IDs."""
        stub = IngestServiceStub(self._channel)
        call = stub.Ingest(_requests(batches), metadata=self._metadata, timeout=_TIMEOUT_S)
        refused: set[tuple[int, int]] = set()
        async for response in call:
            refused |= {(refusal.sequence, refusal.record_index) for refusal in response.refusals}
        for sequence, batch in enumerate(batches, start=1):
            for index, record in enumerate(batch):
                self._note(record, refused=(sequence, index) in refused)

    def _note(self, record: IngestRecord, *, refused: bool) -> None:
        member = str(record.WhichOneof("kind"))
        kind, message = _KINDS[member], getattr(record, member)
        self._ledger.sent(kind, 1)
        if refused:
            self._ledger.refused(kind, 1)
        else:
            self._ledger.accepted(kind, [message.event_id], [message])


def _requests(batches: Sequence[Sequence[IngestRecord]]) -> Iterator[IngestRequest]:
    for sequence, batch in enumerate(batches, start=1):
        yield IngestRequest(sequence=sequence, records=batch)
