"""What a gateway refuses, as typed values."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Self

import grpc
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import DecodeError
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status

from personalize_gateway.v1.violation_pb2 import Rule
from personalize_gateway.v1.violation_pb2 import Violation as ViolationMessage

_DETAILS = "grpc-status-details-bin"
_DOMAIN = "personalize-gateway"
"""Of every ErrorInfo of a gateway: one of another domain is a proxy's, and no reason of ours."""


@dataclass(frozen=True, slots=True)
class Violation:
    """A place where a request breaks a rule.

    Attributes:
        field: path from the request: `events[3].properties["timestamp"]`.
        rule: name of the rule, without its prefix: `RESERVED_PROPERTY`.
        description: what is wrong and what to send instead. Holds no value that was sent.
    """

    field: str
    rule: str
    description: str

    @classmethod
    def of(cls, message: ViolationMessage) -> Self:
        """Return the violation of a refusal."""
        return cls(message.field, rule_name(message.rule), message.description)


class GatewayError(Exception):
    """Expected error: a request was not served.

    Attributes:
        code: the gRPC code.
        reason: which error it is, a name of `ErrorReason` without its prefix; empty where no
            gateway answered.
        message: what happened and what to do.
        violations: the rules that the request breaks, at most 20 of them.
        violation_count: how many there are in all.
        retry_delay_s: so long at least to wait before trying again; None where that is not said.
        metadata: of the ErrorInfo, for example `choices` or `error_id`.
    """

    def __init__(
        self,
        code: grpc.StatusCode,
        message: str,
        *,
        reason: str = "",
        violations: Sequence[Violation] = (),
        retry_delay_s: float | None = None,
        metadata: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        super().__init__(f"{reason or code.name}: {message}")
        self.code = code
        self.reason = reason
        self.message = message
        self.violations = tuple(violations)
        self.violation_count = int(metadata.get("violations", len(self.violations)))
        self.retry_delay_s = retry_delay_s
        self.metadata = metadata

    @property
    def may_be_retried(self) -> bool:
        """Whether the same may be sent again: nothing was stored, and it may be next time."""
        if self.code is grpc.StatusCode.UNAVAILABLE:
            return True
        exhausted = self.code is grpc.StatusCode.RESOURCE_EXHAUSTED
        return exhausted and self.retry_delay_s is not None

    @classmethod
    def of(cls, error: grpc.RpcError) -> Self:
        """Return the error that a call of gRPC, blocking or not, has failed with."""
        call: Any = error  # it is a grpc.Call or a grpc.aio.AioRpcError, which share no type
        details = _Details.in_trailers(call.trailing_metadata() or ())
        return cls(
            call.code() or grpc.StatusCode.UNKNOWN,
            call.details() or "",
            reason=details.info.reason,
            violations=details.violations,
            retry_delay_s=details.retry_delay_s,
            metadata=MappingProxyType(dict(details.info.metadata)),
        )


@dataclass(slots=True)
class _Details:
    """What stands in the details of a status; nothing where there are none, or unreadable ones."""

    info: ErrorInfo = field(default_factory=ErrorInfo)
    violations: Sequence[Violation] = ()
    retry_delay_s: float | None = None

    @classmethod
    def in_trailers(cls, trailers: Iterable[tuple[str, str | bytes]]) -> Self:
        found = cls()
        try:
            trailer = dict(trailers).get(_DETAILS, b"")
            for detail in Status.FromString(trailer if isinstance(trailer, bytes) else b"").details:
                found._add(detail)
        except (DecodeError, ValueError):
            return cls()
        return found

    def _add(self, detail: AnyMessage) -> None:
        info, bad_request, retry = ErrorInfo(), BadRequest(), RetryInfo()
        if detail.Unpack(info) and info.domain == _DOMAIN:
            self.info = info
        if detail.Unpack(bad_request):
            self.violations = tuple(
                Violation(one.field, one.reason, one.description)
                for one in bad_request.field_violations
            )
        if detail.Unpack(retry):
            self.retry_delay_s = retry.retry_delay.ToNanoseconds() / 1e9


def rule_name(rule: int) -> str:
    """Return the name of a rule without its prefix; its number where this client is older."""
    value = Rule.DESCRIPTOR.values_by_number.get(rule)
    return str(rule) if value is None else value.name.removeprefix("RULE_")
