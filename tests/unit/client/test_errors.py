"""Errors of gRPC as typed values."""

import grpc
import pytest
from google.rpc.status_pb2 import Status
from grpc import StatusCode
from personalize_gateway import GatewayError, Violation
from personalize_gateway.errors import rule_name
from personalize_gateway.v1.violation_pb2 import RULE_REQUIRED

from tests.support.statuses import trailers


def _failed(code: StatusCode, trailing: object = ()) -> GatewayError:
    metadata = grpc.aio.Metadata(*trailing)  # type: ignore[misc]
    return GatewayError.of(grpc.aio.AioRpcError(code, grpc.aio.Metadata(), metadata, "it is so"))


def test_the_details_of_a_status_become_values() -> None:
    """Code, reason, violations with their total, delay and metadata."""
    error = _failed(
        StatusCode.INVALID_ARGUMENT,
        trailers(
            StatusCode.INVALID_ARGUMENT,
            "INVALID_FIELDS",
            retry_after_s=1.5,
            violations=(("events[0].user_id", "MIN_LENGTH"),),
            metadata={"violations": "37"},
        ),
    )
    assert (error.code, error.reason, error.message) == (
        StatusCode.INVALID_ARGUMENT,
        "INVALID_FIELDS",
        "it is so",
    )
    assert error.violations == (Violation("events[0].user_id", "MIN_LENGTH", "is wrong"),)
    assert (error.violation_count, error.retry_delay_s) == (37, 1.5)
    assert error.metadata["violations"] == "37"
    assert str(error) == "INVALID_FIELDS: it is so"


@pytest.mark.parametrize(
    "trailing",
    [
        (),
        (("grpc-status-details-bin", b"\xff\xff"),),
        (("grpc-status-details-bin", Status().SerializeToString()),),
        (("another", "text"),),
        trailers(StatusCode.UNAVAILABLE, "RBAC", domain="proxy.example"),
    ],
)
def test_a_status_without_readable_details_is_its_code_alone(
    trailing: tuple[tuple[str, str | bytes], ...],
) -> None:
    """It may be a proxy's."""
    error = _failed(StatusCode.UNAVAILABLE, trailing)
    assert (error.reason, error.violations, error.violation_count, error.retry_delay_s) == (
        "",
        (),
        0,
        None,
    )
    assert str(error) == "UNAVAILABLE: it is so"


@pytest.mark.parametrize(
    ("code", "delay_s", "expected"),
    [
        (StatusCode.UNAVAILABLE, None, True),
        (StatusCode.UNAVAILABLE, 1.0, True),
        (StatusCode.RESOURCE_EXHAUSTED, 1.0, True),
        (StatusCode.RESOURCE_EXHAUSTED, None, False),
        (StatusCode.INTERNAL, 1.0, False),
        (StatusCode.DEADLINE_EXCEEDED, None, False),
        (StatusCode.INVALID_ARGUMENT, None, False),
    ],
)
def test_what_may_be_retried(code: StatusCode, delay_s: float | None, *, expected: bool) -> None:
    """UNAVAILABLE always; RESOURCE_EXHAUSTED where it says when."""
    assert GatewayError(code, "", retry_delay_s=delay_s).may_be_retried is expected


def test_a_rule_that_this_client_does_not_know_is_its_number() -> None:
    """A newer gateway may have more."""
    assert (rule_name(RULE_REQUIRED), rule_name(4711)) == ("REQUIRED", "4711")
