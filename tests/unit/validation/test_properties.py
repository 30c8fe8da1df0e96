import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from google.protobuf.message import DecodeError
from google.protobuf.struct_pb2 import Struct, Value
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.api import Rule
from gateway.dataset_schema import column_of
from gateway.encoding.properties import properties_json
from gateway.records import Kind
from gateway.validation import properties as checks
from gateway.validation.limits import PROPERTIES_MAX_CHARS
from gateway.validation.properties import check_properties

if TYPE_CHECKING:
    from gateway.validation.violation import Fault

Faults = Callable[..., list[tuple[str, str]]]

INTERACTIONS = [Kind.EVENTS, Kind.ACTION_INTERACTIONS]
CATALOGUE = [Kind.ITEMS, Kind.USERS, Kind.ACTIONS]

TEXT = st.text(max_size=40)
NASTY = st.text(st.sampled_from('"\\\x01\x1f\x7f/é\u2028😀'), max_size=40)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**60), 2**60)
LISTS = st.lists(TEXT | NASTY, max_size=20)
COLUMNS = st.dictionaries(
    TEXT | NASTY, TEXT | NASTY | NUMBERS | st.booleans() | LISTS, min_size=1, max_size=20
)


def struct(columns: dict[str, Any]) -> Struct:
    """Make properties from Python values."""
    made = Struct()
    made.update(columns)
    return made


def with_value(value: Value) -> Struct:
    """Make properties of one column."""
    return Struct(fields={"column": value})


def text_of_length(length: int) -> Struct:
    """Make properties whose JSON has so many characters."""
    return struct({"t": "😀" * (length - len('{"t":""}'))})


GOOD_COLUMNS = {
    "discount": "No",
    "price": 129.99,
    "numberOfRatings": 2**53 - 1,
    "itemId": "as older callers send it",
    "eventValue": -0.0,
    "promoted": True,
    "categories": ["Shoes", "Sport & Leisure"],
    "none": [],
    "description": "of two lines\n\tand a tab, “quoted”",
    "empty": "",
    "largeId": "9007199254740993",
}


@pytest.mark.parametrize("kind", Kind)
def test_flat_columns_are_taken(kind: Kind, faults_of: Faults) -> None:
    """Strings, numbers, booleans and lists of strings are what columns hold."""
    too_many = [("properties", "METADATA_COLUMNS")] if kind is Kind.EVENTS else []
    assert faults_of(check_properties, struct(GOOD_COLUMNS), kind) == too_many


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (dict.fromkeys("abcde", 1), []),
        (dict.fromkeys([*"abcde", "itemId", "EVENT_VALUE"], 1), []),
        (dict.fromkeys("abcdef", 1), [("properties", "METADATA_COLUMNS")]),
        (
            dict.fromkeys([*"abcde", "timestamp"], 1),
            [('properties["timestamp"]', "RESERVED_PROPERTY")],
        ),
    ],
)
def test_an_event_has_no_more_columns_than_any_dataset(
    columns: dict[str, Any], expected: list[tuple[str, str]], faults_of: Faults
) -> None:
    """Five, beside what older callers send there; what another rule refuses does not count."""
    assert faults_of(check_properties, struct(columns), Kind.EVENTS) == expected
    assert faults_of(check_properties, struct({f"{key}2": 1 for key in columns}), Kind.ITEMS) == []


@pytest.mark.parametrize("kind", Kind)
def test_no_properties_are_taken(kind: Kind, faults_of: Faults) -> None:
    """Properties without keys break no rule."""
    assert faults_of(check_properties, Struct(), kind) == []


@pytest.mark.parametrize("kind", INTERACTIONS)
@pytest.mark.parametrize(
    "key",
    [
        *("userId", "sessionId", "eventType", "timestamp", "recommendationId", "impression"),
        *("USER_ID", "userid", "Timestamp", "session_id", "_impression_"),
    ],
)
def test_a_reserved_key_is_refused_on_interactions(kind: Kind, key: str, faults_of: Faults) -> None:
    """Keys that Personalize reserves are refused in any letter case and with underscores."""
    found = faults_of(check_properties, struct({key: "x"}), kind)
    assert found == [(f'properties["{key}"]', "RESERVED_PROPERTY")]


