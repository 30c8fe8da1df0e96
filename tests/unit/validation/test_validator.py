from collections.abc import Callable
from typing import Any

import pytest
from google.protobuf import json_format
from google.protobuf.message import DecodeError, Message
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.api import (
    Action,
    ActionInteraction,
    Event,
    IngestBatchRequest,
    IngestRecord,
    IngestRequest,
    Item,
    PutActionInteractionsRequest,
    PutActionsRequest,
    PutEventsRequest,
    PutItemsRequest,
    PutUsersRequest,
    Rule,
    User,
)
from gateway.validation.validator import Validator
from gateway.validation.violation import Violation

Broken = Callable[[Message], list[tuple[str, str, int | None]]]
GoodEvent = Callable[..., Event]

LATER = {
    "UNSPECIFIED",
    "LONE_SURROGATE",  # no protobuf string can hold one; see the test of it
    "UNIQUE",  # of dead letter IDs
    *("UNKNOWN_FIELD", "JSON"),  # of JSON bodies
    # Those that need a schema, and those of action interactions and of what was sent before.
    *("UNKNOWN_PROPERTY", "MISSING_PROPERTY", "PROPERTY_TYPE", "PROPERTY_RANGE"),
    *("CATEGORY_LENGTH", "EVENT_TYPES", "ATTRIBUTION_SOURCES", "IGNORED_IMPRESSION"),
    "TRACKER_NOT_ACTIVE",
}

CASES: dict[str, dict[str, Any]] = {
    "REQUIRED": {"session_id": ""},
    "MIN_LENGTH": {"user_id": ""},
    "MAX_LENGTH": {"user_id": "x" * 257},
    "PATTERN": {"event_attribution_source": "é"},
    "MAX_ITEMS": {"impression": ["x"] * 26},
    "RANGE": {"event_time": {"seconds": 0}},
    "FINITE": {"event_value": float("nan")},
    "PLACEHOLDER_ID": {"user_id": "null"},
    "CONTROL_CHARACTER": {"user_id": "a\x7f"},
    "TIMESTAMP": {"event_time": {"seconds": 5, "nanos": -1}},
    "MILLISECONDS": {"event_time": {"seconds": 1787462253000}},
    "RESERVED_PROPERTY": {"properties": {"timestamp": 1}},
    "PROPERTY_KEY": {"properties": {"": 1}},
    "NULL_PROPERTY": {"properties": {"a": None}},
    "NESTED_PROPERTY": {"properties": {"a": {}}},
    "CATEGORY": {"properties": {"a": [""]}},
    "PRECISION": {"properties": {"a": 2**60}},
    "PROPERTIES_LENGTH": {"properties": {"a": "x" * 1024}},
    "RECORD_SIZE": {"impression": ["é" * 256] * 25},
    "DUPLICATE_PROPERTY": {"properties": {"a": 1, "A": 1}},
    "METADATA_COLUMNS": {"properties": dict.fromkeys("abcdef", 1)},
}


@pytest.mark.parametrize("rule", CASES)
def test_every_rule_of_a_record_is_found_wherever_the_record_is(
    rule: str, good_event: GoodEvent, broken: Broken
) -> None:
    """A record breaks the same rule, once, in a put request and in both ingest requests."""
    good, bad = good_event(), good_event()
    for field, value in CASES[rule].items():
        bad.ClearField(field)
        bad.MergeFrom(Event(**{field: value}))
    ingested = [IngestRecord(event=good), IngestRecord(event=bad)]
    for request, path in (
        (PutEventsRequest(events=[good, bad]), "events[1]"),
        (IngestRequest(sequence=1, records=ingested), "records[1].event"),
        (IngestBatchRequest(records=ingested), "records[1].event"),
    ):
        ((field, found, index),) = broken(request)
        assert (found, index) == (rule, 1)
        assert field == path or field.startswith(f"{path}.{next(iter(CASES[rule]))}")


def test_every_rule_of_a_request_is_found(good_event: GoodEvent, broken: Broken) -> None:
    """What is wrong with the request itself is no record's fault; a record of no kind is one."""
    event = good_event()
    unknown_level = PutEventsRequest(events=[event], ack_level=9)  # type: ignore[arg-type]  # the point of it
    assert broken(unknown_level) == [("ack_level", "ENUM", None)]
    assert broken(PutItemsRequest()) == [("items", "MIN_ITEMS", None)]
    assert broken(PutEventsRequest(events=[event] * 501)) == [("events", "MAX_ITEMS", None)]
    assert broken(IngestRequest(dataset_group="-", records=[IngestRecord()])) == [
        ("sequence", "RANGE", None),
        ("records[0].kind", "KIND", 0),
        ("dataset_group", "PATTERN", None),
    ]


