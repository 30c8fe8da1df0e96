from google.rpc.error_details_pb2 import BadRequest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.api import Rule
from gateway.validation.violation import Violation, bounded, first_of_each_first

RULES = st.sampled_from([Rule.RULE_REQUIRED, Rule.RULE_PLACEHOLDER_ID, Rule.RULE_RESERVED_PROPERTY])
VIOLATIONS = st.builds(
    Violation,
    field=st.text(min_size=1, max_size=200),
    rule=RULES,
    description=st.text(min_size=1, max_size=200),
    record_index=st.none() | st.integers(0, 5),
)


def violation(field: str, record_index: int | None) -> Violation:
    """Make a violation of a field."""
    return Violation(field, Rule.RULE_REQUIRED, "must be set", record_index)


def bad_request(violations: list[Violation]) -> BadRequest:
    """Make the status detail that a caller gets."""
    return BadRequest(
        field_violations=[
            BadRequest.FieldViolation(
                field=v.field, description=v.description, reason=Rule.Name(v.rule)
            )
            for v in violations
        ]
    )


def test_the_requests_own_and_the_first_of_each_record_come_first() -> None:
    """Violations go round the records in order, the request itself before them."""
    found = [
        violation("b1", 7),
        violation("a1", 2),
        violation("a2", 2),
        violation("r1", None),
        violation("b2", 7),
        violation("a3", 2),
    ]
    fields = [v.field for v in first_of_each_first(found)]
    assert fields == ["r1", "a1", "b1", "a2", "b2", "a3"]


@settings(deadline=None)
@given(st.lists(VIOLATIONS, max_size=30))
def test_ordering_loses_nothing(found: list[Violation]) -> None:
    """Ordered violations are the same ones, those of one record in their order."""
    ordered = first_of_each_first(found)
    for index in (None, *range(6)):
        of_record = [v for v in found if v.record_index == index]
        assert [v for v in ordered if v.record_index == index] == of_record
    assert len(ordered) == len(found)


@settings(deadline=None)
@given(st.lists(VIOLATIONS, max_size=30), st.integers(1, 25), st.integers(50, 6000))
def test_what_is_bounded_is_as_much_as_fits(
    found: list[Violation], max_count: int, max_bytes: int
) -> None:
    """As many from the start are taken as fit both limits, measured on a real BadRequest."""
    taken = bounded(found, max_count, max_bytes)
    assert taken == found[: len(taken)]
    assert len(taken) >= min(1, len(found))
    if len(taken) > 1:
        assert len(taken) <= max_count
        assert bad_request(taken).ByteSize() <= max_bytes
    if len(taken) < len(found):
        one_more = found[: len(taken) + 1]
        assert len(one_more) > max_count or bad_request(one_more).ByteSize() > max_bytes


@settings(deadline=None)
@given(st.lists(VIOLATIONS, min_size=2, max_size=10))
def test_the_bytes_are_counted_exactly(found: list[Violation]) -> None:
    """All are taken into the bytes that they need, and not into one byte less."""
    size_bytes = bad_request(found).ByteSize()
    assert bounded(found, max_bytes=size_bytes) == found
    assert bounded(found, max_bytes=size_bytes - 1) == found[:-1]


def test_the_defaults_are_twenty_and_four_kibibytes() -> None:
    """Without other limits a status carries twenty violations, or fewer that fill 4 KiB."""
    short = [violation(f"events[{i}].session_id", i) for i in range(30)]
    long = [violation("x" * 980, i) for i in range(30)]
    assert (len(bounded(short)), len(bounded(long))) == (20, 4)


def test_one_violation_is_shown_however_large_it_is() -> None:
    """A status is never without a violation."""
    large = [violation("x" * 10_000, 0), violation("y", 1)]
    assert bounded(large) == large[:1]
