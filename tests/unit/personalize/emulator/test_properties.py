"""The checks of a record's properties."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.personalize.emulator.avro import parse_schema
from gateway.personalize.emulator.properties import problem_of
from gateway.personalize.emulator.resources import DatasetType

EVENT = {"eventType": "view", "sentAt": 1, "itemId": "i"}
UNPARSED = "Error parsing properties json"


def schema_of(*fields: tuple[str, Any], **others: Any) -> Any:
    """Return a schema of fields given by name and type."""
    declared = [{"name": name, "type": type_name} | others for name, type_name in fields]
    return parse_schema(json.dumps({"type": "record", "name": "X", "fields": declared}))


def event_problem(properties: Any, *fields: tuple[str, Any], **members: Any) -> str | None:
    """Return the problem of an event, with a schema of the fields given or with none."""
    text = properties if isinstance(properties, str) else json.dumps(properties)
    schema = schema_of(("USER_ID", "string"), *fields) if fields else None
    element = EVENT | {"properties": text} | members
    return problem_of(element, DatasetType.INTERACTIONS, schema)


@pytest.mark.parametrize(
    "text",
    ["", "x", "[]", "1", "null", '"x"', "{", "{'a': 1}", '{"a": NaN}', '{"a":1}x', "[" * 9999],
)
def test_properties_are_a_json_object(text: str) -> None:
    """A text that is no JSON object cannot be parsed."""
    assert event_problem(text) == UNPARSED


@pytest.mark.parametrize("value", [{}, [], {"b": 1}, ["c"]])
def test_properties_are_flat(value: Any) -> None:
    """A value that is an object or a list is refused, with a schema and without."""
    assert event_problem({"a": value}) == "properties is not a flat object"
    assert event_problem({"a": value}, ("A", "string")) == "properties is not a flat object"


@pytest.mark.parametrize(
    "key",
    [
        "userId",
        "USERID",
        "sessionid",
        "EventType",
        "TIMESTAMP",
        "recommendationID",
        "Impression",
        "user_id",
        "EVENT_TYPE",
    ],
)
@pytest.mark.parametrize(
    "dataset_type", [DatasetType.INTERACTIONS, DatasetType.ACTION_INTERACTIONS]
)
def test_reserved_keys_in_any_case(key: str, dataset_type: DatasetType) -> None:
    """The keys that the model reserves are refused in any case, with a schema and without."""
    element = EVENT | {"actionId": "a", "properties": json.dumps({key: "x"})}
    folded = key.replace("_", "").lower()

    assert problem_of(element, dataset_type, None) == (
        f"properties has a reserved keyword: {folded}"
    )


@pytest.mark.parametrize(
    ("dataset_type", "key"),
    [
        (DatasetType.ITEMS, "itemId"),
        (DatasetType.USERS, "USER_ID"),
        (DatasetType.ACTIONS, "actionId"),
        (DatasetType.ACTION_INTERACTIONS, "actionId"),
    ],
)
def test_a_member_is_no_property(dataset_type: DatasetType, key: str) -> None:
    """What a member supplies cannot be a property too."""
    element = {"properties": json.dumps({key: "x"})}

    assert str(problem_of(element, dataset_type, None)).startswith("properties has a reserved")


def test_older_callers_put_item_and_value_into_properties() -> None:
    """An itemId and eventValue are accepted in properties, with a schema and without."""
    properties = {"itemId": "i", "eventValue": "4.5"}
    fields = (("ITEM_ID", "string"), ("EVENT_VALUE", "float"))

    assert event_problem(properties, itemId=None) is None
    assert event_problem(properties, *fields, itemId=None) is None
    assert event_problem(properties, ("ITEM_ID", "string"), itemId=None) is None


def test_a_name_that_the_schema_does_not_have() -> None:
    """An unknown property is refused where there is a schema to know it by."""
    assert event_problem({"color": "red"}) is None
    assert event_problem({"color": "red"}, ("SIZE", ["null", "string"])) == (
        "properties has a name that the schema does not have"
    )


def test_one_field_twice() -> None:
    """Two spellings of one name are refused."""
    assert event_problem({"numRatings": 1, "NUM_RATINGS": 2}) == "properties names one field twice"


@pytest.mark.parametrize(
    ("type_name", "value"),
    [
        ("string", "x"),
        ("string", ""),
        ("int", 12),
        ("int", "12"),
        ("int", -(2**31)),
        ("int", 2**31 - 1),
        ("long", 2**63 - 1),
        ("long", "-9223372036854775808"),
        ("float", 1),
        ("float", 1.5),
        ("float", "1.5e3"),
        ("double", 1e300),
        ("boolean", True),
        ("boolean", "false"),
        (["null", "int"], None),
        (["null", "string"], "x"),
        (["string", "int"], 3),
    ],
)
def test_values_that_fit(type_name: Any, value: Any) -> None:
    """A value of the field's type, or a number in a string as the guide writes it, fits."""
    assert event_problem({"a": value}, ("A", type_name)) is None


