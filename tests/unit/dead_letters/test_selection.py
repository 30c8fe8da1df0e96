from typing import Any

import pytest

from gateway import api
from gateway.acceptance import InvalidRequest
from gateway.api import ListDeadLettersRequest, Rule
from gateway.dead_letters.selection import selected
from gateway.outbox.dead_letters import EVERY, DeadLetterFilter
from gateway.outbox.interface import DeadLetterReason
from gateway.records import Kind
from gateway.validation.validator import Validator


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ({}, EVERY),
        ({"dataset_group": "shop"}, DeadLetterFilter(dataset_group="shop")),
        ({"kind": "RECORD_KIND_ACTIONS"}, DeadLetterFilter(kind=Kind.ACTIONS)),
        (
            {"reason": "DEAD_LETTER_REASON_EXPIRED"},
            DeadLetterFilter(reason=DeadLetterReason.EXPIRED),
        ),
        ({"since": {"seconds": 5}}, DeadLetterFilter(since_ms=5000)),
        ({"since": {"nanos": 1}}, DeadLetterFilter(since_ms=1)),
        ({"since": {}}, DeadLetterFilter(since_ms=0)),
        ({"until": {"seconds": -1, "nanos": 999_000_000}}, DeadLetterFilter(until_ms=-1)),
        ({"until": {"seconds": 5, "nanos": 1_000_001}}, DeadLetterFilter(until_ms=5002)),
        ({"dead_letter_ids": ["b", "a"]}, DeadLetterFilter(ids=("b", "a"))),
    ],
)
def test_a_filter_chooses_what_it_says(
    chosen: dict[str, Any], expected: DeadLetterFilter, validator: Validator
) -> None:
    """What is unset chooses everything; a time between milliseconds is the next of them."""
    request = ListDeadLettersRequest(filter=chosen)
    assert selected(request, validator) == expected


def test_every_kind_and_reason_of_the_api_can_be_chosen(validator: Validator) -> None:
    """None of the API's values stands for everything by mistake."""
    for field, enum in (("kind", api.RecordKind), ("reason", api.DeadLetterReason)):
        found = [
            getattr(selected(ListDeadLettersRequest(filter={field: number}), validator), field)
            for number in enum.values()
        ]
        assert found[0] is None
        assert len(set(found)) == len(enum.values())


@pytest.mark.parametrize(
    ("request_", "violations"),
    [
        ({"page_size": -1}, [("page_size", Rule.RULE_RANGE)]),
        ({"page_size": 501}, [("page_size", Rule.RULE_RANGE)]),
        ({"filter": {"dataset_group": "no group"}}, [("filter.dataset_group", Rule.RULE_PATTERN)]),
        ({"filter": {"kind": 9}}, [("filter.kind", Rule.RULE_ENUM)]),
        ({"filter": {"dead_letter_ids": ["a", "a"]}}, None),
        (
            {"filter": {"since": {"nanos": -1}, "until": {"seconds": 1_790_000_000_000}}},
            [("filter.since", Rule.RULE_TIMESTAMP), ("filter.until", Rule.RULE_MILLISECONDS)],
        ),
    ],
)
def test_a_filter_that_cannot_be_meant_is_refused(
    request_: dict[str, Any], violations: list[tuple[str, Rule]] | None, validator: Validator
) -> None:
    """The path names the member of the filter."""
    expected = violations or [("filter.dead_letter_ids", Rule.RULE_UNIQUE)]
    with pytest.raises(InvalidRequest) as caught:
        selected(ListDeadLettersRequest(**request_), validator)
    assert [(one.field, one.rule) for one in caught.value.violations] == expected
