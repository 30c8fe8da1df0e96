"""What each error tells a caller."""

import pytest
from google.rpc.error_details_pb2 import ErrorInfo
from grpc import StatusCode

import gateway.rpc.errors
from gateway.acceptance import InvalidRequest
from gateway.api import ErrorReason, Rule
from gateway.errors import GatewayError
from gateway.identity import CallerUnknown, ProofUnverifiable
from gateway.outbox.interface import BudgetExhausted, OutboxUnavailable
from gateway.records import Kind
from gateway.routing.errors import AdminRequired, CallerLimitReached
from gateway.routing.router import DatasetGroupAmbiguous, DatasetGroupUnknown, RouteMissing
from gateway.rpc.errors import (
    DeadlinePassed,
    Draining,
    MalformedMessage,
    MessageTooLarge,
    NotImplementedYet,
    Overloaded,
    SequenceNotRising,
    StreamEnded,
    Unforeseen,
)
from gateway.rpc.status import answer
from gateway.targets import EventsNotTaken, KindNotAvailable
from gateway.validation.violation import Violation

VIOLATION = Violation("events[0].session_id", Rule.RULE_REQUIRED, "must be set", 0)

ANSWERS: list[tuple[GatewayError, StatusCode, str, set[str]]] = [
    (
        InvalidRequest([VIOLATION]),
        StatusCode.INVALID_ARGUMENT,
        "INVALID_FIELDS",
        {"BadRequest"},
    ),
    (
        MalformedMessage("PutEventsRequest", "dataset_group", "it is not valid UTF-8"),
        StatusCode.INVALID_ARGUMENT,
        "MALFORMED_MESSAGE",
        {"BadRequest"},
    ),
    (
        MalformedMessage("PutEventsRequest", "", "no wire format"),
        StatusCode.INVALID_ARGUMENT,
        "MALFORMED_MESSAGE",
        set(),
    ),
    (MessageTooLarge(5, 4), StatusCode.RESOURCE_EXHAUSTED, "MESSAGE_TOO_LARGE", set()),
    (SequenceNotRising(7, 7), StatusCode.INVALID_ARGUMENT, "SEQUENCE_NOT_RISING", set()),
    (CallerUnknown("who?"), StatusCode.UNAUTHENTICATED, "CALLER_UNKNOWN", set()),
    (
        RouteMissing("web", Kind.ITEMS, "shop", [(Kind.EVENTS, "shop")]),
        StatusCode.PERMISSION_DENIED,
        "ROUTE_MISSING",
        set(),
    ),
    (AdminRequired("web"), StatusCode.PERMISSION_DENIED, "ADMIN_REQUIRED", set()),
    (
        CallerLimitReached("web", "storefront", "records_per_s", "9 records a second", 0.5),
        StatusCode.RESOURCE_EXHAUSTED,
        "CALLER_LIMIT_REACHED",
        {"RetryInfo", "QuotaFailure"},
    ),
    (
        DatasetGroupUnknown("shpo", ["shop"]),
        StatusCode.NOT_FOUND,
        "DATASET_GROUP_UNKNOWN",
        {"ResourceInfo"},
    ),
    (
        KindNotAvailable("shop", Kind.ITEMS),
        StatusCode.FAILED_PRECONDITION,
        "KIND_NOT_AVAILABLE",
        {"PreconditionFailure"},
    ),
    (
        EventsNotTaken("shop"),
        StatusCode.FAILED_PRECONDITION,
        "TRACKER_NOT_ACTIVE",
        {"PreconditionFailure"},
    ),
    (
        DatasetGroupAmbiguous("web", Kind.ITEMS, ["shop", "outlet"]),
        StatusCode.INVALID_ARGUMENT,
        "DATASET_GROUP_AMBIGUOUS",
        set(),
    ),
    (
        BudgetExhausted("shop", budget_bytes=5, retry_after_s=1.5),
        StatusCode.RESOURCE_EXHAUSTED,
        "BUDGET_EXHAUSTED",
        {"RetryInfo", "QuotaFailure"},
    ),
    (
        OutboxUnavailable("/var/lib/x: no space left on device"),
        StatusCode.UNAVAILABLE,
        "OUTBOX_UNAVAILABLE",
        {"RetryInfo"},
    ),
    (Draining(), StatusCode.UNAVAILABLE, "DRAINING", set()),
    (StreamEnded(), StatusCode.UNAVAILABLE, "DRAINING", set()),
    (Overloaded(5, 1.0), StatusCode.RESOURCE_EXHAUSTED, "OVERLOADED", {"RetryInfo"}),
    (DeadlinePassed(), StatusCode.DEADLINE_EXCEEDED, "UNSPECIFIED", set()),
    (
        ProofUnverifiable("no keys", source="jwt", reason="keys_unavailable"),
        StatusCode.UNAVAILABLE,
        "CALLER_UNKNOWN",
        {"RetryInfo"},
    ),
    (NotImplementedYet("X.Y"), StatusCode.UNIMPLEMENTED, "NOT_IMPLEMENTED", set()),
    (Unforeseen("1234"), StatusCode.INTERNAL, "INTERNAL", set()),
]


@pytest.mark.parametrize(("error", "code", "reason", "details"), ANSWERS)
def test_an_error_has_its_status_reason_and_details(
    error: GatewayError, code: StatusCode, reason: str, details: set[str]
) -> None:
    """The ErrorInfo comes first, with the name of the ErrorReason."""
    status = answer(error).status()
    first, *others = status.details
    info = ErrorInfo()
    assert first.Unpack(info)
    assert (status.code, info.reason, info.domain) == (code.value[0], reason, "personalize-gateway")
    assert f"ERROR_REASON_{reason}" in ErrorReason.keys()  # noqa: SIM118 - an enum, no mapping
    assert {other.TypeName().removeprefix("google.rpc.") for other in others} == details
    assert status.message


def test_every_error_of_the_rpc_layer_has_an_answer() -> None:
    """One that is added to the module is added here, and to the statuses."""
    errors = {
        found
        for found in vars(gateway.rpc.errors).values()
        if isinstance(found, type)
        and issubclass(found, GatewayError)
        and found.__module__ == gateway.rpc.errors.__name__
    }
    assert errors <= {type(error) for error, *_ in ANSWERS}


def test_what_is_wrong_with_the_disk_is_not_told() -> None:
    """A caller learns that nothing was stored, and no path."""
    told = answer(OutboxUnavailable("/var/lib/x: no space left on device")).status()
    assert "/var/lib" not in str(told)


def test_an_error_without_an_answer_is_a_fault_of_ours() -> None:
    """It would be answered as unforeseen."""
    with pytest.raises(TypeError):
        answer(ZeroDivisionError())
