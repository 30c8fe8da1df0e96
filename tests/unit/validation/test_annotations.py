from collections.abc import Iterator
from typing import Any

import pytest
from google.protobuf import message_factory
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from gateway import api
from gateway.api import PACKAGE, POOL, Rule
from gateway.validation.annotations import _RULES, FORMS, Annotations, rules_of, shortened
from gateway.validation.violation import Violation

CreateEventTrackerRequest: Any = message_factory.GetMessageClass(
    POOL.FindMessageTypeByName(f"{PACKAGE}.CreateEventTrackerRequest")
)

SERVICES = ["event", "catalog", "ingest", "json", "tracker", "route", "dead_letter"]


def annotated_fields() -> Iterator[FieldDescriptor]:
    """Yield every field of every message of the package."""
    for service in SERVICES:
        file = POOL.FindFileByName(f"{PACKAGE.replace('.', '/')}/{service}_service.proto")
        messages = [*file.message_types_by_name.values()]
        for imported in file.dependencies:
            if imported.package == PACKAGE:
                messages.extend(imported.message_types_by_name.values())
        for message in messages:
            yield from message.fields


def rule_ids(rules: Message) -> Iterator[str]:
    """Yield the rule IDs by which protovalidate reports a field's rules."""
    if rules.required:  # type: ignore[attr-defined]  # a class that exists at run time only
        yield "required"
    for kind, typed in rules.ListFields():
        if kind.name in {"required", "ignore"}:
            continue
        for rule, value in typed.ListFields():
            if rule.name in {"items", "keys", "values"}:
                yield from rule_ids(value)
            elif rule.name != "lte":  # reported together with gte
                both = rule.name == "gte" and "lte" in {each.name for each, _ in typed.ListFields()}
                yield f"{kind.name}.{'gte_lte' if both else rule.name}"


def test_every_annotation_has_a_rule_of_ours() -> None:
    """No annotation in the protos is one that could not be reported."""
    stated = {rule_id for field in annotated_fields() for rule_id in rule_ids(rules_of(field))}
    assert stated == set(_RULES)


def test_every_pattern_is_put_into_words() -> None:
    """No caller is shown a regular expression, and no words are left of a pattern that is gone."""
    patterns = set()
    for field in annotated_fields():
        rules = rules_of(field)
        for strings in (rules.string, rules.map.keys.string, rules.map.values.string):
            patterns.add(strings.pattern)
    assert patterns - {""} == set(FORMS)


def test_a_float_range_is_said_of_event_value_only() -> None:
    """The description of `double.gte_lte` speaks of a 32-bit float."""
    ranges = {f.full_name: rules_of(f).double for f in annotated_fields()}
    stated = {name: double.lte for name, double in ranges.items() if double.HasField("gte")}
    assert stated == {f"{PACKAGE}.Event.event_value": pytest.approx(3.4028235e38)}


def test_keys_of_a_map_stand_in_the_path() -> None:
    """Requests without records are judged too; what was sent as a key is cut and escaped."""
    request = CreateEventTrackerRequest(dataset_group="shop", name="-", tags={"a\tb": "\n"})
    assert Annotations().violations(request, None) == [
        Violation(
            "name",
            Rule.RULE_PATTERN,
            "must have only letters, digits, hyphens and underscores, the first a letter or digit",
            None,
        ),
        Violation(
            'tags["a\\tb"]',
            Rule.RULE_PATTERN,
            "must have only letters, digits, spaces and _.:/=+-@",
            None,
        ),
        Violation(
            'tags["a\\tb"]',
            Rule.RULE_PATTERN,
            "must have only letters, digits, spaces and _.:/=+-@",
            None,
        ),
    ]


def test_a_shortened_message_is_the_same_where_nothing_is_too_long() -> None:
    """Every kind of field is copied as it is."""
    ingest = api.IngestRequest(sequence=3, dataset_group="shop")
    ingest.records.add().event.SetInParent()
    ingest.records.add()
    event = ingest.records.add().event
    event.MergeFrom(api.Event(user_id="", event_value=0.0, impression=["a", ""]))
    event.properties.update({"a": [1, {"b": None}]})
    event.event_time.nanos = -1
    tracker = CreateEventTrackerRequest(name="n", tags={"a": "b"})
    unknown = api.PutEventsRequest(ack_level=9)  # type: ignore[arg-type]  # the point of it
    for message in (ingest, tracker, unknown):
        assert shortened(message) == message


def test_lists_and_maps_are_shortened_to_one_entry_too_many() -> None:
    """What is cut breaks the same rule of the list; the message that was given stays as it is."""
    request = api.PutEventsRequest(events=[api.Event(impression=["a"] * 30)] * 600)
    short = shortened(request)
    assert isinstance(short, api.PutEventsRequest)
    assert {len(event.impression) for event in short.events} == {26}
    assert (len(short.events), len(request.events)) == (501, 600)
    tracker = CreateEventTrackerRequest(tags={str(n): "" for n in range(300)})
    short = shortened(tracker)
    assert isinstance(short, CreateEventTrackerRequest)
    assert len(short.tags) == 201
