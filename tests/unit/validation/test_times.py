from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.validation.times import check_time

if TYPE_CHECKING:
    from gateway.validation.violation import Fault

Faults = Callable[..., list[tuple[str, str]]]

YEAR_1 = -62135596800
YEAR_9999 = 253402300799
EVENT_TIME = 1787462253


@pytest.mark.parametrize("seconds", [YEAR_1, 0, 1, EVENT_TIME, YEAR_9999])
@pytest.mark.parametrize("nanos", [0, 999_999_999])
def test_a_time_within_its_range_is_taken(seconds: int, nanos: int, faults_of: Faults) -> None:
    """Every valid Timestamp passes; that it is after 1970 is the annotations' to say."""
    assert faults_of(check_time, "event_time", Timestamp(seconds=seconds, nanos=nanos)) == []


@pytest.mark.parametrize("seconds", [YEAR_1 - 1, YEAR_9999 + 1, -(2**63), 2**63 - 1])
def test_seconds_outside_the_years_1_to_9999_are_refused(seconds: int, faults_of: Faults) -> None:
    """Seconds that are no time are refused."""
    found = faults_of(check_time, "event_time", Timestamp(seconds=seconds))
    assert found == [("event_time", "TIMESTAMP")]


@pytest.mark.parametrize("nanos", [-(2**31), -1, 1_000_000_000, 2_000_000_000, 2**31 - 1])
def test_nanos_outside_a_second_are_refused(nanos: int, faults_of: Faults) -> None:
    """Nanoseconds that protovalidate lets through are refused."""
    found = faults_of(check_time, "event_time", Timestamp(seconds=EVENT_TIME, nanos=nanos))
    assert found == [("event_time", "TIMESTAMP")]


@pytest.mark.parametrize(
    ("per_second", "unit"),
    [(10**3, "milliseconds"), (10**6, "microseconds"), (10**9, "nanoseconds")],
)
def test_another_unit_as_seconds_is_named(per_second: int, unit: str) -> None:
    """Milliseconds, microseconds and nanoseconds are told from a time far away."""
    faults: list[Fault] = []
    check_time("event_time", Timestamp(seconds=EVENT_TIME * per_second + 7), faults)
    (fault,) = faults
    assert fault.field == "event_time"
    assert fault.description.startswith(f"`seconds` holds {unit}: divide by {per_second:,}")


@pytest.mark.parametrize(
    ("milliseconds", "rule"),
    [
        (631152000000 - 1, "TIMESTAMP"),
        (631152000000, "MILLISECONDS"),
        (4102444800000 - 1, "MILLISECONDS"),
        (4102444800000, "TIMESTAMP"),
    ],
)
def test_a_unit_is_named_where_the_time_is_between_1990_and_2100(
    milliseconds: int, rule: str, faults_of: Faults
) -> None:
    """Outside of these years the number says nothing of its unit."""
    found = faults_of(check_time, "event_time", Timestamp(seconds=milliseconds))
    assert found == [("event_time", rule)]


@settings(deadline=None)
@given(st.integers(-(2**63), 2**63 - 1))
def test_seconds_have_one_fault_at_most_and_none_within_range(seconds: int) -> None:
    """Whatever the seconds are, they are taken exactly where they are a time."""
    faults: list[Fault] = []
    check_time("event_time", Timestamp(seconds=seconds), faults)
    assert len(faults) == (0 if YEAR_1 <= seconds <= YEAR_9999 else 1)
