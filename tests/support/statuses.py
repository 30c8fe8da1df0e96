"""Statuses with details, as a gateway ends a call with."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.duration_pb2 import Duration
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status
from grpc import StatusCode

if TYPE_CHECKING:
    from google.protobuf.message import Message

Trailers = tuple[tuple[str, bytes], ...]


def trailers(
    code: StatusCode,
    reason: str = "",
    *,
    retry_after_s: float | None = None,
    violations: tuple[tuple[str, str], ...] = (),
    metadata: Mapping[str, str] = MappingProxyType({}),
    domain: str = "personalize-gateway",
) -> Trailers:
    """Return the trailers of a status.

    Args:
        code: of the status.
        reason: of the ErrorInfo.
        retry_after_s: of a RetryInfo; None for none.
        violations: field and rule of each.
        metadata: of the ErrorInfo.
        domain: of the ErrorInfo.
    """
    details: list[Message] = [ErrorInfo(reason=reason, domain=domain, metadata=metadata)]
    if retry_after_s is not None:
        delay = Duration()
        delay.FromNanoseconds(round(retry_after_s * 1e9))
        details.append(RetryInfo(retry_delay=delay))
    if violations:
        fields = [
            BadRequest.FieldViolation(field=field, reason=rule, description="is wrong")
            for field, rule in violations
        ]
        details.append(BadRequest(field_violations=fields))
    number: int = code.value[0]
    status = Status(code=number, message="it is so")
    for detail in details:
        packed = AnyMessage()
        packed.Pack(detail)
        status.details.append(packed)
    return (("grpc-status-details-bin", status.SerializeToString()),)
