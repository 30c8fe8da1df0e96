"""Sends a request with the generated stubs alone, and tells its fate."""

from collections.abc import Mapping
from typing import Any

import grpc
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo
from google.rpc.status_pb2 import Status
from personalize_gateway.v1.catalog_service_pb2_grpc import CatalogServiceStub
from personalize_gateway.v1.error_reason_pb2 import ErrorReason
from personalize_gateway.v1.event_service_pb2_grpc import EventServiceStub
from personalize_gateway.v1.ingest_service_pb2 import Refusal
from personalize_gateway.v1.ingest_service_pb2_grpc import IngestServiceStub
from personalize_gateway.v1.violation_pb2 import Rule

from tests.conformance.fate import Fate

_SERVICES: Mapping[str, type[Any]] = {
    "PutEvents": EventServiceStub,
    "PutActionInteractions": EventServiceStub,
    "PutItems": CatalogServiceStub,
    "PutUsers": CatalogServiceStub,
    "PutActions": CatalogServiceStub,
    "IngestBatch": IngestServiceStub,
}
_TIMEOUT_S = 30.0


async def fate_of(channel: grpc.aio.Channel, rpc: str, request: Message) -> Fate:
    """Send a request and return what comes of it."""
    method = getattr(_SERVICES[rpc](channel), rpc)
    try:
        response = await method(request, timeout=_TIMEOUT_S)
    except grpc.aio.AioRpcError as error:
        return _refused(error)
    return _taken(list(getattr(response, "refusals", ())))


def _taken(refusals: list[Refusal]) -> Fate:
    violations = [(v.field, _rule(v.rule)) for refusal in refusals for v in refusal.violations]
    refused = [(refusal.record_index, _reason(refusal.reason)) for refusal in refusals]
    return Fate("OK", violations=tuple(sorted(violations)), refused=tuple(sorted(refused)))


def _refused(error: grpc.aio.AioRpcError) -> Fate:
    trailer = dict(error.trailing_metadata() or ()).get("grpc-status-details-bin", b"")
    assert isinstance(trailer, bytes)
    info, bad_request = ErrorInfo(), BadRequest()
    for detail in Status.FromString(trailer).details:
        detail.Unpack(info)
        detail.Unpack(bad_request)
    violations = [(one.field, one.reason) for one in bad_request.field_violations]
    return Fate(error.code().name, info.reason, tuple(sorted(violations)))


def _rule(rule: int) -> str:
    return Rule.Name(Rule.ValueType(rule)).removeprefix("RULE_")


def _reason(reason: int) -> str:
    return ErrorReason.Name(ErrorReason.ValueType(reason)).removeprefix("ERROR_REASON_")
