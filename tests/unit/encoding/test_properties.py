import json
from typing import Any

import pytest
from google.protobuf.struct_pb2 import ListValue, Struct, Value
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.encoding.properties import properties_json, typed_properties_json
from tests.support.schemas import KEYS as COLUMN_KEYS
from tests.support.schemas import VALUES, fields, optional, schema

KEYS = st.text(max_size=30)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53) + 1, 2**53 - 1)
CATEGORIES = st.lists(
    st.text(st.characters(codec="utf-8", exclude_characters="|"), min_size=1), max_size=5
)
COLUMNS = st.dictionaries(KEYS, st.text() | NUMBERS | st.booleans() | CATEGORIES)


def struct(columns: dict[str, Any]) -> Struct:
    """Make properties from Python values."""
    made = Struct()
    made.update(columns)
    return made


@pytest.mark.parametrize(
    ("columns", "text"),
    [
        ({}, ""),
        ({"b": 1, "B": 2, "a": 3, "é": 4, "_": 5}, '{"B":2,"_":5,"a":3,"b":1,"é":4}'),
        ({"n": 31.0}, '{"n":31}'),
        ({"n": 0.0}, '{"n":0}'),
        ({"n": -0.0}, '{"n":0}'),
        ({"n": -3}, '{"n":-3}'),
        ({"n": 0.1}, '{"n":0.1}'),
        ({"n": 2**53 - 1}, '{"n":9007199254740991}'),
        ({"n": -(2**53) + 1}, '{"n":-9007199254740991}'),
        ({"n": 1e16}, '{"n":1e+16}'),
        ({"n": 1e300}, '{"n":1e+300}'),
        ({"n": 5e-324}, '{"n":5e-324}'),
        ({"b": [True, False][0], "c": False}, '{"b":true,"c":false}'),
        ({"c": ["Shoes", "Sport & Leisure"]}, '{"c":"Shoes|Sport & Leisure"}'),
        ({"c": ["Shoes"]}, '{"c":"Shoes"}'),
        ({"c": []}, '{"c":""}'),
        ({"t": '"\\/\n\t\x01\x7f'}, '{"t":"\\"\\\\/\\n\\t\\u0001\x7f"}'),
        ({"é😀\u2028": "ü𝒳\u2029"}, '{"é😀\u2028":"ü𝒳\u2029"}'),
    ],
)
def test_text_is_canonical(columns: dict[str, Any], text: str) -> None:
    """Keys are sorted, whole numbers have no fraction, and nothing is escaped without need."""
    assert properties_json(struct(columns)) == text


@settings(deadline=None)
@given(COLUMNS, st.randoms(use_true_random=False))
def test_text_says_what_was_given_whatever_the_order(columns: dict[str, Any], random: Any) -> None:
    """Parsed, the text gives the columns again; the order of keys on the wire does not count."""
    text = properties_json(struct(columns))
    shuffled = list(columns.items())
    random.shuffle(shuffled)
    assert properties_json(struct(dict(shuffled))) == text
    joined = {key: "|".join(v) if isinstance(v, list) else v for key, v in columns.items()}
    assert json.loads(text or "{}") == joined


@pytest.mark.parametrize(
    "value",
    [
        Value(),
        Value(null_value=0),  # type: ignore[arg-type]  # the stub knows the enum by name only
        Value(struct_value=Struct()),
        Value(list_value=ListValue(values=[Value(number_value=1)])),
        Value(number_value=float("nan")),
        Value(number_value=float("inf")),
    ],
)
def test_what_no_column_holds_has_no_text(value: Value) -> None:
    """What validation refuses is never written as something else."""
    with pytest.raises(ValueError, match=r"column|strings|JSON"):
        properties_json(Struct(fields={"a": value}))


PRODUCTS = schema(
    "ITEM_ID",
    {"name": "PRICE", "type": "float"},
    optional("NUMBER_OF_RATINGS", "int"),
    optional("BARCODE", "long"),
    optional("GENRES", "string", categorical=True),
    optional("IN_STOCK", "boolean"),
)


@pytest.mark.parametrize(
    ("columns", "text"),
    [
        ({}, ""),
        ({"price": 31, "numberOfRatings": 31}, '{"numberOfRatings":31,"price":31.0}'),
        ({"PRICE": "31", "number_of_ratings": "31"}, '{"numberOfRatings":31,"price":31.0}'),
        ({"barcode": "9007199254740993"}, '{"barcode":9007199254740993}'),
        ({"genres": ["Drama", "Comedy"]}, '{"genres":"Drama|Comedy"}'),
        ({"GENRES": 7, "inStock": "True"}, '{"genres":"7","inStock":true}'),
        ({"PRICE": "cheap", "in_stock": 1, "z": 2}, '{"inStock":1,"price":"cheap","z":2}'),
        (
            {"barcode": "1" * 20, "Z": ["a"], "a": True},
            f'{{"Z":"a","a":true,"barcode":"{"1" * 20}"}}',
        ),
    ],
)
def test_a_schema_names_keys_and_types(columns: dict[str, Any], text: str) -> None:
    """What is no column, or does not fit its column, is as it is without a schema."""
    assert typed_properties_json(struct(columns), PRODUCTS) == text


@settings(deadline=None)
@given(st.dictionaries(COLUMN_KEYS, VALUES), fields(), st.randoms(use_true_random=False))
def test_typed_text_does_not_hang_on_the_order(
    columns: dict[str, Any], of_schema: list[dict[str, Any]], random: Any
) -> None:
    """The order of keys on the wire, and that of columns in the schema, do not count."""
    folded = {key.replace("_", "").lower(): key for key in columns}
    columns = {key: columns[key] for key in folded.values()}
    text = typed_properties_json(struct(columns), schema("A_COLUMN", *of_schema))
    shuffled = list(columns.items())
    random.shuffle(shuffled)
    random.shuffle(of_schema)
    assert typed_properties_json(struct(dict(shuffled)), schema(*of_schema, "A_COLUMN")) == text
    assert list(json.loads(text or "{}")) == sorted(json.loads(text or "{}"))
