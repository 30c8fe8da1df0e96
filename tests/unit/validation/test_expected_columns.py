import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gateway import rules
from gateway.api import (
    Action,
    ActionInteraction,
    Event,
    IngestBatchRequest,
    IngestRecord,
    Item,
    PutEventsRequest,
    PutItemsRequest,
    User,
)
from gateway.dataset_schema import DatasetSchema
from gateway.encoding.element import encode, unwrap
from gateway.encoding.properties import typed_properties_json
from gateway.personalize.emulator.avro import check_dataset_schema, parse_schema
from gateway.personalize.emulator.properties import problem_of
from gateway.personalize.emulator.resources import DatasetType
from gateway.records import Kind
from gateway.validation import properties as checks
from gateway.validation.expected_columns import ExpectedColumns
from gateway.validation.limits import PROPERTIES_MAX_CHARS
from gateway.validation.properties import check_properties
from gateway.validation.records import CHECKS
from gateway.validation.strictness import action
from gateway.validation.validator import Validator
from tests.support.schemas import (
    KEYS,
    VALUES,
    Field,
    avro,
    fields,
    optional,
    properties_of,
    schema,
)

Faults = Callable[..., list[tuple[str, str]]]

PRODUCTS = ExpectedColumns(
    Kind.ITEMS,
    schema(
        "ITEM_ID",
        optional("PRICE", "float"),
        optional("RATINGS", "int"),
        optional("BARCODE", "long"),
        optional("GENRES", "string", categorical=True),
        optional("TITLE", "string"),
        optional("IN_STOCK", "boolean"),
    ),
)


def product(**columns: Any) -> Item:
    """Return an item with these properties."""
    return Item(item_id="i", properties=columns)


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({}, []),
        ({"price": 1, "RATINGS": "5", "in_stock": "true", "Genres": ["a", "b"]}, []),
        ({"title": "x" * 1001, "genres": "x" * 1000}, []),
        ({"colour": "red"}, [("colour", "UNKNOWN_PROPERTY")]),
        ({"itemId": "i"}, [("itemId", "UNKNOWN_PROPERTY")]),
        ({"price": "cheap"}, [("price", "PROPERTY_TYPE")]),
        ({"price": True}, [("price", "PROPERTY_TYPE")]),
        ({"price": ["1", "2"]}, [("price", "PROPERTY_TYPE")]),
        ({"ratings": 1.5}, [("ratings", "PROPERTY_TYPE")]),
        ({"title": False}, [("title", "PROPERTY_TYPE")]),
        ({"in_stock": 1}, [("in_stock", "PROPERTY_TYPE")]),
        ({"ratings": 2**31}, [("ratings", "PROPERTY_RANGE")]),
        ({"barcode": "9223372036854775808"}, [("barcode", "PROPERTY_RANGE")]),
        ({"price": "1e39"}, [("price", "PROPERTY_RANGE")]),
        ({"genres": "x" * 1001}, [("genres", "CATEGORY_LENGTH")]),
        ({"genres": ["x" * 500, "y" * 500]}, [("genres", "CATEGORY_LENGTH")]),
        ({"genres": ["x" * 500, "y" * 499]}, []),
        (
            {"price": None, "PRICE": "x"},
            [
                ("PRICE", "PROPERTY_TYPE"),
                ("price", "DUPLICATE_PROPERTY"),
                ("price", "NULL_PROPERTY"),
            ],
        ),
        ({"barcode": 2**60}, [("barcode", "PRECISION")]),
    ],
)
def test_a_property_is_judged_by_its_column(
    columns: dict[str, Any], expected: list[tuple[str, str]], faults_of: Faults
) -> None:
    """Each fault is that of one rule, and one that needs no schema comes first."""
    found = faults_of(lambda faults: CHECKS[Kind.ITEMS](product(**columns), faults, PRODUCTS))
    assert found == [(f'properties["{key}"]', rule) for key, rule in expected]


