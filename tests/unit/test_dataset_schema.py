import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.dataset_schema import Column, DatasetSchema, SchemaUnreadable, camel_case, column_of
from tests.support.schemas import avro, optional, schema


def test_a_schema_says_of_each_column_what_it_holds() -> None:
    """Null makes a column one that records may do without, and so does a default."""
    parsed = schema(
        "ITEM_ID",
        optional("PRICE", "float"),
        {"name": "GENRES", "type": ["string", "null"], "categorical": True},
        {"name": "DESCRIPTION", "type": "string", "textual": True, "default": ""},
    )
    assert parsed.columns == (
        Column("ITEM_ID", "string"),
        Column("PRICE", "float", nullable=True, required=False),
        Column("GENRES", "string", nullable=True, required=False, categorical=True),
        Column("DESCRIPTION", "string", required=False, textual=True),
    )
    assert parsed == schema(
        "ITEM_ID",
        optional("PRICE", "float"),
        optional("GENRES", "string", categorical=True, of_no_meaning=1),
        {"name": "DESCRIPTION", "type": "string", "textual": True, "default": "x"},
    )
    assert hash(parsed) == hash(DatasetSchema(parsed.columns))


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("NUMBER_OF_RATINGS", "numberOfRatings"),
        ("GENRES_FIELD_1", "genresField1"),
        ("CATEGORY_L2", "categoryL2"),
        ("AGE", "age"),
        ("_AGE__IN_YEARS_", "ageInYears"),
        ("numberOfRatings", "numberOfRatings"),
        ("NumberOfRatings", "numberOfRatings"),
        ("number_of_ratings", "numberOfRatings"),
        ("X1", "x1"),
    ],
)
def test_a_column_has_a_key_in_camel_case(name: str, key: str) -> None:
    """It is the one that Personalize documents, and stands for the same column."""
    assert camel_case(name) == key
    assert column_of(key) == column_of(name)


@given(st.from_regex(r"[A-Za-z_][A-Za-z0-9_]*", fullmatch=True).filter(column_of))
def test_every_spelling_finds_its_column(name: str) -> None:
    """Underscores and letter case do not count."""
    parsed = schema("ANOTHER_ONE_0", name) if column_of(name) != "anotherone0" else schema(name)
    found = [parsed.column(key) for key in (name, camel_case(name), name.swapcase(), f"_{name}")]
    assert found == [parsed.columns[-1]] * 4
    assert parsed.column(f"{name}0x") is None


@pytest.mark.parametrize(
    "text",
    [
        *("", "[", "[]", "1", "{}", '{"fields": []}', '{"fields": {}}', "[" * 100_000),
        avro({"type": "string"}),
        avro({"name": 1, "type": "string"}),
        avro({"name": "", "type": "string"}),
        avro({"name": "_", "type": "string"}),
        avro({"name": "É", "type": "string"}),
        avro({"name": "A B", "type": "string"}),
        json.dumps({"fields": ["A"]}),
        avro({"name": "A"}),
        avro({"name": "A", "type": []}),
        avro({"name": "A", "type": "null"}),
        avro({"name": "A", "type": ["null"]}),
        avro({"name": "A", "type": "bytes"}),
        avro({"name": "A", "type": ["int", "string"]}),
        avro({"name": "A", "type": ["null", {"type": "array", "items": "string"}]}),
        avro({"name": "A", "type": {"type": "string"}}),
        avro("GENRES_FIELD_1", "GENRESFIELD1"),
    ],
)
def test_what_is_no_schema_is_not_guessed_at(text: str) -> None:
    """The error is short, and says what is wrong."""
    with pytest.raises(SchemaUnreadable) as caught:
        DatasetSchema.parse(text)
    assert 20 < len(str(caught.value)) < 200
