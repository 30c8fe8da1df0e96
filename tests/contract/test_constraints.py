"""Every constraint of botocore's models for what we offer, and what enforces it here.

The models are walked, so a botocore that states more, or other limits, fails these tests. What
enforces a constraint is named in `constraints.toml`; its value is read from the descriptor set. The
table in `docs/constraints.md` is made here: UPDATE_GOLDEN=1 in the environment writes it anew.
"""

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import botocore.session
import pytest
from botocore.model import ListShape, Shape, StructureShape
from google.protobuf import json_format, message_factory
from google.protobuf.descriptor import FieldDescriptor

from gateway.api import PACKAGE, POOL, Rule
from gateway.records import Kind
from gateway.rules import Action
from gateway.validation.annotations import rules_of
from gateway.validation.limits import PROPERTIES_MAX_CHARS
from gateway.validation.strictness import action
from gateway.validation.validator import Validator

HERE = Path(__file__).parent
DOCUMENT = HERE.parents[1] / "docs" / "constraints.md"

TABLE = tomllib.loads((HERE / "constraints.toml").read_text())
PATTERNS = {pattern["model"]: pattern for pattern in TABLE["pattern"]}

OPERATIONS = {
    "personalize-events": [
        *("PutEvents", "PutActionInteractions", "PutItems", "PutUsers", "PutActions")
    ],
    "personalize": [
        *("CreateEventTracker", "DescribeEventTracker", "ListEventTrackers", "DeleteEventTracker")
    ],
}

EVENT = {"session_id": "s", "event_type": "View", "event_time": "2026-01-01T00:00:00Z"}
GOOD: Mapping[str, Any] = {
    "Event": EVENT,
    "ActionInteraction": {**EVENT, "action_id": "a"},
    "Item": {"item_id": "i"},
    "User": {"user_id": "u"},
    "Action": {"action_id": "a"},
    "CreateEventTrackerRequest": {"dataset_group": "shop", "name": "shop"},
    "ListEventTrackersRequest": {"dataset_group": "shop"},
}
LISTS = {
    "Event": ("PutEventsRequest", "events", Kind.EVENTS),
    "ActionInteraction": (
        "PutActionInteractionsRequest",
        "action_interactions",
        Kind.ACTION_INTERACTIONS,
    ),
    "Item": ("PutItemsRequest", "items", Kind.ITEMS),
    "User": ("PutUsersRequest", "users", Kind.USERS),
    "Action": ("PutActionsRequest", "actions", Kind.ACTIONS),
}
"""The request, the list and the kind of each record."""


class Constraint(NamedTuple):
    """A constraint of a model: of `PutEvents.eventList[].eventId` (string) the max is 256."""

    member: str
    name: str
    value: Any
    type_name: str


class Enforcement(NamedTuple):
    """What enforces it: `string.max_len` of `Event.event_id` is 256, else RULE_MAX_LENGTH."""

    field: str
    name: str
    value: Any
    rule: Rule


ANNOTATIONS: Mapping[tuple[str, str], tuple[str, Rule]] = {
    ("string", "required"): ("required", Rule.RULE_REQUIRED),
    ("string", "min"): ("string.min_len", Rule.RULE_MIN_LENGTH),
    ("string", "max"): ("string.max_len", Rule.RULE_MAX_LENGTH),
    ("string", "pattern"): ("string.pattern", Rule.RULE_PATTERN),
    ("timestamp", "required"): ("required", Rule.RULE_REQUIRED),
    ("list", "required"): ("repeated.min_items", Rule.RULE_MIN_ITEMS),
    ("list", "min"): ("repeated.min_items", Rule.RULE_MIN_ITEMS),
    ("list", "max"): ("repeated.max_items", Rule.RULE_MAX_ITEMS),
    ("map", "max"): ("map.max_pairs", Rule.RULE_MAX_ITEMS),
    ("integer", "max"): ("int32.lte", Rule.RULE_RANGE),
}
"""The annotation that states a constraint on a type, and the rule that is broken with it."""


