"""The Avro schemas that Personalize takes."""

import json
from typing import Any

import pytest

from gateway.personalize.emulator.avro import check_dataset_schema, fold, parse_schema
from gateway.personalize.emulator.errors import AwsError
from gateway.personalize.emulator.resources import DatasetType


def schema_text(*fields: dict[str, Any], **others: Any) -> str:
    """Return a schema with fields."""
    return json.dumps({"type": "record", "name": "Items", "fields": list(fields)} | others)


def fields_of(names: str, type_name: str = "string") -> list[dict[str, Any]]:
    """Return fields of one type."""
    return [{"name": name, "type": type_name} for name in names.split()]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "The schema is not valid JSON"),
        ("[" * 100_000, "The schema is not valid JSON"),
        ("[]", "The schema is not an Avro record"),
        (schema_text(type="enum"), "The schema is not an Avro record"),
        (schema_text(name="1"), "The schema has no valid name"),
        (schema_text(), "The schema has no fields"),
        (schema_text(fields={}), "The schema has no fields"),
        (schema_text(fields=[1]), "A field of the schema has no valid name"),
        (schema_text({"type": "string"}), "A field of the schema has no valid name"),
        (schema_text({"name": "a b", "type": "int"}), "A field of the schema has no valid name"),
        (schema_text({"name": "A"}), "The field A has no type that is supported"),
        (schema_text({"name": "A", "type": "bytes"}), "The field A has no type that is supported"),
        (schema_text({"name": "A", "type": []}), "The field A has no type that is supported"),
        (
            schema_text({"name": "A", "type": {"type": "array", "items": "string"}}),
            "The field A has no type that is supported",
        ),
        (
            schema_text({"name": "A", "type": ["null", {"type": "map", "values": "int"}]}),
            "The field A has no type that is supported",
        ),
        (
            schema_text(*fields_of("GENRES_FIELD_1 GENRESFIELD1")),
            "The schema has two fields of one name",
        ),
    ],
)
def test_refuses_what_is_no_flat_record(text: str, message: str) -> None:
    """Only flat records of the documented types, without two fields of one name, are schemas."""
    with pytest.raises(AwsError) as caught:
        parse_schema(text)

    assert (caught.value.code, caught.value.message) == ("InvalidInputException", message)


def test_reads_the_fields() -> None:
    """A field is required unless its union has null or it has a default."""
    schema = parse_schema(
        schema_text(
            {"name": "A_B", "type": "string", "categorical": True},
            {"name": "C", "type": ["null", "int"]},
            {"name": "D", "type": "float", "default": 0},
        )
    )

    seen = {n: (f.name, set(f.types), f.required, f.categorical) for n, f in schema.fields.items()}
    assert seen == {
        "ab": ("A_B", {"string"}, True, True),
        "c": ("C", {"null", "int"}, False, False),
        "d": ("D", {"float"}, False, False),
    }


@pytest.mark.parametrize("dataset_type", DatasetType)
def test_takes_a_schema_of_each_type(
    dataset_type: DatasetType, avro: dict[str, dict[str, Any]]
) -> None:
    """The example of each dataset type can be that type's schema."""
    check_dataset_schema(dataset_type, parse_schema(json.dumps(avro[dataset_type.lower()])))


@pytest.mark.parametrize(
    ("dataset_type", "missing"),
    [
        (DatasetType.INTERACTIONS, "USER_ID"),
        (DatasetType.INTERACTIONS, "ITEM_ID"),
        (DatasetType.INTERACTIONS, "TIMESTAMP"),
        (DatasetType.ITEMS, "ITEM_ID"),
        (DatasetType.USERS, "USER_ID"),
        (DatasetType.ACTIONS, "ACTION_ID"),
        (DatasetType.ACTION_INTERACTIONS, "USER_ID"),
        (DatasetType.ACTION_INTERACTIONS, "ACTION_ID"),
        (DatasetType.ACTION_INTERACTIONS, "EVENT_TYPE"),
        (DatasetType.ACTION_INTERACTIONS, "TIMESTAMP"),
    ],
)
@pytest.mark.parametrize("change", ["removed", "of another type"])
def test_each_required_field_is_needed(
    dataset_type: DatasetType, missing: str, change: str, avro: dict[str, dict[str, Any]]
) -> None:
    """A schema without a required field, or with one of another type, is refused."""
    schema = avro[dataset_type.lower()]
    fields = [field for field in schema["fields"] if field["name"] != missing]
    if change == "of another type":
        fields.append({"name": missing, "type": "boolean"})

    with pytest.raises(AwsError, match=f"needs {missing} of type"):
        check_dataset_schema(dataset_type, parse_schema(schema_text(*fields)))


@pytest.mark.parametrize(
    ("dataset_type", "identifier"),
    [
        (DatasetType.ITEMS, "ITEM_ID"),
        (DatasetType.USERS, "USER_ID"),
        (DatasetType.ACTIONS, "ACTION_ID"),
    ],
)
def test_a_catalogue_needs_one_more_field(dataset_type: DatasetType, identifier: str) -> None:
    """An ID alone is no schema of items, users or actions."""
    with pytest.raises(AwsError, match="one metadata field at least"):
        check_dataset_schema(dataset_type, parse_schema(schema_text(*fields_of(identifier))))


@pytest.mark.parametrize(
    ("dataset_type", "reserved", "limit"),
    [
        (DatasetType.INTERACTIONS, "EVENT_TYPE EVENT_VALUE IMPRESSION RECOMMENDATION_ID", 5),
        (DatasetType.ITEMS, "CREATION_TIMESTAMP", 100),
        (DatasetType.USERS, "", 25),
        (DatasetType.ACTIONS, "CREATION_TIMESTAMP EXPIRATION_TIMESTAMP REPEAT_FREQUENCY", 10),
    ],
)
def test_the_number_of_metadata_fields_is_limited(
    dataset_type: DatasetType, reserved: str, limit: int, avro: dict[str, dict[str, Any]]
) -> None:
    """Reserved fields do not count; one metadata field too many is refused."""
    required = [
        field
        for field in avro[dataset_type.lower()]["fields"]
        if field["name"] in ("USER_ID", "ITEM_ID", "ACTION_ID", "TIMESTAMP")
    ]
    metadata = fields_of(" ".join(f"META{number}" for number in range(limit + 1)))
    most = parse_schema(schema_text(*required, *fields_of(reserved), *metadata[:-1]))
    too_many = parse_schema(schema_text(*required, *fields_of(reserved), *metadata))

    check_dataset_schema(dataset_type, most)
    with pytest.raises(AwsError, match=f"at most {limit} metadata fields"):
        check_dataset_schema(dataset_type, too_many)


def test_names_are_compared_without_case_and_underscores() -> None:
    """The camel case of a property finds the upper snake case of the schema."""
    assert {fold(name) for name in ("numberOfRatings", "NUMBER_OF_RATINGS", "NUMBEROFRATINGS")} == {
        "numberofratings"
    }
