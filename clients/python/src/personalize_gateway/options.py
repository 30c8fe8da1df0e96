"""What can be set about a client, and what gRPC is told of it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

_PACKAGE = "personalize_gateway.v1"

# Not Ingest: gRPC would keep all that was sent on a stream, to send it again. Nor what is only safe
# to do once.
_RETRIED = {
    "EventService": ("PutEvents", "PutActionInteractions"),
    "CatalogService": ("PutItems", "PutUsers", "PutActions"),
    "IngestService": ("IngestBatch",),
    "RouteService": ("ListRoutes", "DescribeDatasetGroup"),
    "TrackerService": ("DescribeEventTracker", "ListEventTrackers"),
    "DeadLetterService": ("ListDeadLetters",),
}

_MAX_ATTEMPTS_OF_GRPC = 5
_MESSAGE_MAX_BYTES = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What can be set about a client.

    Attributes:
        dataset_group: where requests go that name none; empty where the caller has one choice.
        timeout_s: how long a call may take in all, retries included.
        max_attempts: how often a request is sent at most; gRPC itself stops at 5.
        initial_backoff_s: the longest wait before the second attempt; it doubles with each.
        max_backoff_s: what it grows to.
        keepalive_s: how long a connection is silent before it is asked for a sign of life. gRPC's
            servers take less than five minutes for an attack, unless they were told otherwise.
    """

    dataset_group: str = ""
    timeout_s: float = 5.0
    max_attempts: int = 4
    initial_backoff_s: float = 0.1
    max_backoff_s: float = 2.0
    keepalive_s: float = 310.0

    def __post_init__(self) -> None:
        if self.max_attempts < 1:
            raise ValueError("max_attempts must be at least 1")
        for name in ("timeout_s", "initial_backoff_s", "max_backoff_s", "keepalive_s"):
            if getattr(self, name) <= 0:
                raise ValueError(f"{name} must be above 0")


def channel_options(options: Options) -> Sequence[tuple[str, str | int]]:
    """Return what gRPC is told of a channel."""
    return (
        ("grpc.service_config", service_config(options)),
        ("grpc.enable_retries", 1),
        ("grpc.keepalive_time_ms", int(options.keepalive_s * 1000)),
        ("grpc.initial_reconnect_backoff_ms", int(options.initial_backoff_s * 1000)),
        ("grpc.max_reconnect_backoff_ms", max(int(options.max_backoff_s * 1000), 100)),
        ("grpc.max_receive_message_length", _MESSAGE_MAX_BYTES),
    )


def service_config(options: Options) -> str:
    """Return gRPC's service config: UNAVAILABLE is tried again, for nothing was stored then.

    RESOURCE_EXHAUSTED is not in it: whether to try again, and when, stands in the details of the
    status, which gRPC does not read; see `personalize_gateway.attempts`.
    """
    if options.max_attempts == 1:
        return "{}"
    names = [
        {"service": f"{_PACKAGE}.{service}", "method": method}
        for service, methods in _RETRIED.items()
        for method in methods
    ]
    policy = {
        "maxAttempts": min(options.max_attempts, _MAX_ATTEMPTS_OF_GRPC),
        "initialBackoff": f"{options.initial_backoff_s:.3f}s",
        "maxBackoff": f"{options.max_backoff_s:.3f}s",
        "backoffMultiplier": 2,
        "retryableStatusCodes": ["UNAVAILABLE"],
    }
    return json.dumps({"methodConfig": [{"name": names, "retryPolicy": policy}]})