REQUIRING = schema(
    *("USER_ID", "ITEM_ID", "EVENT_TYPE", "SESSION_ID", "DISCOUNT", "NUMBER_OF_ITEMS"),
    {"name": "TIMESTAMP", "type": "long"},
    {"name": "EVENT_VALUE", "type": "float"},
    *("IMPRESSION", "RECOMMENDATION_ID", "EVENT_ATTRIBUTION_SOURCE"),
    {"name": "CHANNEL", "type": "string", "default": "web"},
)
ALL_FIELDS: dict[str, Any] = {
    "item_id": "i",
    "event_value": 0,
    "impression": ["a"],
    "recommendation_id": "r",
    "event_attribution_source": "s",
    "properties": {"DISCOUNT": "No", "number_of_items": 2},
}


@pytest.mark.parametrize(
    ("missing", "path"),
    [
        *((field, field) for field in ALL_FIELDS if field != "properties"),
        ("DISCOUNT", 'properties["discount"]'),
        ("number_of_items", 'properties["numberOfItems"]'),
    ],
)
def test_what_the_schema_requires_must_be_there(
    missing: str, path: str, good_event: Callable[..., Event], faults_of: Faults
) -> None:
    """A column that a field fills is missed at the field, another one at its key."""
    expected = ExpectedColumns(Kind.EVENTS, REQUIRING)
    columns = {key: value for key, value in ALL_FIELDS["properties"].items() if key != missing}
    members = {field: value for field, value in ALL_FIELDS.items() if field != missing}
    event = good_event(**members | {"properties": columns})
    assert faults_of(lambda faults: CHECKS[Kind.EVENTS](event, faults, expected)) == [
        (path, "MISSING_PROPERTY")
    ]
    whole = good_event(**ALL_FIELDS)
    assert faults_of(lambda faults: CHECKS[Kind.EVENTS](whole, faults, expected)) == []


def test_an_item_and_a_value_may_come_in_properties(
    good_event: Callable[..., Event], faults_of: Faults
) -> None:
    """As older callers send them, also where the schema has no EVENT_VALUE; no other field may."""
    expected = ExpectedColumns(Kind.EVENTS, schema("USER_ID", "ITEM_ID"))
    event = good_event(properties={"ITEM_ID": "i", "eventValue": 5, "eventAttributionSource": "a"})
    assert faults_of(lambda faults: CHECKS[Kind.EVENTS](event, faults, expected)) == [
        ('properties["eventAttributionSource"]', "UNKNOWN_PROPERTY")
    ]


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (["IMPRESSION"], [("impression", "CATEGORY_LENGTH")]),
        ([], []),
    ],
)
def test_an_impression_is_as_long_as_its_column_holds(
    columns: list[str],
    expected: list[tuple[str, str]],
    good_event: Callable[..., Event],
    faults_of: Faults,
) -> None:
    """Its IDs are joined, where the schema has the column."""
    known = ExpectedColumns(
        Kind.EVENTS, schema("USER_ID", *(optional(c, "string") for c in columns))
    )
    for count, found in ((10, expected), (9, [])):
        event = good_event(impression=["x" * 100] * count)
        assert faults_of(lambda faults, e=event: CHECKS[Kind.EVENTS](e, faults, known)) == found


def test_an_impression_on_an_action_interaction_is_ignored(faults_of: Faults) -> None:
    """The rule needs no schema; a column for it makes no difference, but for a required one."""
    interaction = ActionInteraction(
        session_id="s", event_type="Taken", event_time={"seconds": 1}, action_id="a"
    )
    known = ExpectedColumns(Kind.ACTION_INTERACTIONS, schema("ACTION_ID", "IMPRESSION"))
    check = CHECKS[Kind.ACTION_INTERACTIONS]
    assert faults_of(lambda faults: check(interaction, faults, known)) == [
        ("impression", "MISSING_PROPERTY")
    ]
    interaction.impression.append("b")
    assert faults_of(lambda faults: check(interaction, faults, known)) == [
        ("impression", "IGNORED_IMPRESSION")
    ]