@pytest.mark.parametrize("kind", CATALOGUE)
def test_no_key_is_reserved_elsewhere(kind: Kind, faults_of: Faults) -> None:
    """Items, users and actions may have a column of such a name."""
    assert faults_of(check_properties, struct({"timestamp": 1, "userId": "x"}), kind) == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Value(null_value=0), [('properties["column"]', "NULL_PROPERTY")]),  # type: ignore[arg-type]  # the stub knows the enum only by name
        (Value(), [('properties["column"]', "NULL_PROPERTY")]),
        (Value(struct_value=struct({})), [('properties["column"]', "NESTED_PROPERTY")]),
        (Value(number_value=float("nan")), [('properties["column"]', "FINITE")]),
        (Value(number_value=float("-inf")), [('properties["column"]', "FINITE")]),
        (Value(number_value=2.0**53), [('properties["column"]', "PRECISION")]),
        (Value(number_value=-(2.0**53)), [('properties["column"]', "PRECISION")]),
        (Value(number_value=1e300), [('properties["column"]', "PRECISION")]),
        (Value(number_value=2.0**53 - 1), []),
        (Value(number_value=5e-324), []),
        (Value(string_value="a\0b"), [('properties["column"]', "CONTROL_CHARACTER")]),
        (Value(string_value="a\r\n\t\x01\x7f"), []),
        (Value(string_value="a|b"), []),
    ],
)
def test_a_value_is_judged_by_what_a_column_can_hold(
    value: Value, expected: list[tuple[str, str]], faults_of: Faults
) -> None:
    """Null, objects, numbers without an exact meaning and NUL are refused."""
    assert faults_of(check_properties, with_value(value), Kind.EVENTS) == expected


def test_a_whole_number_beyond_a_doubles_precision_cannot_slip_through(faults_of: Faults) -> None:
    """2^53+1 arrives as 2^53: that is why 2^53 itself is refused."""
    found = faults_of(check_properties, struct({"id": 2**53 + 1}), Kind.ITEMS)
    assert found == [('properties["id"]', "PRECISION")]


def test_entries_of_a_list_are_judged_one_by_one(faults_of: Faults) -> None:
    """A category is a string that is not empty and has no separator."""
    columns = {"c": ["good", "", "a|b", 1, None, ["x"], {"y": 1}, "nul\0"]}
    assert faults_of(check_properties, struct(columns), Kind.ITEMS) == [
        ('properties["c"][1]', "CATEGORY"),
        ('properties["c"][2]', "CATEGORY"),
        ('properties["c"][3]', "NESTED_PROPERTY"),
        ('properties["c"][4]', "NESTED_PROPERTY"),
        ('properties["c"][5]', "NESTED_PROPERTY"),
        ('properties["c"][6]', "NESTED_PROPERTY"),
        ('properties["c"][7]', "CONTROL_CHARACTER"),
    ]


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("", [('properties[""]', "PROPERTY_KEY")]),
        ("k" * 256, []),
        ("😀" * 256, []),
        ("k" * 257, [(f'properties["{"k" * 64}..."]', "PROPERTY_KEY")]),
        ("a\nb", [('properties["a\\nb"]', "CONTROL_CHARACTER")]),
        ('say "é"', []),
    ],
)
def test_a_key_is_a_name(key: str, expected: list[tuple[str, str]], faults_of: Faults) -> None:
    """A key has 1 to 256 characters that can be seen, and its path is short and escaped."""
    assert faults_of(check_properties, struct({key: True}), Kind.ITEMS) == expected


def test_keys_of_one_column_are_refused_but_for_the_first(faults_of: Faults) -> None:
    """Letter case and underscores do not make another column."""
    columns = {"numberOfRatings": 1, "NUMBER_OF_RATINGS": 2, "number_of_ratings": 3, "other": 4}
    assert faults_of(check_properties, struct(columns), Kind.ITEMS) == [
        ('properties["numberOfRatings"]', "DUPLICATE_PROPERTY"),
        ('properties["number_of_ratings"]', "DUPLICATE_PROPERTY"),
    ]


@pytest.mark.parametrize(
    ("key", "column"), [("GENRES_FIELD_1", "genresfield1"), ("genresField1", "genresfield1")]
)
def test_a_column_is_known_by_its_letters(key: str, column: str) -> None:
    """The camelCase key and the UPPER_SNAKE column are the same."""
    assert column_of(key) == column


@pytest.mark.parametrize("kind", Kind)
def test_the_length_limit_counts_characters_of_json(kind: Kind, faults_of: Faults) -> None:
    """Properties as long as they may be are taken, one character more is not."""
    limit = PROPERTIES_MAX_CHARS[kind]
    at_limit, beyond = text_of_length(limit), text_of_length(limit + 1)
    assert len(properties_json(at_limit)) == limit
    assert faults_of(check_properties, at_limit, kind) == []
    assert faults_of(check_properties, beyond, kind) == [("properties", "PROPERTIES_LENGTH")]


def test_length_is_reported_beside_other_faults(faults_of: Faults) -> None:
    """Properties that are too long are judged by the other rules as well."""
    columns = {"timestamp": 1, "text": "x" * 1100}
    assert faults_of(check_properties, struct(columns), Kind.EVENTS) == [
        ('properties["timestamp"]', "RESERVED_PROPERTY"),
        ("properties", "PROPERTIES_LENGTH"),
    ]


