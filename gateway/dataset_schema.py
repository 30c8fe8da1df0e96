"""The schema of a dataset: which columns it has, and what each of them holds.

Personalize's schemas are flat Avro records (developer guide, "Creating schema JSON files"). Nothing
here knows AWS or makes I/O.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Self

from gateway.errors import GatewayError

COLUMN_TYPES = frozenset({"string", "int", "long", "float", "double", "boolean"})
"""The types that a column may have, besides null."""

_NAME = re.compile("[A-Za-z_][A-Za-z0-9_]*")  # Avro's
_NULL = "null"
_MAX_NAME_SHOWN = 64


class SchemaUnreadable(GatewayError):
    """Expected error: a text is no schema of a dataset, or none that this release understands."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a dataset.

    Attributes:
        name: as the schema has it: `NUMBER_OF_RATINGS`.
        type: what it holds, one of `COLUMN_TYPES`.
        nullable: whether it may be null instead.
        required: whether every record has to fill it: it may not be null and has no default.
        categorical: whether it holds categories, several of them joined by `|`.
        textual: whether it holds text in a natural language.
        property_key: the key that Personalize documents for it: `numberOfRatings`.
    """

    name: str
    type: str
    nullable: bool = False
    required: bool = True
    categorical: bool = False
    textual: bool = False
    property_key: str = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "property_key", camel_case(self.name))


@dataclass(frozen=True, slots=True)
class DatasetSchema:
    """The columns of a dataset, in the schema's order. Schemas with the same columns are equal.

    Raises:
        SchemaUnreadable: two columns cannot be told apart.
    """

    columns: tuple[Column, ...]
    by_column: Mapping[str, Column] = field(init=False, compare=False, repr=False)
    """The columns by what `column_of` makes of their names, in the schema's order."""
    _by_spelling: Mapping[str, Column] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        by_column = {column_of(column.name): column for column in self.columns}
        if len(by_column) < len(self.columns):
            raise SchemaUnreadable(
                "the schema has two columns that differ in letter case and underscores alone:"
                " Personalize cannot tell them apart"
            )
        spelled = {column.name: column for column in self.columns}
        spelled |= {column.property_key: column for column in self.columns}
        object.__setattr__(self, "by_column", MappingProxyType(by_column))
        object.__setattr__(self, "_by_spelling", MappingProxyType(spelled | by_column))

    @classmethod
    def parse(cls, avro_json: str) -> Self:
        """Read a schema from its Avro JSON, as DescribeSchema gives it.

        Raises:
            SchemaUnreadable: it is no flat record of the types that Personalize documents.
        """
        return cls(tuple(map(_column, _fields(avro_json))))

    def column(self, key: str) -> Column | None:
        """Return the column that a property's key, or a column's name, stands for."""
        # The usual spellings need no folding, which would cost more than the look-up.
        return self._by_spelling.get(key) or self.by_column.get(column_of(key))


def column_of(key: str) -> str:
    """Return what all keys have in common that stand for the same column.

    Personalize matches the key `numberOfRatings` with the column NUMBER_OF_RATINGS, and allows no
    GENRES_FIELD_1 beside a GENRESFIELD1: so letter case and underscores cannot count.
    """
    return key.replace("_", "").lower()


def camel_case(name: str) -> str:
    """Return the key by which the properties of a record name a column.

    NUMBER_OF_RATINGS is `numberOfRatings`. A name that is not in upper case throughout is taken to
    have its own camel case, and only its first letter is made small.
    """
    words = [word for word in name.split("_") if word]
    if name.isupper():
        words = [word.capitalize() for word in words]
    else:
        words = [word[0].upper() + word[1:] for word in words]
    joined = "".join(words)
    return joined[:1].lower() + joined[1:]


def _fields(avro_json: str) -> list[Any]:
    try:
        document = json.loads(avro_json)
    except (ValueError, RecursionError):
        raise SchemaUnreadable("the schema is no JSON: look at what DescribeSchema gives") from None
    fields = document.get("fields") if isinstance(document, dict) else None
    if not isinstance(fields, list) or not fields:
        raise SchemaUnreadable("the schema is no Avro record: it has no list `fields`")
    return fields


def _column(declared: Any) -> Column:  # noqa: ANN401 - JSON of any form
    name = declared.get("name") if isinstance(declared, dict) else None
    if not isinstance(name, str) or not _NAME.fullmatch(name) or not column_of(name):
        raise SchemaUnreadable("an entry of the schema's `fields` has no name of Avro's form")
    type_, nullable = _type(name, declared.get("type"))
    return Column(
        name,
        type_,
        nullable=nullable,
        required=not nullable and "default" not in declared,
        categorical=declared.get("categorical") is True,
        textual=declared.get("textual") is True,
    )


def _type(name: str, declared: Any) -> tuple[str, bool]:  # noqa: ANN401 - JSON of any form
    """Return a column's type and whether null is allowed beside it."""
    types = declared if isinstance(declared, list) else [declared]
    others = [type_ for type_ in types if type_ != _NULL]
    if len(others) == 1 and isinstance(others[0], str) and others[0] in COLUMN_TYPES:
        return others[0], len(others) < len(types)
    raise SchemaUnreadable(
        f"the column {name[:_MAX_NAME_SHOWN]!r} of the schema has a type that is not known:"
        f" Personalize documents {', '.join(sorted(COLUMN_TYPES))}, or null and one of them"
    )
