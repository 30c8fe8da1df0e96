"""What the metrics say of a lane's calls and records."""

from collections.abc import Mapping
from typing import Any

import pytest

from gateway.delivery.observation import LaneObservation
from gateway.delivery.pending import Pending
from gateway.errors import CallThrottled
from gateway.outbox.interface import DeadLetterCause, Position, RecordRef, Settlement
from gateway.personalize.call import Call, Endpoint, Operation
from gateway.records import Kind, Lane, Record
from gateway.telemetry import metrics
from gateway.telemetry.snapshot import snapshot

LANE = Lane("observed", Kind.ITEMS)
CALL = Call(Operation.PUT_ITEMS, Endpoint("eu-west-1", "http://127.0.0.1:9"), b"{}")
CAUSE = DeadLetterCause("InvalidInputException", "", 1)


@pytest.fixture(autouse=True)
def _from_zero() -> None:
    for one in (metrics.RECORDS_SETTLED, metrics.RECORDS_RETRIED):
        one.values.clear()
    for histogram in (metrics.CALL_DURATION, metrics.CALL_RECORDS):
        histogram.values.clear()


def _ref(index: int) -> RecordRef:
    return RecordRef(Position((1, 1), 0, 1), index)


def _batch(size: int) -> list[Pending]:
    return [Pending(_ref(n), Record("i", b"{}"), "web", "", 0.0) for n in range(size)]


def _values(*names: str) -> Mapping[str, Any]:
    found = snapshot(metrics.declared())
    return {name: found[name] for name in names}


def test_settled_records_are_counted_by_their_outcome() -> None:
    """Each once; an outcome that nothing had is not shown."""
    LaneObservation(LANE).settled(
        [
            Settlement(_ref(0)),
            Settlement(_ref(1)),
            Settlement(_ref(2), superseded=True),
            Settlement(_ref(3), dead_letter=CAUSE),
        ]
    )
    name = metrics.RECORDS_SETTLED.name
    assert _values(name)[name] == {
        ("observed", "items", "delivered"): 2,
        ("observed", "items", "superseded"): 1,
        ("observed", "items", "dead_lettered"): 1,
    }


@pytest.mark.parametrize(
    ("error", "settlements", "outcome", "retried"),
    [
        (None, [Settlement(_ref(n)) for n in range(3)], "ok", {}),
        (CallThrottled("ThrottlingException"), [], "ThrottlingException", 3),
        (
            CallThrottled("ThrottlingException"),
            [Settlement(_ref(0), dead_letter=CAUSE)],
            "ThrottlingException",
            2,
        ),
        (ZeroDivisionError(), [], "INTERNAL", 3),
    ],
)
def test_a_call_is_counted_with_its_outcome(
    error: Exception | None, settlements: list[Settlement], outcome: str, retried: object
) -> None:
    """And the records of it that are sent again."""
    observed = LaneObservation(LANE).call(CALL, _batch(3))
    observed.answered(error)
    observed.end(settlements)
    durations = {labels: sum(one.buckets) for labels, one in metrics.CALL_DURATION.values.items()}
    assert durations == {("observed", "items", outcome): 1}
    records = {labels: one.total for labels, one in metrics.CALL_RECORDS.values.items()}
    assert records == {("observed", "items"): 3}
    expected = {("observed", "items", outcome): retried} if retried else {}
    assert metrics.RECORDS_RETRIED.values == expected
