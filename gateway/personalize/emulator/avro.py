"""The Avro schemas of datasets: what Amazon Personalize takes as one, and what each type must have.

Rules from the Developer Guide, "Creating schema JSON files".
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from gateway.personalize.emulator.errors import invalid_input
from gateway.personalize.emulator.resources import DatasetType

_TYPES = frozenset({"string", "int", "long", "float", "double", "boolean", "null"})
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a schema.

    Attributes:
        name: as the schema writes it (`NUMBER_OF_RATINGS`).
        types: its type, or those of its union.
        required: False where the union has null or the field has a default.
        categorical: True where its values are categories.
    """

    name: str
    types: frozenset[str]
    required: bool
    categorical: bool


@dataclass(frozen=True, slots=True)
class AvroSchema:
    """A flat record; its fields by folded name."""

    fields: Mapping[str, Field]


@dataclass(frozen=True, slots=True)
class _Demands:
    """What a schema must have to be one of a dataset type.

    Attributes:
        required: the types of the fields that have to be there.
        reserved: other fields that are no metadata.
        metadata_limit: most metadata fields; None where no limit is documented.
        metadata_needed: True where one field besides the required ones has to be there.
    """

    required: Mapping[str, str]
    reserved: frozenset[str]
    metadata_limit: int | None
    metadata_needed: bool


_DEMANDS: Mapping[DatasetType, _Demands] = {
    DatasetType.INTERACTIONS: _Demands(
        {"USER_ID": "string", "ITEM_ID": "string", "TIMESTAMP": "long"},
        frozenset(
            {
                "SESSION_ID",
                "EVENT_TYPE",
                "EVENT_VALUE",
                "IMPRESSION",
                "RECOMMENDATION_ID",
                "EVENT_ATTRIBUTION_SOURCE",
            }
        ),
        metadata_limit=5,
        metadata_needed=False,
    ),
    DatasetType.USERS: _Demands({"USER_ID": "string"}, frozenset(), 25, metadata_needed=True),
    DatasetType.ITEMS: _Demands(
        {"ITEM_ID": "string"}, frozenset({"CREATION_TIMESTAMP"}), 100, metadata_needed=True
    ),
    DatasetType.ACTIONS: _Demands(
        {"ACTION_ID": "string"},
        frozenset({"CREATION_TIMESTAMP", "VALUE", "EXPIRATION_TIMESTAMP", "REPEAT_FREQUENCY"}),
        10,
        metadata_needed=True,
    ),
    DatasetType.ACTION_INTERACTIONS: _Demands(
        {"USER_ID": "string", "ACTION_ID": "string", "EVENT_TYPE": "string", "TIMESTAMP": "long"},
        frozenset({"SESSION_ID", "IMPRESSION", "RECOMMENDATION_ID"}),
        None,
        metadata_needed=False,
    ),
}


def fold(name: str) -> str:
    """Return the form in which a property's and a field's name are compared.

    `numberOfRatings`, `NUMBER_OF_RATINGS` and `NUMBEROFRATINGS` are one name *(inferred)*.
    """
    return name.replace("_", "").lower()


@lru_cache(maxsize=512)
def parse_schema(text: str) -> AvroSchema:
    """Parse a schema's Avro JSON.

    Raises:
        AwsError: InvalidInputException where it is not a flat Avro record of the types that
            Amazon Personalize takes.
    """
    document = _document(text)
    fields = [_field(declared) for declared in document["fields"]]
    by_name = {fold(field.name): field for field in fields}
    if len(by_name) != len(fields):
        raise invalid_input("The schema has two fields of one name")
    return AvroSchema(by_name)


def check_dataset_schema(dataset_type: DatasetType, schema: AvroSchema) -> None:
    """Check that a schema can be one of a dataset type.

    Raises:
        AwsError: InvalidInputException where a required field is missing or of another type, or
            where there are too few or too many metadata fields.
    """
    demands = _DEMANDS[dataset_type]
    for name, type_name in demands.required.items():
        field = schema.fields.get(fold(name))
        if field is None or type_name not in field.types:
            raise invalid_input(f"A schema for {dataset_type} needs {name} of type {type_name}")
    others = schema.fields.keys() - {fold(name) for name in demands.required}
    if demands.metadata_needed and not others:
        raise invalid_input(f"A schema for {dataset_type} needs one metadata field at least")
    metadata = others - {fold(name) for name in demands.reserved}
    if demands.metadata_limit is not None and len(metadata) > demands.metadata_limit:
        raise invalid_input(
            f"A schema for {dataset_type} has at most {demands.metadata_limit} metadata fields"
        )


def _document(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise invalid_input("The schema is not valid JSON") from None
    if not isinstance(document, dict) or document.get("type") != "record":
        raise invalid_input("The schema is not an Avro record")
    if not _is_name(document.get("name")):
        raise invalid_input("The schema has no valid name")
    if not isinstance(document.get("fields"), list) or not document["fields"]:
        raise invalid_input("The schema has no fields")
    return document


def _field(declared: object) -> Field:
    if not isinstance(declared, dict) or not _is_name(declared.get("name")):
        raise invalid_input("A field of the schema has no valid name")
    types = _types(declared.get("type"))
    if not types:
        raise invalid_input(f"The field {declared['name']} has no type that is supported")
    return Field(
        name=declared["name"],
        types=types,
        required="null" not in types and "default" not in declared,
        categorical=declared.get("categorical") is True,
    )


def _types(declared: object) -> frozenset[str]:
    union: Sequence[object] = declared if isinstance(declared, list) else [declared]
    types = frozenset(one for one in union if isinstance(one, str) and one in _TYPES)
    return types if len(types) == len(union) else frozenset()


def _is_name(value: object) -> bool:
    return isinstance(value, str) and _NAME.fullmatch(value) is not None