def test_no_rule_is_without_a_case() -> None:
    """Each value of the enum is found by a case here, or belongs to a later stage."""
    of_requests = {"ENUM", "MIN_ITEMS", "KIND"}
    names = {name.removeprefix("RULE_") for name in Rule.keys()}  # noqa: SIM118 - no dict
    assert names == {*CASES, *of_requests, *LATER}


def test_all_violations_come_at_once_the_first_of_each_record_first(
    good_event: GoodEvent, validator: Validator
) -> None:
    """A whole answer, with paths, rules, descriptions and indices."""
    bad = Event(user_id=" NULL", event_value=1e39, properties={"USER_ID": "x", "n": None})
    request = PutEventsRequest(dataset_group="a b", events=[bad, good_event(), Event()])
    nothing = "must be set"
    assert validator.violations(request) == [
        Violation(
            "dataset_group",
            Rule.RULE_PATTERN,
            "must have only letters, digits, hyphens and underscores, the first a letter or digit",
            None,
        ),
        Violation("events[0].session_id", Rule.RULE_REQUIRED, nothing, 0),
        Violation("events[2].session_id", Rule.RULE_REQUIRED, nothing, 2),
        Violation("events[0].event_type", Rule.RULE_REQUIRED, nothing, 0),
        Violation("events[2].event_type", Rule.RULE_REQUIRED, nothing, 2),
        Violation("events[0].event_time", Rule.RULE_REQUIRED, nothing, 0),
        Violation("events[2].event_time", Rule.RULE_REQUIRED, nothing, 2),
        Violation(
            "events[0].event_value",
            Rule.RULE_RANGE,
            "must be in the range of a 32-bit float, ±3.4028235e38",
            0,
        ),
        Violation(
            "events[0].user_id",
            Rule.RULE_PLACEHOLDER_ID,
            "is a word for nothing, or white space: send the ID, or leave the field unset where it"
            " is optional",
            0,
        ),
        Violation(
            'events[0].properties["USER_ID"]',
            Rule.RULE_RESERVED_PROPERTY,
            "the key is reserved by Personalize: set the field `user_id` instead",
            0,
        ),
        Violation(
            'events[0].properties["n"]', Rule.RULE_NULL_PROPERTY, "is null: leave the key out", 0
        ),
    ]


@pytest.mark.parametrize(
    "request_",
    [
        PutActionInteractionsRequest(action_interactions=[ActionInteraction()]),
        PutItemsRequest(items=[Item()]),
        PutUsersRequest(users=[User()]),
        PutActionsRequest(actions=[Action()]),
        IngestRequest(sequence=1, records=[IngestRecord(item=Item())]),
        IngestBatchRequest(records=[IngestRecord(user=User())]),
    ],
    ids=lambda request: request.DESCRIPTOR.name,
)
def test_an_empty_record_lacks_all_that_is_required(request_: Message, broken: Broken) -> None:
    """A record that is there but empty is refused for each field that it must have."""
    ((_, (record, *_)),) = [(f, v) for f, v in request_.ListFields() if f.is_repeated]
    missing = {field for field, rule, index in broken(request_) if (rule, index) == ("REQUIRED", 0)}
    assert len(missing) == len(broken(request_)) == (4 if "ActionInter" in str(type(record)) else 1)


@pytest.mark.parametrize(
    "request_",
    [
        PutItemsRequest(items=[Item(item_id="i", properties={"timestamp": 1})]),
        PutUsersRequest(users=[User(user_id="u", properties={"userId": "x"})]),
        PutActionsRequest(actions=[Action(action_id="a")]),
        PutActionInteractionsRequest(
            dataset_group="shop",
            action_interactions=[
                ActionInteraction(
                    session_id="s",
                    event_type="Taken",
                    event_time={"seconds": 1},
                    action_id="a",
                )
            ],
        ),
        IngestBatchRequest(records=[IngestRecord(user=User(user_id="u" * 256))]),
    ],
    ids=lambda request: request.DESCRIPTOR.name,
)
def test_a_good_request_has_no_violation(request_: Message, broken: Broken) -> None:
    """Records of every kind pass."""
    assert broken(request_) == []


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"event_value": float("inf")}, [("events[0].event_value", "FINITE", 0)]),
        (
            {"event_time": {"seconds": -(2**63)}},
            [("events[0].event_time", "TIMESTAMP", 0)],
        ),
        ({"event_time": {"seconds": -1}}, [("events[0].event_time", "RANGE", 0)]),
        ({"user_id": ""}, [("events[0].user_id", "MIN_LENGTH", 0)]),
        ({"impression": ["", "a"]}, [("events[0].impression[0]", "MIN_LENGTH", 0)]),
    ],
)
def test_one_fault_is_reported_once(
    fields: dict[str, Any], expected: list[Any], good_event: GoodEvent, broken: Broken
) -> None:
    """Where two rules say the same of a field, the one that says more is reported."""
    event = good_event()
    event.ClearField("event_time")
    event.event_time.seconds = 1787462253
    for field, value in fields.items():
        event.ClearField(field)
        event.MergeFrom(Event(**{field: value}))
    assert broken(PutEventsRequest(events=[event])) == expected