def test_descriptions_name_columns_and_quote_no_value(validator: Validator) -> None:
    """A whole answer."""
    request = PutItemsRequest(
        items=[product(ratings="SECRET", colour="SECRET", barcode="9" * 20, genres="S" * 1001)]
    )
    found = validator.violations(request, {Kind.ITEMS: PRODUCTS})
    assert [(violation.field, violation.description) for violation in found] == [
        (
            'items[0].properties["barcode"]',
            "is too large or too small for BARCODE, of the type long",
        ),
        (
            'items[0].properties["colour"]',
            "is no column of the dataset's schema: send one that it has, or leave it out",
        ),
        (
            'items[0].properties["genres"]',
            (
                "the categories must have at most 1,000 characters, joined by `|`: send fewer or"
                " shorter ones"
            ),
        ),
        (
            'items[0].properties["ratings"]',
            "does not fit RATINGS, of the type int: send a whole number",
        ),
    ]


def test_the_length_is_that_of_what_is_sent(faults_of: Faults) -> None:
    """A text of four characters may be a number of eighteen."""
    names = [f"C{n}" for n in range(60)]
    floats = schema("USER_ID", *(optional(name, "float") for name in names))
    event = Event(properties=dict.fromkeys(map(str.lower, names), "1e15"))
    assert len(typed_properties_json(event.properties, floats)) > PROPERTIES_MAX_CHARS[Kind.EVENTS]
    known = ExpectedColumns(Kind.EVENTS, floats)
    found = faults_of(lambda faults: check_properties(event.properties, Kind.EVENTS, faults, known))
    assert found == [("properties", "PROPERTIES_LENGTH")]


COLUMNS = st.dictionaries(KEYS | st.text(max_size=10), VALUES, max_size=6)


@settings(deadline=None)
@given(COLUMNS, fields())
def test_the_estimates_of_length_hold_with_a_schema(
    columns: dict[str, Any], of_schema: list[Field]
) -> None:
    """Six characters a byte are never exceeded."""
    properties = product(**columns).properties
    chars = len(typed_properties_json(properties, schema("X_ITEM_ID", *of_schema)))
    assert chars <= properties.ByteSize() * checks._MAX_CHARS_PER_BYTE


DATASETS: dict[Kind, tuple[DatasetType, list[Field | str]]] = {
    Kind.EVENTS: (
        DatasetType.INTERACTIONS,
        ["USER_ID", "ITEM_ID", {"name": "TIMESTAMP", "type": "long"}],
    ),
    Kind.ACTION_INTERACTIONS: (
        DatasetType.ACTION_INTERACTIONS,
        ["USER_ID", "ACTION_ID", "EVENT_TYPE", {"name": "TIMESTAMP", "type": "long"}],
    ),
    Kind.ITEMS: (DatasetType.ITEMS, ["ITEM_ID", optional("CREATION_TIMESTAMP", "long")]),
    Kind.USERS: (DatasetType.USERS, ["USER_ID", optional("AGE", "int")]),
    Kind.ACTIONS: (DatasetType.ACTIONS, ["ACTION_ID", optional("VALUE", "double")]),
}
EXTRA: list[Field | str] = [
    optional("EVENT_VALUE", "float"),
    {"name": "EVENT_VALUE", "type": "float"},
    optional("IMPRESSION", "string"),
    "IMPRESSION",
    "RECOMMENDATION_ID",
    "EVENT_ATTRIBUTION_SOURCE",
    "SESSION_ID",
]
OF_MEMBERS: list[Field] = [
    optional(name, "string")
    for name in ("itemId", "eventValue", "actionId", "user_id", "impression")
]
INTERACTION: dict[str, st.SearchStrategy[Any]] = {
    "session_id": st.just("s"),
    "user_id": st.none() | st.just("u"),
    "event_type": st.just("View"),
    "event_time": st.just({"seconds": 1790000000}),
    "recommendation_id": st.none() | st.just("r"),
    "impression": st.lists(st.just("x" * 200), max_size=6),
}
EVENT = INTERACTION | {
    "item_id": st.just("i") | st.none(),
    "event_value": st.none() | st.floats(-1e30, 1e30),
    "event_attribution_source": st.none() | st.just("a"),
}


