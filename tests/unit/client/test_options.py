"""What can be set, and what gRPC is told."""

import json

import pytest
from google.protobuf import descriptor_pool
from personalize_gateway import Options, PublisherOptions
from personalize_gateway.options import channel_options, service_config
from personalize_gateway.v1 import (  # noqa: F401 - so that the pool has them
    catalog_service_pb2,
    dead_letter_service_pb2,
    event_service_pb2,
    ingest_service_pb2,
    route_service_pb2,
    tracker_service_pb2,
)


def test_grpc_retries_unavailable_and_nothing_else() -> None:
    """As often as the options say, but not more often than gRPC can."""
    (config,) = json.loads(service_config(Options(max_attempts=9)))["methodConfig"]
    assert config["retryPolicy"] == {
        "maxAttempts": 5,
        "initialBackoff": "0.100s",
        "maxBackoff": "2.000s",
        "backoffMultiplier": 2,
        "retryableStatusCodes": ["UNAVAILABLE"],
    }


def test_the_methods_that_are_retried_exist_and_stream_nothing() -> None:
    """A misspelled name would be no error to gRPC."""
    pool = descriptor_pool.Default()
    (config,) = json.loads(service_config(Options()))["methodConfig"]
    methods = [
        pool.FindServiceByName(name["service"]).methods_by_name[name["method"]]
        for name in config["name"]
    ]
    assert methods
    assert not [m.full_name for m in methods if m.client_streaming or m.server_streaming]


def test_one_attempt_is_no_policy() -> None:
    """GRPC refuses a policy of one attempt."""
    assert service_config(Options(max_attempts=1)) == "{}"


def test_a_channel_gets_the_service_config_and_keepalive() -> None:
    """In milliseconds."""
    options = dict(channel_options(Options(keepalive_s=20)))
    assert options["grpc.keepalive_time_ms"] == 20_000
    assert options["grpc.service_config"] == service_config(Options())


@pytest.mark.parametrize(
    "members",
    [{"max_attempts": 0}, {"timeout_s": 0}, {"initial_backoff_s": -1}, {"max_backoff_s": 0}],
)
def test_options_that_cannot_be_are_refused(members: dict[str, float]) -> None:
    """By name."""
    with pytest.raises(ValueError, match=next(iter(members))):
        Options(**members)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "members",
    [{"batch_records": 501}, {"max_records": 0}, {"linger_s": -1}, {"batch_bytes": 5_000_000}],
)
def test_publisher_options_that_cannot_be_are_refused(members: dict[str, float]) -> None:
    """By name."""
    with pytest.raises(ValueError, match=next(iter(members))):
        PublisherOptions(**members)  # type: ignore[arg-type]
