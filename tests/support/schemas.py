"""Schemas of datasets, and properties for them."""

import json
from typing import Any

from hypothesis import strategies as st

from gateway.dataset_schema import COLUMN_TYPES, DatasetSchema

Field = dict[str, Any]

NAMES = (
    *("DISCOUNT", "NUMBER_OF_RATINGS", "GENRES_FIELD_1", "CATEGORY_L2", "PRICE"),
    *("camelCase", "Pascal", "lower_snake", "X"),
)
KEYS = st.sampled_from(NAMES).flatmap(
    lambda name: st.sampled_from(
        [name, name.lower(), name.title(), name.replace("_", ""), f"_{name}"]
    )
)
"""Keys that may stand for one of the columns."""

NUMBERS = st.sampled_from(
    [0, -0.0, 31, 31.5, 2**31 - 1, 2**31, -(2**31) - 1, 2**53 - 1, 0.1, 1e-320, -(2.0**52)]
) | st.floats(-(2.0**53), 2.0**53, exclude_min=True, exclude_max=True)
DIGITS = st.sampled_from(
    [
        *("0", "-0", "+5", "007", "31", "31.0", "31.", ".5", ".", "1e3", "1e15", "1e39", "-1e39"),
        *("1e400", "1e", "2147483648", "-2147483648", "9223372036854775807", "9223372036854775808"),
        *("-9223372036854775808", "1" * 30, "1" * 400, "0" * 30 + "7", "٣", "1_0", " 1", "1\n"),
        *("true", "False", "TRUE", "yes", "nan", "Infinity", "0x1F", ""),
    ]
)
TEXTS = st.text(max_size=20) | st.sampled_from(['"\\\x01\u2028😀', "|", "x" * 1000, "x" * 1001])
CATEGORIES = st.lists(st.text(min_size=1, max_size=400).filter(lambda text: "|" not in text))
VALUES = TEXTS | DIGITS | NUMBERS | st.booleans() | CATEGORIES


def schema(*fields: Field | str) -> DatasetSchema:
    """Return a schema of these fields; one that is but a name is of type string."""
    return DatasetSchema.parse(avro(*fields))


def avro(*fields: Field | str) -> str:
    """Return the Avro JSON of a schema of these fields."""
    whole = [{"name": one, "type": "string"} if isinstance(one, str) else one for one in fields]
    return json.dumps({"type": "record", "name": "Any", "fields": whole})


def optional(name: str, type_: str, **more: Any) -> Field:
    """Return a field that may be null."""
    return {"name": name, "type": ["null", type_], **more}


@st.composite
def fields(draw: st.DrawFn) -> list[Field]:
    """Return fields of any types, a few of them required."""
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=5))
    return [
        {"name": name, "type": declared, "categorical": draw(st.booleans())}
        for name in names
        for type_ in [draw(st.sampled_from(sorted(COLUMN_TYPES)))]
        for declared in [draw(st.sampled_from([["null", type_], [type_, "null"], [type_]]))]
    ]


_LIKELY: dict[str, st.SearchStrategy[Any]] = {
    "string": st.text(max_size=20) | NUMBERS | CATEGORIES,
    "int": st.integers(-(2**31), 2**31 - 1) | st.integers(-(2**31), 2**31 - 1).map(str),
    "long": st.integers(-(2**53) + 1, 2**53 - 1) | st.integers(-(2**63), 2**63 - 1).map(str),
    "float": NUMBERS | st.floats(-1e38, 1e38).map(str),
    "double": NUMBERS | st.floats(-1e300, 1e300).map(str),
    "boolean": st.booleans() | st.sampled_from(["true", "False"]),
}


@st.composite
def properties_of(draw: st.DrawFn, columns: list[Field]) -> dict[str, Any]:
    """Return properties that mostly fit: most of the columns, and at times something else."""
    found: dict[str, Any] = {}
    for column in columns:
        if draw(st.integers(0, 9)):
            name = column["name"]
            key = draw(st.sampled_from([name, name.lower(), name.replace("_", ""), f"_{name}"]))
            likely = _LIKELY[next(one for one in column["type"] if one != "null")]
            found[key] = draw(likely if draw(st.integers(0, 9)) else VALUES)
    if not draw(st.integers(0, 9)):
        found |= draw(st.dictionaries(KEYS | st.text(max_size=10), VALUES, max_size=2))
    return found