@pytest.mark.parametrize(
    ("type_name", "value"),
    [
        ("string", 1),
        ("string", True),
        ("string", None),
        ("int", 1.5),
        ("int", "1.5"),
        ("int", "1_000"),
        ("int", " 1"),
        ("int", "٣"),
        ("int", True),
        ("int", 2**31),
        ("int", str(2**31)),
        ("long", 2**63),
        ("long", "9" * 30),
        ("float", "x"),
        ("float", "nan"),
        ("float", "1_0"),
        ("float", 1e39),
        ("float", False),
        ("double", "1e999"),
        ("double", 10**400),
        ("boolean", 1),
        ("boolean", "yes"),
        ("int", None),
        (["null", "int"], "x"),
    ],
)
def test_values_that_do_not_fit(type_name: Any, value: Any) -> None:
    """A value of another type, or outside the type's range, is refused by the field's name."""
    assert event_problem({"a": value}, ("A", type_name)) == (
        "properties has a value that does not fit A"
    )


def test_categories_are_limited() -> None:
    """A categorical value has at most 1000 characters; other strings may be longer."""
    item = {"itemId": "i", "properties": json.dumps({"a": "x" * 1001})}
    plain = schema_of(("A", "string"))
    categorical = schema_of(("A", "string"), categorical=True)
    longest = {"itemId": "i", "properties": json.dumps({"a": "x" * 1000})}

    assert [
        problem_of(item, DatasetType.ITEMS, plain),
        problem_of(item, DatasetType.ITEMS, categorical),
        problem_of(longest, DatasetType.ITEMS, categorical),
    ] == [None, "properties has a value that does not fit A", None]


@pytest.mark.parametrize(
    ("field", "member", "value"),
    [
        ("ITEM_ID", "itemId", "i"),
        ("EVENT_VALUE", "eventValue", 1.5),
        ("IMPRESSION", "impression", ["i"]),
        ("RECOMMENDATION_ID", "recommendationId", "r"),
        ("EVENT_ATTRIBUTION_SOURCE", "metricAttribution", {"eventAttributionSource": "s"}),
    ],
)
def test_a_required_field_may_come_from_a_member(field: str, member: str, value: Any) -> None:
    """A required field that a member supplies is missing only where the member is."""
    given = {"itemId": None, member: value}
    left_out = {"itemId": None}

    assert event_problem({}, (field, "string"), **given) is None
    assert event_problem({}, (field, "string"), **left_out) == (
        f"The required field {field} is missing"
    )


def test_the_required_fields_that_every_event_has() -> None:
    """User, session, time and type are never missing; an anonymous event has no user."""
    fields = [("SESSION_ID", "string"), ("TIMESTAMP", "long"), ("EVENT_TYPE", "string")]

    assert event_problem({}, *fields) is None


@pytest.mark.parametrize("properties", [None, "{}"])
def test_a_required_field_of_the_catalogue(properties: str | None) -> None:
    """Items, users and actions need all required fields, which is why empty properties fail."""
    schema = schema_of(("ITEM_ID", "string"), ("PRICE", "float"))

    assert problem_of({"itemId": "i", "properties": properties}, DatasetType.ITEMS, schema) == (
        "The required field PRICE is missing"
    )


@settings(max_examples=80)
@given(
    text=st.text()
    | st.dictionaries(
        st.sampled_from(["a", "b", "userId", "itemId"]),
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just([]),
    ).map(json.dumps)
)
def test_whatever_is_sent_is_answered(text: str) -> None:
    """No text of properties makes the check itself fail."""
    schema = schema_of(("A", ["null", "float"]), ("B", "long"))

    for known in (None, schema):
        for dataset_type in DatasetType:
            problem = problem_of({"properties": text}, dataset_type, known)
            assert problem is None or problem


def test_messages_quote_no_value() -> None:
    """No problem repeats what the caller sent as a value."""
    problems = [
        event_problem({"a": "secret"}, ("A", "int")),
        event_problem({"secret": 1}, ("A", "int")),
        event_problem({"userId": "secret"}),
        event_problem("secret"),
    ]

    assert not any("secret" in str(problem) for problem in problems)
