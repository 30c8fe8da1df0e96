import grpc
import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status

from gateway.cli.failure import Failure, Violation
from gateway.cli.ingest_stream import translated
from gateway.importing.exchange import Interrupted, Rejected


def failure(code: grpc.StatusCode, *details: Message) -> Failure:
    """Return a failure as it is read from a status with these details."""
    status = Status(code=code.value[0], message="why")
    for detail in details:
        status.details.add().Pack(detail)
    trailer = (("x-other", "1"), ("grpc-status-details-bin", status.SerializeToString()))
    return Failure.of(code, "why", trailer)


def test_details_are_read() -> None:
    """Reason, violations, their total and the wait."""
    violations = [
        BadRequest.FieldViolation(field="items[0].item_id", reason="REQUIRED", description="d")
    ]
    found = failure(
        grpc.StatusCode.INVALID_ARGUMENT,
        ErrorInfo(reason="INVALID_FIELDS", metadata={"violations": "3"}),
        BadRequest(field_violations=violations),
        RetryInfo(retry_delay=Duration(seconds=1, nanos=500_000_000)),
    )
    assert found == Failure(
        "INVALID_ARGUMENT",
        "INVALID_FIELDS",
        "why",
        (Violation("items[0].item_id", "REQUIRED", "d"),),
        total_violations=3,
        retry_after_s=1.5,
    )
    assert found.lines() == [
        "INVALID_ARGUMENT INVALID_FIELDS: why",
        "  items[0].item_id: REQUIRED: d",
        "  and 2 more",
    ]


@pytest.mark.parametrize("trailer", [None, (), (("grpc-status-details-bin", b"\xff\xff"),)])
def test_status_without_details_has_its_code_and_message(
    trailer: tuple[tuple[str, bytes], ...] | None,
) -> None:
    """It came from the connection, or from something between."""
    found = Failure.of(grpc.StatusCode.UNAVAILABLE, None, trailer)
    assert found == Failure("UNAVAILABLE", "", "")
    assert found.lines() == ["UNAVAILABLE: "]


WAIT = RetryInfo(retry_delay=Duration(seconds=2))


@pytest.mark.parametrize(
    ("code", "reason", "details", "wait_s"),
    [
        ("UNAVAILABLE", "", [], 0.0),
        ("UNAVAILABLE", "DRAINING", [], 0.0),
        ("RESOURCE_EXHAUSTED", "OVERLOADED", [WAIT], 2.0),
        ("INTERNAL", "", [], 0.0),
        ("CANCELLED", "", [], 0.0),
    ],
)
def test_import_tries_again_where_that_may_help(
    code: str, reason: str, details: list[Message], wait_s: float
) -> None:
    """A gateway says so; a status without a reason may be the connection's."""
    info = [ErrorInfo(reason=reason)] if reason else []
    raised = translated(failure(grpc.StatusCode[code], *info, *details))
    assert isinstance(raised, Interrupted)
    assert raised.retry_after_s == wait_s


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("INTERNAL", "INTERNAL"),
        ("RESOURCE_EXHAUSTED", "MESSAGE_TOO_LARGE"),
        ("UNAUTHENTICATED", "CALLER_UNKNOWN"),
        ("UNIMPLEMENTED", ""),
    ],
)
def test_import_ends_where_another_attempt_would_end_the_same(code: str, reason: str) -> None:
    """The message is the status."""
    raised = translated(failure(grpc.StatusCode[code], ErrorInfo(reason=reason)))
    assert isinstance(raised, Rejected)
    assert str(raised) == " ".join(filter(None, [code, reason])) + ": why"
