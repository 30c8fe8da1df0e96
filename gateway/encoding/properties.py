"""The JSON text of `properties`: canonical, and as a schema names its columns and types.

Personalize takes `properties` as a string that holds a flat JSON object. Both texts are the same
for the same columns, whatever the client's language and the order on the wire. Derived event IDs
rest on the canonical one, so a release must not change it.
"""

from google.protobuf.struct_pb2 import Struct, Value

from gateway.dataset_schema import Column, DatasetSchema
from gateway.encoding.column import Misfit, Scalar, fitted
from gateway.encoding.json_text import json_text

INTEGERS_BELOW = 2**53
"""Below this, every whole number has a double of its own."""


def properties_json(properties: Struct) -> str:
    """Return valid properties as JSON; the empty string where there are none.

    Keys are sorted by code point. A double that is a whole number is written as an integer (`31`,
    and `0` for -0.0), so that a column of type int or long can be read from it; another one is
    written in the fewest digits that give the same double. Several categories are joined by `|`.
    Characters beyond ASCII stay as they are. Properties without keys say no more than none at all,
    so both are left out of the element.

    Raises:
        ValueError: a value is null, nested, NaN or infinite, which validation refuses.
    """
    fields = properties.fields
    if not fields:
        return ""
    return json_text({key: scalar(fields[key]) for key in sorted(fields)})


def typed_properties_json(properties: Struct, schema: DatasetSchema) -> str:
    """Return valid properties as JSON for a dataset; the empty string where there are none.

    A key that stands for a column becomes the one that Personalize documents for it, and its value
    one of the column's type. A key of no column, and a value that does not fit, are as canonical
    JSON has them. Keys are sorted by code point. Properties that are read from the text and written
    again give the same text.

    Raises:
        ValueError: as `properties_json`.
    """
    fields = properties.fields
    if not fields:
        return ""
    typed: dict[str, Scalar] = {}
    for key, value in fields.items():
        column = schema.column(key)
        typed[column.property_key if column else key] = typed_scalar(value, column)
    return json_text({key: typed[key] for key in sorted(typed)})


def typed_scalar(value: Value, column: Column | None) -> Scalar:
    """Return a valid property's value as a column has it; as canonical JSON has it without one."""
    canonical = scalar(value)
    fit = canonical if column is None else fitted(canonical, column)
    return canonical if isinstance(fit, Misfit) else fit


def scalar(value: Value) -> Scalar:
    """Return a valid property's value as canonical JSON has it.

    Raises:
        ValueError: it is null or nested, which validation refuses.
    """
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        return value.string_value
    if kind == "number_value":
        return canonical_number(value.number_value)
    if kind == "bool_value":
        return value.bool_value
    if kind == "list_value":
        return "|".join(map(_category, value.list_value.values))
    raise ValueError(f"no column can hold a value of the kind {kind}")


def canonical_number(number: float) -> float:
    """Return a number as canonical JSON has it: one that is whole as an integer."""
    if -INTEGERS_BELOW < number < INTEGERS_BELOW and number.is_integer():
        return int(number)
    return number


def _category(entry: Value) -> str:
    if entry.WhichOneof("kind") != "string_value":
        raise ValueError("a list holds something other than strings")
    return entry.string_value
