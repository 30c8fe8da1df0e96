"""What an error of the control plane means."""

from typing import Any

import botocore.session
import pytest
from botocore.exceptions import ClientError

from gateway.errors import (
    AccessDenied,
    AccountLimitReached,
    CallError,
    CallFailed,
    ControlPlaneError,
    ControlPlaneUnavailable,
    LaneBlocked,
    RequestRefused,
    ResourceExists,
    ResourceInUse,
    ResourceNotFound,
)
from gateway.personalize.control_answers import (
    SignatureRefused,
    error_of_credentials,
    error_of_service,
)

OPERATION = "CreateEventTracker"


def client_error(
    code: str, status: int = 400, message: str = "why", headers: dict[str, str] | None = None
) -> ClientError:
    """Return what boto3 raises for an answer."""
    response: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status, "HTTPHeaders": headers or {}},
    }
    return ClientError(response, OPERATION)


@pytest.mark.parametrize(
    ("code", "status", "expected"),
    [
        ("InvalidInputException", 400, RequestRefused),
        ("InvalidNextTokenException", 400, RequestRefused),
        ("TooManyTagsException", 400, RequestRefused),
        ("ValidationException", 400, RequestRefused),
        ("LimitExceededException", 400, AccountLimitReached),
        ("ResourceAlreadyExistsException", 400, ResourceExists),
        ("ResourceInUseException", 400, ResourceInUse),
        ("ResourceNotFoundException", 400, ResourceNotFound),
        ("ThrottlingException", 400, ControlPlaneUnavailable),
        ("TooManyRequestsException", 429, ControlPlaneUnavailable),
        ("InternalFailure", 500, ControlPlaneUnavailable),
        ("503", 503, ControlPlaneUnavailable),
        ("RequestTimeout", 408, ControlPlaneUnavailable),
        ("AccessDeniedException", 400, SignatureRefused),
        ("ExpiredTokenException", 400, SignatureRefused),
        ("UnrecognizedClientException", 400, SignatureRefused),
        ("OptInRequired", 403, AccessDenied),
        ("404", 404, AccessDenied),
        ("301", 301, AccessDenied),
    ],
)
def test_an_answer_is_what_its_catcher_decides_on(
    code: str, status: int, expected: type[ControlPlaneError]
) -> None:
    """AWS's code and words come with it."""
    error = error_of_service(OPERATION, client_error(code, status))
    told = error.operation, error.code, error.detail
    assert (type(error), *told) == (expected, OPERATION, code, "why")


def test_every_error_that_aws_models_has_a_meaning_of_its_own() -> None:
    """Of the operations that the gateway asks for; of these, none may pass for a fault."""
    model = botocore.session.Session().get_service_model("personalize")
    operations = [f"{verb}EventTracker" for verb in ("Create", "Describe", "Delete")] + [
        "ListEventTrackers",
        "ListDatasets",
        "DescribeDataset",
        "DescribeSchema",
    ]
    codes = {
        shape.name
        for operation in operations
        for shape in model.operation_model(operation).error_shapes
    }
    kinds = {type(error_of_service(OPERATION, client_error(code))) for code in codes}
    assert kinds == {
        RequestRefused,
        AccountLimitReached,
        ResourceExists,
        ResourceInUse,
        ResourceNotFound,
    }


def test_the_wait_that_aws_asks_for_is_told() -> None:
    """In seconds."""
    error = error_of_service(
        OPERATION, client_error("ThrottlingException", headers={"retry-after": "7"})
    )
    assert isinstance(error, ControlPlaneUnavailable)
    assert error.retry_after_s == 7


def test_what_is_no_answer_of_personalize_is_not_taken_for_one() -> None:
    """boto3 found an error where the status is of success."""
    error = error_of_service(OPERATION, client_error("Unknown", 200))
    assert (type(error), error.code) == (AccessDenied, "NotPersonalize")


def test_a_long_text_is_cut_between_characters() -> None:
    """It has to fit into a trailer."""
    error = error_of_service(
        OPERATION, client_error("InvalidInputException", message="a" + "ä" * 999)
    )
    assert error.detail == "a" + "ä" * 255


def test_a_code_that_is_no_label_is_replaced() -> None:
    """It may come from anything between us and AWS."""
    assert error_of_service(OPERATION, client_error("<p>\n" * 99)).code == "Unknown"


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (CallFailed("CredentialsUnavailable", "secret"), ControlPlaneUnavailable),
        (LaneBlocked("NoCredentials", "secret"), AccessDenied),
    ],
)
def test_no_credentials_are_told_without_what_came_with_it(
    error: CallError, expected: type[ControlPlaneError]
) -> None:
    """It may be the output of somebody's program."""
    found = error_of_credentials(OPERATION, error)
    assert (type(found), found.code, found.detail) == (expected, error.code, "")