def constraints_of(path: str, shape: Shape | None) -> Iterator[Constraint]:
    """Yield the constraints of a shape and of all below it."""
    assert shape is not None
    for name in ("min", "max", "pattern", "enum"):
        if name in shape.metadata:
            yield Constraint(path, name, shape.metadata[name], shape.type_name)
    if isinstance(shape, ListShape):
        yield from constraints_of(f"{path}[]", shape.member)
    if isinstance(shape, StructureShape):
        for name, member in shape.members.items():
            if name in shape.required_members:
                yield Constraint(f"{path}.{name}", "required", True, member.type_name)  # noqa: FBT003 - a record
            yield from constraints_of(f"{path}.{name}", member)


def all_constraints() -> Iterator[Constraint]:
    """Yield every constraint on the inputs of the operations."""
    session = botocore.session.get_session()
    for service, operations in OPERATIONS.items():
        model = session.get_service_model(service)
        for operation in operations:
            yield from constraints_of(operation, model.operation_model(operation).input_shape)


def enforcement(constraint: Constraint) -> Enforcement | str:
    """Return the annotation or limit that enforces a constraint, or in words what sees to it."""
    for pattern, words in TABLE["elsewhere"].items():
        if re.fullmatch(pattern, f"{constraint.member} {constraint.name}"):
            return str(words)
    if field := TABLE["properties"].get(constraint.member):
        limit = PROPERTIES_MAX_CHARS[LISTS[field.partition(".")[0]][2]]
        return Enforcement(field, "PROPERTIES_MAX_CHARS", limit, Rule.RULE_PROPERTIES_LENGTH)
    return annotation(TABLE["annotated"][constraint.member], constraint)


def annotation(field: str, constraint: Constraint) -> Enforcement:
    """Read the annotation of a field that states a constraint."""
    _, descriptor, part = located(field)
    type_name = "map" if part is None and is_map(descriptor) else constraint.type_name
    name, rule = ANNOTATIONS[type_name, constraint.name]
    if rule == Rule.RULE_MIN_LENGTH and not (descriptor.has_presence or descriptor.is_repeated):
        rule = Rule.RULE_REQUIRED  # without presence an empty string is one that is unset
    rules = rules_of(descriptor)
    parts = {"[]": rules.repeated.items, "{key}": rules.map.keys, "{value}": rules.map.values}
    value: Any = parts.get(part or "", rules)
    for step in name.split("."):
        value = getattr(value, step)
    return Enforcement(field, name, value, rule)


def located(field: str) -> tuple[str, FieldDescriptor, str | None]:
    """Find a field of the table: its message, itself, and the part that is meant, if not all."""
    match = re.fullmatch(r"((\w+)\.\w+)(\W\w*\W)?", field)
    assert match is not None
    return match[2], POOL.FindFieldByName(f"{PACKAGE}.{match[1]}"), match[3]


def is_map(descriptor: FieldDescriptor) -> bool:
    """Return whether a field is a map."""
    return descriptor.message_type is not None and descriptor.message_type.GetOptions().map_entry


CONSTRAINTS = list(all_constraints())
ENFORCED = [(c, by) for c in CONSTRAINTS if isinstance(by := enforcement(c), Enforcement)]


def test_no_entry_of_the_table_is_stale() -> None:
    """What the table names is in the models."""
    members = {constraint.member for constraint in CONSTRAINTS}
    assert set(TABLE["annotated"]) | set(TABLE["properties"]) <= members
    stated = [f"{c.member} {c.name}" for c in CONSTRAINTS]
    unused = [p for p in TABLE["elsewhere"] if not any(re.fullmatch(p, c) for c in stated)]
    assert unused == []
    assert set(PATTERNS) <= {c.value for c in CONSTRAINTS if c.name == "pattern"}


@pytest.mark.parametrize(("constraint", "by"), ENFORCED, ids=str)
def test_the_limit_is_that_of_the_model(constraint: Constraint, by: Enforcement) -> None:
    """An annotation states the value of the model; patterns in protovalidate's syntax."""
    expected = constraint.value
    if constraint.name == "pattern":
        expected = PATTERNS[constraint.value]["ours"]
    if by.name == "repeated.min_items":
        expected = 1
    assert by.value == expected