def test_length_is_not_judged_where_there_is_no_json(faults_of: Faults) -> None:
    """What no column can hold is reported, and the length once that is mended."""
    columns: dict[str, Any] = {"a": None, "b": {}, "c": float("nan"), "text": "x" * 1100}
    assert faults_of(check_properties, struct(columns), Kind.EVENTS) == [
        ('properties["a"]', "NULL_PROPERTY"),
        ('properties["b"]', "NESTED_PROPERTY"),
        ('properties["c"]', "FINITE"),
    ]


@settings(deadline=None)
@given(COLUMNS, st.sampled_from(Kind))
@example({"": "\x01" * 200}, Kind.EVENTS)
@example({"a": [""] * 1100}, Kind.EVENTS)
@example({str(n): 0 for n in range(300)}, Kind.EVENTS)
@example({str(n): -2.2250738585072014e-308 for n in range(30)}, Kind.EVENTS)
def test_the_length_is_judged_as_it_is_encoded(columns: dict[str, Any], kind: Kind) -> None:
    """The estimates that save encoding agree with the length of what is encoded."""
    faults: list[Fault] = []
    properties = struct(columns)
    check_properties(properties, kind, faults)
    reported = any(fault.rule == Rule.RULE_PROPERTIES_LENGTH for fault in faults)
    assert reported == (len(properties_json(properties)) > PROPERTIES_MAX_CHARS[kind])


@settings(deadline=None)
@given(COLUMNS)
def test_the_estimates_hold_for_all_flat_properties(columns: dict[str, Any]) -> None:
    """Six characters a byte, and eight bytes a character, are never exceeded."""
    properties = struct(columns)
    size_bytes, chars = properties.ByteSize(), len(properties_json(properties))
    assert size_bytes / checks._MAX_BYTES_PER_CHAR <= chars
    assert chars <= size_bytes * checks._MAX_CHARS_PER_BYTE


@pytest.mark.parametrize(
    ("columns", "count"),
    [
        ({f"k{n:03}": None for n in range(200)}, 100),
        ({"list": [""] * 500}, 100),
        ({"a": [""] * 99, "b": [""] * 99}, 100),
    ],
)
def test_the_faults_of_one_record_are_bounded(
    columns: dict[str, Any], count: int, faults_of: Faults
) -> None:
    """After a hundred faults the rest is not reported."""
    assert len(faults_of(check_properties, struct(columns), Kind.ITEMS)) == count


@pytest.mark.parametrize(
    "last",
    [{"z": None}, {"z": [*[""] * 150, 1]}, {"z": [*[""] * 150, "a\0"], "zz": {}}],
)
def test_what_cannot_be_encoded_is_found_behind_any_number_of_faults(
    last: dict[str, Any], faults_of: Faults
) -> None:
    """A record whose faults may all be only counted can be encoded."""
    columns = {f"k{n:03}": "a\0" for n in range(120)} | last
    found = faults_of(check_properties, struct(columns), Kind.ITEMS)
    assert len(found) == 101
    assert {rule for _, rule in found[:100]} == {"CONTROL_CHARACTER"}
    assert found[100][1] in {"NULL_PROPERTY", "NESTED_PROPERTY"}


def test_what_must_be_too_long_is_not_walked(faults_of: Faults) -> None:
    """Properties of many times the limit have one fault, whatever is in them."""
    columns = {f"key{n}": None for n in range(2000)}
    found = faults_of(check_properties, struct(columns), Kind.EVENTS)
    assert found == [("properties", "PROPERTIES_LENGTH")]


def nested(depth: int) -> Struct:
    """Make properties with lists in lists."""
    properties = Struct()
    node = properties.fields["column"]
    for _ in range(depth):
        node = node.list_value.values.add()
    node.string_value = "bottom"
    return properties


def test_depth_does_not_matter(faults_of: Faults) -> None:
    """Values as deep as protobuf parses them are one fault of the top level; deeper ones end there.

    A message gets here through the parser only, which is what bounds its depth.
    """
    deepest = Struct.FromString(nested(45).SerializeToString())
    found = faults_of(check_properties, deepest, Kind.ITEMS)
    assert found == [('properties["column"][0]', "NESTED_PROPERTY")]
    with pytest.raises(DecodeError):
        Struct.FromString(nested(100).SerializeToString())


def test_paths_are_sorted_by_key(faults_of: Faults) -> None:
    """The order of faults does not depend on the order on the wire."""
    keys = ["b", "a", "C", "é"]
    found = faults_of(check_properties, struct(dict.fromkeys(keys)), Kind.ITEMS)
    assert [field for field, _ in found] == [
        f"properties[{json.dumps(key)}]" for key in sorted(keys)
    ]