@st.composite
def records(draw: st.DrawFn) -> tuple[IngestRecord, str]:
    """Return a record, and the Avro JSON of a schema that it nearly fits."""
    kind = draw(st.sampled_from(Kind))
    metadata = draw(fields())
    of_members = draw(st.lists(st.sampled_from(OF_MEMBERS), max_size=1))
    properties = draw(properties_of([*metadata, *draw(st.sampled_from([[], [], of_members]))]))
    made: dict[Kind, Callable[[], IngestRecord]] = {
        Kind.EVENTS: lambda: IngestRecord(
            event=Event(properties=properties, **draw(st.fixed_dictionaries(EVENT)))
        ),
        Kind.ACTION_INTERACTIONS: lambda: IngestRecord(
            action_interaction=ActionInteraction(
                action_id="a", properties=properties, **draw(st.fixed_dictionaries(INTERACTION))
            )
        ),
        Kind.ITEMS: lambda: IngestRecord(item=Item(item_id="i", properties=properties)),
        Kind.USERS: lambda: IngestRecord(user=User(user_id="u", properties=properties)),
        Kind.ACTIONS: lambda: IngestRecord(action=Action(action_id="a", properties=properties)),
    }
    base = DATASETS[kind][1]
    if kind in {Kind.EVENTS, Kind.ACTION_INTERACTIONS}:
        base = [*base, *draw(st.lists(st.sampled_from(EXTRA), max_size=2))]
    return made[kind](), avro(*base, *metadata)


VALIDATOR = Validator()


@settings(deadline=None, max_examples=200)
@given(records())
def test_what_passes_is_what_the_emulator_takes(drawn: tuple[IngestRecord, str]) -> None:
    """An independent judge of Personalize's rules finds no fault with what is encoded."""
    record, text = drawn
    unwrapped = unwrap(record)
    assert unwrapped is not None
    kind, message = unwrapped
    judged_by = _parsed(text)
    check_dataset_schema(DATASETS[kind][0], judged_by)
    known = ExpectedColumns(kind, DatasetSchema.parse(text))
    violations = VALIDATOR.violations(IngestBatchRequest(records=[record]), {kind: known})
    if any(action(violation.rule, {}) is rules.Action.REFUSE for violation in violations):
        return
    element = json.loads(encode(kind, message, "e", known.schema).element)
    assert problem_of(element, DATASETS[kind][0], judged_by) is None


def _parsed(text: str) -> Any:
    names = [one["name"] if isinstance(one, dict) else one for one in json.loads(text)["fields"]]
    assume(len({name.replace("_", "").lower() for name in names}) == len(names))
    return parse_schema(text)


def test_the_emulator_is_asked_about_records_that_pass() -> None:
    """The test before this one is not empty."""
    event = Event(
        session_id="s",
        event_type="View",
        event_time={"seconds": 1},
        item_id="i",
        properties={"NUMBER_OF_ITEMS": "2"},
    )
    text = avro("USER_ID", "ITEM_ID", optional("NUMBER_OF_ITEMS", "int"))
    known = ExpectedColumns(Kind.EVENTS, DatasetSchema.parse(text))
    request = PutEventsRequest(events=[event])
    assert VALIDATOR.violations(request, {Kind.EVENTS: known}) == []
    element = json.loads(encode(Kind.EVENTS, event, "e", known.schema).element)
    assert json.loads(element["properties"]) == {"numberOfItems": 2}
    assert problem_of(element, DatasetType.INTERACTIONS, parse_schema(text)) is None
