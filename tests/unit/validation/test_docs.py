import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from google.protobuf import json_format
from google.protobuf.message import Message

from gateway.api import Event, PutEventsRequest, Rule

PAGE = Path(__file__).parents[3] / "docs" / "validation.md"

ROWS = re.findall(r"^\| `(RULE_\w+)` \|(.*)\|$", PAGE.read_text(), re.MULTILINE)
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
    assert len(EXAMPLES) == 14


@pytest.mark.parametrize(("rule", "example"), EXAMPLES)
def test_an_example_breaks_its_rule(
    rule: str,
    example: str,
    good_event: Callable[..., Event],
    broken: Callable[[Message], list[tuple[str, str, int | None]]],
) -> None:
    """An event that is good but for the example breaks the rule and no other."""
    event = good_event()
    for name, value in json.loads(example).items():
        (field,) = [f.name for f in Event.DESCRIPTOR.fields if f.json_name == name]
        event.ClearField(field)
        json_format.ParseDict({name: value}, event)
    found = broken(PutEventsRequest(events=[event]))
    assert [f"RULE_{name}" for _, name, _ in found] == [rule]
