"""The types of a dataset's columns, from the Avro schema that it was created with."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.errors import GatewayError

TYPES = frozenset({"string", "int", "long", "float", "double", "boolean"})
"""The types that a column may have, besides null (developer guide, schemas)."""


class SchemaError(GatewayError):
    """Expected error: the file is no schema of a Personalize dataset."""


@dataclass(frozen=True, slots=True)
class ColumnType:
    """The type of a column.

    Attributes:
        column: its name, as the schema has it.
        name: one of `TYPES`.
        nullable: whether a row may do without it.
    """

    column: str
    name: str
    nullable: bool


def folded(column: str) -> str:
    """Return what the names of one column have in common, whatever their letter case.

    Personalize matches the property `numberOfRatings` with the column NUMBER_OF_RATINGS.
    """
    return column.replace("_", "").lower()


def load_schema(path: Path) -> Mapping[str, ColumnType]:
    """Read an Avro schema; return the type of each column by its folded name.

    Raises:
        SchemaError: it cannot be read, or is no flat record.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise SchemaError(f"{path} is no JSON file that can be read: {error}") from error
    fields = document.get("fields") if isinstance(document, dict) else None
    if not isinstance(fields, list) or not fields:
        raise SchemaError(f"{path} is no Avro schema of a record: it has no list `fields`")
    types = [_column_type(path, field) for field in fields]
    return {folded(type_.column): type_ for type_ in types}


def _column_type(path: Path, field: Any) -> ColumnType:  # noqa: ANN401 - JSON of any form
    if not isinstance(field, dict) or not isinstance(field.get("name"), str):
        raise SchemaError(f"{path}: each of `fields` must be an object with a `name`")
    column = field["name"]
    stated = field.get("type")
    names = stated if isinstance(stated, list) else [stated]
    types = [name for name in names if name != "null"]
    if len(types) != 1 or not isinstance(types[0], str) or types[0] not in TYPES:
        known = ", ".join(sorted(TYPES))
        raise SchemaError(f"{path}: {column}: the type must be one of {known}, or that and null")
    return ColumnType(column, types[0], nullable="null" in names)