@pytest.mark.parametrize(("constraint", "by"), ENFORCED, ids=str)
def test_the_limit_holds(constraint: Constraint, by: Enforcement) -> None:
    """A value at the limit passes, and one beyond it breaks the rule and no other."""
    good, bad = samples(constraint, by)
    assert [broken(by.field, value) for value in good] == [[]] * len(good)
    assert [broken(by.field, value) for value in bad] == [[Rule.Name(by.rule)]] * len(bad)


UNSET = object()


def samples(constraint: Constraint, by: Enforcement) -> tuple[list[Any], list[Any]]:
    """Return values that must pass and values that must not; numbers stand for lengths of lists."""
    limit = by.value
    if by.name == "required":
        return [], [UNSET]
    if by.name == "string.pattern":
        pattern = PATTERNS[constraint.value]
        return pattern["good"], pattern["bad"]
    if by.name == "PROPERTIES_MAX_CHARS":
        return [{"a": "😀" * (limit - 8)}], [{"a": "😀" * (limit - 7)}]
    step = -1 if by.name in {"string.min_len", "repeated.min_items"} else 1
    if by.name.startswith("string."):
        patterned = any(c.name == "pattern" and other.field == by.field for c, other in ENFORCED)
        character = "a" if patterned else "😀"
        return [character * limit], [character * (limit + step)]
    return [limit], [limit + step]


VALIDATOR = Validator()


def broken(field: str, value: Any) -> list[str]:
    """Name the rules that refuse a request which is good but for the value of one field."""
    name, descriptor, part = located(field)
    message = json_format.ParseDict(GOOD.get(name, {}), message_of(name))
    message.ClearField(descriptor.name)
    if value is not UNSET:
        json_format.ParseDict({descriptor.name: field_value(descriptor, part, value)}, message)
    if name in LISTS:
        request_name, list_name, _ = LISTS[name]
        request = message_of(request_name)
        getattr(request, list_name).append(message)
        message = request
    rules = [violation.rule for violation in VALIDATOR.violations(message)]
    return [Rule.Name(rule) for rule in rules if action(rule, {}) is Action.REFUSE]


def field_value(descriptor: FieldDescriptor, part: str | None, value: Any) -> Any:
    """Return the JSON form of a field that has a value, or so many entries, or an entry of it."""
    if part is not None:
        return {"[]": [value], "{key}": {value: "x"}, "{value}": {"x": value}}[part]
    if not descriptor.is_repeated:
        return value
    if descriptor.message_type is None:
        return ["x"] * value
    if is_map(descriptor):
        return {str(number): "x" for number in range(value)}
    return [GOOD[descriptor.message_type.name]] * value


def message_of(name: str) -> Any:
    """Make an empty message."""
    return message_factory.GetMessageClass(POOL.FindMessageTypeByName(f"{PACKAGE}.{name}"))()


INTRODUCTION = """\
# Constraints of Amazon Personalize, and what enforces them

Every constraint that the service models of botocore (`personalize-events/2018-03-22` and
`personalize/2018-05-22`) state for the operations that the gateway uses. An annotation stands in
the protos, at the field that is named; a request that breaks it is refused with the rule. What is
checked beyond the models is in [validation.md](validation.md).

This page is made by `tests/contract/test_constraints.py`, which also tries each limit. To write it
anew: `UPDATE_GOLDEN=1 pytest tests/contract/test_constraints.py`.

| member | constraint | enforced by | rule |
|---|---|---|---|
"""


def document() -> str:
    """Return the page that shows every constraint."""
    rows = []
    for constraint in CONSTRAINTS:
        by = enforcement(constraint)
        value = "" if constraint.name == "required" else f" `{constraint.value}`"
        cells = [f"`{constraint.member}`", f"{constraint.name}{value}"]
        if isinstance(by, str):
            cells += [by, ""]
        else:
            stated = "" if by.name == "required" else f" = `{by.value}`"
            cells += [f"`{by.field}`: {by.name}{stated}", f"`{Rule.Name(by.rule)}`"]
        rows.append(f"| {' | '.join(cells)} |\n")
    return INTRODUCTION + "".join(rows)


def test_the_page_is_up_to_date() -> None:
    """The table in the docs is what the models and the annotations say."""
    if os.environ.get("UPDATE_GOLDEN"):
        DOCUMENT.write_text(document())
    assert DOCUMENT.read_text() == document()