def test_a_request_without_end_has_violations_with_an_end(broken: Broken) -> None:
    """Half a million empty records are judged up to the first too many, and stay as they are."""
    request = PutEventsRequest.FromString(b"\x12\x00" * 500_000)
    found = broken(request)
    assert found[0] == ("events", "MAX_ITEMS", None)
    assert {index for _, _, index in found[1:]} == set(range(501))
    assert (len(found), len(request.events)) == (1 + 3 * 501, 500_000)


def test_an_impression_without_end_has_violations_with_an_end(
    good_event: GoodEvent, broken: Broken
) -> None:
    """A list within a record is cut as well."""
    found = broken(PutEventsRequest(events=[good_event(impression=["null"] * 500_000)]))
    assert found[0] == ("events[0].impression", "MAX_ITEMS", 0)
    assert found[1:] == [(f"events[0].impression[{n}]", "PLACEHOLDER_ID", 0) for n in range(26)]


def test_no_protobuf_string_holds_half_a_surrogate_pair() -> None:
    """There is nothing to check: neither a setter, nor the wire, nor JSON lets one in."""
    half = "\ud800"
    event = Event()
    with pytest.raises(UnicodeEncodeError):
        event.session_id = half
    with pytest.raises(UnicodeEncodeError):
        event.impression.append(half)
    with pytest.raises(UnicodeEncodeError):
        event.properties.update({half: 1})
    with pytest.raises(UnicodeEncodeError):
        event.properties.update({"a": half})
    half_wire = half.encode("utf-8", "surrogatepass")
    for before in (b"\x0a\x03", b"\x4a\x03", b"\x5a\x07\x0a\x05\x0a\x03"):
        with pytest.raises(DecodeError):
            Event.FromString(before + half_wire)
    with pytest.raises(json_format.ParseError):
        json_format.Parse('{"sessionId": "\\ud800"}', event)


VALIDATOR = Validator()

SENT = "ZZsentZZ"
SENT_TEXT = st.sampled_from([SENT, "", "null", f"{SENT}\0", SENT * 40, f"{SENT}|é", f" {SENT}\n"])
SENT_VALUE = st.recursive(
    SENT_TEXT | st.none() | st.booleans() | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.just("k"), inner, max_size=1),
    max_leaves=5,
)
SENT_EVENTS = st.builds(
    Event,
    session_id=SENT_TEXT,
    user_id=SENT_TEXT,
    event_id=SENT_TEXT,
    event_type=SENT_TEXT,
    event_time=st.fixed_dictionaries(
        {"seconds": st.integers(-(2**63), 2**63 - 1), "nanos": st.integers(-(2**31), 2**31 - 1)}
    ),
    item_id=SENT_TEXT,
    event_value=st.floats(),
    recommendation_id=SENT_TEXT,
    impression=st.lists(SENT_TEXT, max_size=30),
    event_attribution_source=SENT_TEXT,
    properties=st.dictionaries(st.sampled_from(["a", "A", "userId"]), SENT_VALUE),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(SENT_EVENTS, min_size=1, max_size=3))
def test_no_violation_holds_a_value_that_was_sent(events: list[Event]) -> None:
    """Neither paths nor descriptions quote an ID, a time or a property."""
    request = PutEventsRequest(events=events, dataset_group=f"{SENT} ")
    found = VALIDATOR.violations(request)
    assert len(found) >= 1
    for violation in found:
        assert SENT not in violation.field + violation.description
        assert Rule.Name(violation.rule) != "RULE_UNSPECIFIED"
    assert all(
        str(event.event_time.seconds) not in v.description
        for event in events
        for v in found
        if abs(event.event_time.seconds) > 10**6
    )
