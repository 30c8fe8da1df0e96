import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from google.protobuf import json_format

from gateway.api import Event, PutEventsRequest, Rule
from gateway.dataset_schema import DatasetSchema
from gateway.records import Kind
from gateway.rules import COUNT_ONLY, DEFAULTS, Action
from gateway.validation.expected_columns import ExpectedColumns
from gateway.validation.validator import Validator

PAGE = Path(__file__).parents[3] / "docs" / "validation.md"

TEXT = PAGE.read_text()
ROWS = re.findall(r"^\| `(RULE_\w+)` \|(.*)\|$", TEXT, re.MULTILINE)
(SCHEMA,) = re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)
EXPECTED = {Kind.EVENTS: ExpectedColumns(Kind.EVENTS, DatasetSchema.parse(SCHEMA))}
WITH_SCHEMA = {
    *("RULE_UNKNOWN_PROPERTY", "RULE_MISSING_PROPERTY"),
    *("RULE_PROPERTY_TYPE", "RULE_PROPERTY_RANGE"),
}
EXAMPLES = [
    (rule, example.replace(r"\|", "|"))
    for rule, cells in ROWS
    for example in re.findall(r" `(\{.+?\})` ", cells)
    if json.loads(example.replace(r"\|", "|"))
]


def test_every_rule_is_explained() -> None:
    """The table has a row for each value of the enum, in its order."""
    names = [name for name in Rule.keys() if name != "RULE_UNSPECIFIED"]  # noqa: SIM118 - no dict
    assert [rule for rule, _ in ROWS] == names


def test_most_rules_have_an_example_that_can_be_tried() -> None:
    """The examples are found, so that the next test is not empty."""
    assert len(EXAMPLES) == 19
    assert {rule for rule, _ in EXAMPLES} >= WITH_SCHEMA


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_an_example_breaks_its_rule(
    rule: str, example: str, good_event: Callable[..., Event], validator: Validator
) -> None:
    """An event that is good but for the example breaks the rule and no other."""
    event = good_event(item_id="i")
    for name, value in json.loads(example).items():
        (field,) = [f.name for f in Event.DESCRIPTOR.fields if f.json_name == name]
        event.ClearField(field)
        json_format.ParseDict({name: value}, event)
    expected = EXPECTED if rule in WITH_SCHEMA else {}
    found = validator.violations(PutEventsRequest(events=[event]), expected)
    assert [Rule.Name(violation.rule) for violation in found] == [rule]


def test_what_may_be_set_stands_beside_what_it_does() -> None:
    """The table of strictness has each rule once, with what it does where nothing is set."""
    rows = re.findall(r"^\| (`[A-Z_]+`(?:, `[A-Z_]+`)*) \| (\w+)(, always)? \|", TEXT, re.MULTILINE)
    found = {
        name: (Action(default), bool(always))
        for names, default, always in rows
        for name in re.findall(r"\w+", names)
    }
    assert found == {name: (default, name in COUNT_ONLY) for name, default in DEFAULTS.items()}
