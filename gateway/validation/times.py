"""Checks of a time that the annotations cannot state."""

from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp

from gateway.api import Rule
from gateway.validation.violation import Fault

MAX_NANOS = 999_999_999
_MIN_SECONDS = -62_135_596_800  # 0001-01-01T00:00:00Z
MAX_SECONDS = 253_402_300_799  # 9999-12-31T23:59:59Z

_PLAUSIBLE = (
    int(datetime(1990, 1, 1, tzinfo=UTC).timestamp()),
    int(datetime(2100, 1, 1, tzinfo=UTC).timestamp()),
)
_UNITS = (("milliseconds", 10**3), ("microseconds", 10**6), ("nanoseconds", 10**9))


def check_time(field: str, time: Timestamp, faults: list[Fault]) -> None:
    """Add the faults of a time.

    Seconds are taken for milliseconds, microseconds or nanoseconds where they lie beyond the year
    9999, and read in that unit between the years 1990 and 2100. How far in the future Personalize
    takes an event is not documented, so that is not judged.
    """
    seconds = time.seconds
    if not _MIN_SECONDS <= seconds <= MAX_SECONDS:
        faults.append(_not_seconds(field, seconds))
    if not 0 <= time.nanos <= MAX_NANOS:
        text = "`nanos` must lie within 0 and 999,999,999: send whole seconds in `seconds`"
        faults.append(Fault(field, Rule.RULE_TIMESTAMP, text))


def _not_seconds(field: str, seconds: int) -> Fault:
    earliest, latest = _PLAUSIBLE
    for unit, per_second in _UNITS:
        if earliest <= seconds // per_second < latest:
            text = f"`seconds` holds {unit}: divide by {per_second:,}, the rest goes into `nanos`"
            return Fault(field, Rule.RULE_MILLISECONDS, text)
    text = "`seconds` lies outside the years 1 to 9999: send the seconds since 1970-01-01T00:00:00Z"
    return Fault(field, Rule.RULE_TIMESTAMP, text)
