"""What the errors of event trackers tell a caller."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import AccessDenied, ControlPlaneUnavailable, GatewayError, RequestRefused
from gateway.rpc.status import answer
from gateway.trackers.errors import (
    DatasetGroupMissing,
    TrackerExists,
    TrackerInUse,
    TrackerLimitReached,
    TrackerUnknown,
)

MOST_TRAILER_BYTES = 8 * 1024
LONGEST_NAME = "n" * 63
LONGEST_ARN = "arn:" + "a" * 252
OPERATION = "DescribeEventTracker"
CODE = "c" * 64


def errors(detail: str) -> list[GatewayError]:
    """Return each error as long as it can be, with AWS's words."""
    return [
        TrackerUnknown(LONGEST_NAME, LONGEST_NAME),
        TrackerExists(LONGEST_NAME, LONGEST_NAME),
        TrackerLimitReached("123456789012", detail),
        TrackerInUse(f"event_tracker:{LONGEST_NAME}/{LONGEST_NAME}", detail),
        DatasetGroupMissing(LONGEST_NAME, LONGEST_ARN),
        RequestRefused(OPERATION, "TooManyTagsException", detail),
        ControlPlaneUnavailable(OPERATION, CODE, detail),
        AccessDenied(OPERATION, CODE, detail),
    ]


@given(st.text(max_size=512).filter(lambda text: len(text.encode()) <= 512))
def test_whatever_aws_says_fits_into_a_trailer(detail: str) -> None:
    """The message is sent twice: percent-encoded, and in the status in base64."""
    for error in errors(detail):
        told = answer(error)
        size = len(quote(told.message)) + len(told.status().SerializeToString()) * 4 // 3
        assert size < MOST_TRAILER_BYTES


def test_access_denied_without_words_of_aws_says_what_was_to_be_done() -> None:
    """There were no credentials, so AWS was not asked."""
    told = answer(AccessDenied("CreateEventTracker", "NoCredentials"))
    assert told.message == "AWS does not let the gateway do CreateEventTracker (NoCredentials)"


@pytest.mark.parametrize(("asked_s", "told_s"), [(None, 1), (2.5, 2.5)])
def test_a_wait_is_told_whether_or_not_aws_asks_for_one(
    asked_s: float | None, told_s: float
) -> None:
    """Clients that find no wait may come back at once."""
    error = ControlPlaneUnavailable(OPERATION, "ThrottlingException", retry_after_s=asked_s)
    (retry,) = answer(error).details
    delay = retry.retry_delay  # type: ignore[attr-defined]
    assert delay.seconds + delay.nanos / 1e9 == told_s
