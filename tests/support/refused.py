"""What a refused call tells its caller."""

from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Any

import grpc
import pytest
from google.protobuf.message import Message
from google.rpc import error_details_pb2
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo
from google.rpc.status_pb2 import Status


@dataclass(frozen=True, slots=True)
class RefusedCall:
    """A status, taken apart.

    Attributes:
        violations: path and rule of each field violation.
        others: the details beside ErrorInfo and BadRequest, by the name of their type.
    """

    code: grpc.StatusCode
    message: str
    reason: str
    metadata: dict[str, str] = field(default_factory=dict)
    violations: list[tuple[str, str]] = field(default_factory=list)
    others: dict[str, Message] = field(default_factory=dict)
    trailer_bytes: int = 0


async def refused(call: Awaitable[Any]) -> RefusedCall:
    """Await a call that must fail and return what it fails with."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    return taken_apart(caught.value)


def taken_apart(error: grpc.aio.AioRpcError) -> RefusedCall:
    """Return what an error of a call holds."""
    trailer = dict(error.trailing_metadata() or ())["grpc-status-details-bin"]
    assert isinstance(trailer, bytes)
    info, violations, others = ErrorInfo(), [], {}
    for detail in Status.FromString(trailer).details:
        name = detail.TypeName().removeprefix("google.rpc.")
        message = getattr(error_details_pb2, name)()
        detail.Unpack(message)
        if isinstance(message, ErrorInfo):
            info = message
        elif isinstance(message, BadRequest):
            violations = [(one.field, one.reason) for one in message.field_violations]
        else:
            others[name] = message
    assert info.domain == "personalize-gateway"
    return RefusedCall(
        error.code(),
        error.details() or "",
        info.reason,
        dict(info.metadata),
        violations,
        others,
        len(trailer),
    )
