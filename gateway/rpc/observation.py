"""What is noted of every RPC: how long it took, what was answered, and its span."""

import time
from collections.abc import Callable

import grpc

from gateway.telemetry import tracing
from gateway.telemetry.metrics import RPC_DURATION

_OUR_FAULTS = frozenset(
    {
        grpc.StatusCode.DATA_LOSS,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.INTERNAL,
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.UNIMPLEMENTED,
        grpc.StatusCode.UNKNOWN,
    }
)
"""The codes for which a server's span is an error, by OpenTelemetry's conventions for gRPC."""


class Observation:
    """One RPC, from when it is taken to its answer.

    Args:
        method: its full name.
        metadata: returns that of the call.
        is_stream: whether it has many messages.
    """

    __slots__ = ("_began_s", "_method", "_trace")

    def __init__(self, method: str, metadata: tracing.Metadata, *, is_stream: bool) -> None:
        self._method = method
        self._began_s = time.perf_counter()
        self._trace = tracing.request(method, metadata, has_stages=not is_stream)

    def end(self, code: grpc.StatusCode) -> None:
        """Note what was answered."""
        name = code.name
        RPC_DURATION.record(time.perf_counter() - self._began_s, self._method, name)
        self._trace.end(name, failed=code in _OUR_FAULTS)


def code_of_cancelled(time_remaining_s: Callable[[], float | None]) -> grpc.StatusCode:
    """Return what the caller of a cancelled RPC sees: its deadline, or its own wish."""
    remaining_s = time_remaining_s()
    if remaining_s is not None and remaining_s <= 0:
        return grpc.StatusCode.DEADLINE_EXCEEDED
    return grpc.StatusCode.CANCELLED
