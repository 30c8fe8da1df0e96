"""What the fast pass takes is what the rules find nothing in, and it makes the same of it."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from google.protobuf.message import Message
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway import api
from gateway.api import (
    CreateEventTrackerRequest,
    Event,
    IngestBatchRequest,
    IngestRecord,
    Item,
    User,
)
from gateway.dataset_schema import DatasetSchema
from gateway.encoding.element import KINDS, MESSAGE_TYPES, RecordMessage, encode, unwrap
from gateway.encoding.event_id import EventIds, derived_event_id
from gateway.records import Kind, Record
from gateway.validation.conditions import AnnotationUnknown, condition, message_condition
from gateway.validation.expected_columns import ExpectedColumns
from gateway.validation.fast_pass import FastPass
from gateway.validation.fast_source import source
from gateway.validation.validator import Validator
from tests.conformance.case import cases
from tests.support.records_of import nearly_ordinary, ordinary
from tests.support.schemas import avro, fields, optional, properties_of

IDS = EventIds("caller", "shop")
VALIDATOR = Validator()

_MEMBERS = {kind: member for member, kind in KINDS.items()}


def violations(message: RecordMessage, kind: Kind, expected: ExpectedColumns | None) -> list[Any]:
    """Return what all rules find."""
    record = IngestRecord(**{_MEMBERS[kind]: message})  # type: ignore[arg-type]  # of its kind
    known = {} if expected is None else {kind: expected}
    return VALIDATOR.violations(IngestBatchRequest(records=[record]), known)


def carefully(message: RecordMessage, kind: Kind, expected: ExpectedColumns | None) -> Record:
    """Return a record as careful encoding makes it."""
    schema = None if expected is None else expected.schema
    return encode(kind, message, IDS.of(message), schema)


def agree(
    fast_pass: FastPass, kind: Kind, expected: ExpectedColumns | None, message: RecordMessage
) -> bool:
    """Hold the fast pass against the rules; return whether it took the record."""
    # Once as it was before, once when it has met such a record.
    before = fast_pass.encoded([message], IDS)
    found = violations(message, kind, expected)
    if not found:
        fast_pass.learn(message)
    for taken in (before, fast_pass.encoded([message], IDS)):
        if taken is not None:
            assert not found
            assert taken == [carefully(message, kind, expected)]
    return taken is not None


@pytest.mark.parametrize("kind", Kind)
def test_there_is_one_for_each_kind(kind: Kind) -> None:
    """All its annotations and fields are understood."""
    assert "def encoded(" in source(kind, None, {})


@pytest.mark.parametrize("kind", Kind)
def test_what_is_ordinary_is_taken(kind: Kind) -> None:
    """Once its keys are known; otherwise all would be right, but slow."""
    fast_pass = FastPass(kind)

    @settings(deadline=None)
    @given(ordinary(kind))
    def check(message: RecordMessage) -> None:
        doubtful = getattr(message, "impression", ()) or _has_rare_texts(message)
        assert agree(fast_pass, kind, None, message) or doubtful

    check()


def _has_rare_texts(message: RecordMessage) -> bool:
    """Tell whether texts are escaped in JSON, or have a space beside a bar."""
    values = [value.string_value for value in message.properties.fields.values()]
    names = [value for _, value in message.ListFields() if isinstance(value, str)]
    return bool(re.search(r'["\\]', "".join(values)) or re.search(r" \||\| ", "|".join(names)))


@pytest.mark.parametrize("kind", Kind)
def test_what_is_nearly_ordinary_is_taken_only_if_no_rule_is_broken(kind: Kind) -> None:
    """Where nothing is known of the dataset."""
    fast_pass = FastPass(kind)

    @settings(deadline=None, max_examples=400)
    @given(nearly_ordinary(kind))
    def check(message: RecordMessage) -> None:
        agree(fast_pass, kind, None, message)

    check()


@settings(deadline=None, max_examples=300)
@given(st.data(), st.sampled_from(Kind), fields())
def test_the_schema_counts(data: st.DataObject, kind: Kind, columns: list[dict[str, Any]]) -> None:
    """Whatever the dataset is."""
    expected = ExpectedColumns(kind, DatasetSchema.parse(avro(optional("ANY", "string"), *columns)))
    fast_pass = FastPass(kind, expected)
    for _ in range(3):
        message = data.draw(nearly_ordinary(kind))
        if data.draw(st.booleans()):
            message.properties.Clear()
            message.properties.update(data.draw(properties_of(columns)))
        agree(fast_pass, kind, expected, message)


@settings(deadline=None)
@given(st.lists(nearly_ordinary(Kind.EVENTS), max_size=4))
def test_several_are_taken_together_or_not_at_all(messages: list[RecordMessage]) -> None:
    """One that is doubtful is enough."""
    fast_pass = FastPass(Kind.EVENTS)
    for message in messages:
        agree(fast_pass, Kind.EVENTS, None, message)
    each = [fast_pass.encoded([message], IDS) for message in messages]
    together = fast_pass.encoded(messages, IDS)
    assert together == (None if None in each else [one[0] for one in each if one])


def _expected_of_a_shop() -> Mapping[Kind, ExpectedColumns]:
    interactions = DatasetSchema.parse(
        avro(
            *("USER_ID", "ITEM_ID", "EVENT_TYPE"),
            {"name": "TIMESTAMP", "type": "long"},
            optional("EVENT_VALUE", "float"),
            optional("IMPRESSION", "string"),
            optional("DISCOUNT", "string", categorical=True),
            optional("QUANTITY", "int"),
            optional("PROMOTED", "boolean"),
            optional("SHARE", "double"),
        )
    )
    return {Kind.EVENTS: ExpectedColumns(Kind.EVENTS, interactions)}


KIND_OF = {message_type: kind for kind, message_type in MESSAGE_TYPES.items()}
SHOP = _expected_of_a_shop()


@pytest.mark.parametrize("expected", [None, SHOP[Kind.EVENTS]])
def test_an_event_with_everything_is_taken(expected: ExpectedColumns | None) -> None:
    """And its ID, where it is derived, is that of careful derivation."""
    event = Event(
        session_id="5f3c9b1e-7a1d-4c7e-9a54-000000000001",
        user_id="Zoë Müller",
        event_type="Add To Cart",
        event_time={"seconds": 1787462253, "nanos": 5},
        item_id="日本-1",
        event_value=12.5,
        recommendation_id="RID-1",
        impression=["a", "b"],
        event_attribution_source="mail shot",
        properties={"discount": ["a", "b"], "QUANTITY": 2, "promoted": True, "share": 0},
    )
    fast_pass = FastPass(Kind.EVENTS, expected)
    assert agree(fast_pass, Kind.EVENTS, expected, event)
    taken = fast_pass.encoded([event], IDS)
    assert taken is not None
    assert taken[0].record_id == derived_event_id("caller", "shop", event)


def test_what_no_release_knows_does_not_count() -> None:
    """Neither for the rules nor for the fast pass."""
    event = Event(session_id="s", event_type="View", event_time={"seconds": 1})
    event.properties.MergeFromString(b"\x7a" + b"\x90\x4e" + b"x" * 10_000)
    event.properties.update({"a": "b"})
    assert event.properties.ByteSize() > 10_000
    assert agree(FastPass(Kind.EVENTS), Kind.EVENTS, None, event)


@pytest.mark.parametrize("type_", ["string", "int", "long", "float", "double", "boolean"])
@pytest.mark.parametrize(
    "value",
    [
        *(
            2.0**53 - 1,
            2.0**53,
            -(2.0**53),
            2.0**31,
            2.0**31 - 1,
            -(2.0**31) - 1,
            0.0,
            -0.0,
            1e-320,
        ),
        *(3.5e38, 1.5, True, "true", "7", "0" * 9000 + "7", "1." + "0" * 9000, ""),
    ],
)
def test_values_at_the_edges_of_a_column(type_: str, value: object) -> None:
    """As the only one, and after one that fits."""
    schema = DatasetSchema.parse(avro(optional("LEVEL", type_)))
    for expected in (None, ExpectedColumns(Kind.USERS, schema)):
        fast_pass = FastPass(Kind.USERS, expected)
        fast_pass.learn(User(user_id="u", properties={"level": 1}))
        message = User(user_id="u", properties={"level": value})
        agree(fast_pass, Kind.USERS, expected, message)


def test_what_is_remembered_of_keys_is_bounded() -> None:
    """A caller that sends ever new ones is served by the rules."""
    fast_pass = FastPass(Kind.EVENTS)
    events = [
        Event(session_id="s", event_type="View", event_time={"seconds": 1}, properties={name: 1})
        for name in [*(f"key{number}" for number in range(600)), "x" * 256]
    ]
    assert all(agree(fast_pass, Kind.EVENTS, None, event) for event in events)
    assert len(fast_pass._shapes.known) <= 256
    item = Item(item_id="i", properties={letter * 250: 1 for letter in "abcde"})
    assert not agree(FastPass(Kind.ITEMS), Kind.ITEMS, None, item)


def test_the_vectors() -> None:
    """Each record of each case, with and without a schema."""
    passes = {
        (kind, expected): FastPass(kind, expected)
        for kind in Kind
        for expected in (None, SHOP.get(kind))
    }
    taken = [
        agree(fast_pass, kind, expected, message)
        for case in cases()
        for record_kind, message in _records(case.request)
        for (kind, expected), fast_pass in passes.items()
        if kind is record_kind
    ]
    assert sum(taken) > 100


def _records(request: Message) -> Iterator[tuple[Kind, RecordMessage]]:
    """Yield the records of a case as the gateway itself has them."""
    received = getattr(api, request.DESCRIPTOR.name).FromString(request.SerializeToString())
    for field, records in received.ListFields():
        for record in records if field.message_type else ():
            found = (
                unwrap(record)
                if isinstance(record, IngestRecord)
                else (KIND_OF[type(record)], record)
            )
            if found is not None:
                yield found


def test_an_annotation_that_is_not_understood_leaves_all_to_the_rules() -> None:
    """Here a limit of a map."""
    tags = api.POOL.FindFieldByName(f"{api.PACKAGE}.CreateEventTrackerRequest.tags")
    with pytest.raises(AnnotationUnknown, match=r"tags has the annotation map\.max_pairs"):
        condition(tags, {})
    assert not message_condition(CreateEventTrackerRequest)(CreateEventTrackerRequest())
