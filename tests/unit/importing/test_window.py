import pytest
from personalize_gateway.v1.error_reason_pb2 import ErrorReason
from personalize_gateway.v1.ingest_service_pb2 import IngestRecord, IngestResponse, Refusal
from personalize_gateway.v1.violation_pb2 import Rule, Violation

from gateway.importing.batch import Batch, batches
from gateway.importing.exchange import Rejected
from gateway.importing.row import Problem, Row
from gateway.importing.window import Settled, Window, problems_of

MALFORMED = Problem("", "MALFORMED_ROW", "")


def rows(good: str) -> list[Row]:
    """Return a row for each character: a dot for one that is sent."""
    return [
        Row(line, (), IngestRecord() if mark == "." else None, () if mark == "." else [MALFORMED])
        for line, mark in enumerate(good)
    ]


def made(good: str, size: int) -> list[Batch]:
    """Return batches of such rows."""
    return [*batches(rows(good), "", size)]


def refusal(sequence: int, index: int) -> Refusal:
    """Return the refusal of a record without a user."""
    violation = Violation(
        field=f"records[{index}].event.user_id", rule=Rule.RULE_MIN_LENGTH, description="is empty"
    )
    return Refusal(
        sequence=sequence,
        record_index=index,
        reason=ErrorReason.ERROR_REASON_INVALID_FIELDS,
        message="user_id is empty",
        violations=[violation],
    )


def shown(settled: list[Settled]) -> list[tuple[int, list[tuple[int, str]]]]:
    """Return how many rows each has, and the line and the first rule of each refused one."""
    return [
        (one.rows, [(row.line, problems[0].rule) for row, problems in one.refused])
        for one in settled
    ]


def test_acknowledgement_settles_all_up_to_it() -> None:
    """Refusals find their rows, though rows before them were not sent."""
    window = Window(3)
    for batch in made("x..x....", 4):
        assert window.add(batch) == []
    assert window.answered(IngestResponse()) == []
    answer = IngestResponse(acknowledged_sequence=2, refusals=[refusal(1, 1), refusal(2, 0)])
    assert shown(window.answered(answer)) == [
        (4, [(0, "MALFORMED_ROW"), (2, "MIN_LENGTH"), (3, "MALFORMED_ROW")]),
        (4, [(4, "MIN_LENGTH")]),
    ]
    assert window.open == []


def test_batch_without_request_is_settled_in_its_turn() -> None:
    """At once where nothing is before it, and with what is before it otherwise."""
    window = Window(3)
    first, second, third = made("xx..xx", 2)
    assert shown(window.add(first)) == [(2, [(0, "MALFORMED_ROW"), (1, "MALFORMED_ROW")])]
    assert window.add(second) == []
    assert window.add(third) == []
    assert shown(window.answered(IngestResponse(acknowledged_sequence=2))) == [
        (2, []),
        (2, [(4, "MALFORMED_ROW"), (5, "MALFORMED_ROW")]),
    ]


def test_refusal_may_come_before_its_acknowledgement() -> None:
    """It counts when its request is settled."""
    window = Window(2)
    for batch in made("..", 1):
        window.add(batch)
    answer = IngestResponse(acknowledged_sequence=1, refusals=[refusal(2, 0)])
    assert shown(window.answered(answer)) == [(1, [])]
    assert [batch.sequence for batch in window.open] == [2]
    assert shown(window.answered(IngestResponse(acknowledged_sequence=2))) == [
        (1, [(1, "MIN_LENGTH")])
    ]


def test_window_is_full_until_something_is_settled() -> None:
    """That bounds what is read ahead of the gateway."""
    window = Window(2)
    first, second = made("..", 1)
    window.add(first)
    full = [window.is_full]
    window.add(second)
    full.append(window.is_full)
    window.answered(IngestResponse(acknowledged_sequence=1))
    assert [*full, window.is_full] == [False, True, False]


def test_refusal_that_is_not_the_records_fault_ends_the_import() -> None:
    """Every other record would be refused too: a route is missing, or a dataset group unknown."""
    window = Window(1)
    window.add(made(".", 1)[0])
    refused = Refusal(
        sequence=1, reason=ErrorReason.ERROR_REASON_ROUTE_MISSING, message="no route of b"
    )
    with pytest.raises(Rejected, match="no route of b"):
        window.answered(IngestResponse(acknowledged_sequence=1, refusals=[refused]))


@pytest.mark.parametrize(
    ("field", "path"),
    [
        ('records[3].item.properties["a.b"]', 'properties["a.b"]'),
        ("records[12].event.impression[2]", "impression[2]"),
        ("records[3].event", ""),
        ("records[3]", ""),
    ],
)
def test_paths_begin_at_the_record(field: str, path: str) -> None:
    """Which record of the request it was says nothing to whoever reads the file."""
    violation = Violation(field=field, rule=Rule.RULE_CATEGORY, description="d")
    found = problems_of(Refusal(violations=[violation]))
    assert found == [Problem(path, "CATEGORY", "d")]


def test_rule_of_a_newer_gateway_is_shown_by_number() -> None:
    """A refusal is never lost because its reason is not known here."""
    unknown = Violation.FromString(b"\x10\xe7\x07")
    assert problems_of(Refusal(violations=[unknown])) == [Problem("", "RULE_999", "")]


def test_refusal_without_violations_keeps_its_message() -> None:
    """The message is the least that every refusal has."""
    refused = Refusal(reason=ErrorReason.ERROR_REASON_INVALID_FIELDS, message="something")
    assert problems_of(refused) == [Problem("", "INVALID_FIELDS", "something")]
