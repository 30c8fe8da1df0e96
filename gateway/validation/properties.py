"""Checks of `properties`: a flat object of columns, short enough as JSON."""

from collections.abc import Callable, Mapping
from math import isfinite

from google.protobuf.struct_pb2 import Struct, Value

from gateway.api import Rule
from gateway.dataset_schema import column_of
from gateway.encoding.properties import INTEGERS_BELOW, properties_json, typed_properties_json
from gateway.records import Kind
from gateway.validation.expected_columns import ALSO_PROPERTIES, ExpectedColumns
from gateway.validation.identifiers import check_name
from gateway.validation.limits import (
    METADATA_MAX_COLUMNS,
    PROPERTIES_MAX_CHARS,
    PROPERTIES_MAX_FAULTS,
    PROPERTY_KEY_MAX_CHARS,
)
from gateway.validation.path import property_path, quoted
from gateway.validation.violation import Fault

_RESERVED: Mapping[str, str] = {
    "userid": "user_id",
    "sessionid": "session_id",
    "eventtype": "event_type",
    "timestamp": "event_time",
    "recommendationid": "recommendation_id",
    "impression": "impression",
}
"""The columns that come from fields of the record, and the fields.

Source: botocore's model, at the member `properties` of Event and ActionInteraction.
"""
_RESERVED_OF: Mapping[Kind, Mapping[str, str]] = {
    Kind.EVENTS: _RESERVED,
    Kind.ACTION_INTERACTIONS: _RESERVED,
    Kind.ITEMS: {},
    Kind.USERS: {},
    Kind.ACTIONS: {},
}

# Of flat properties, a byte on the wire is at most six characters of JSON (`\u0001`), and a
# character of JSON at most four bytes on the wire and some framing. So most lengths need no JSON.
_MAX_CHARS_PER_BYTE = 6
_MAX_BYTES_PER_CHAR = 8

_UNMEASURABLE = {Rule.RULE_NULL_PROPERTY, Rule.RULE_NESTED_PROPERTY, Rule.RULE_FINITE}


def check_properties(
    properties: Struct, kind: Kind, faults: list[Fault], expected: ExpectedColumns | None = None
) -> None:
    """Add the faults of the properties of a record of a kind, sorted by key.

    Only the top level is walked, however deep the values go. Where so much was sent that it must be
    too long, nothing is walked at all.

    Args:
        properties: those of the record.
        kind: what it is.
        faults: what is added to.
        expected: the columns of the dataset that it goes to; None where they are not known.
    """
    fields = properties.fields
    max_chars = PROPERTIES_MAX_CHARS[kind]
    if fields:
        size_bytes = _size_bytes(properties, max_chars * _MAX_BYTES_PER_CHAR)
        if size_bytes > max_chars * _MAX_BYTES_PER_CHAR:
            faults.append(_too_long(max_chars))
            return
        before = len(faults)
        _check_columns(fields, kind, faults, expected)
        if size_bytes * _MAX_CHARS_PER_BYTE > max_chars:
            unmeasurable = any(fault.rule in _UNMEASURABLE for fault in faults[before:])
            if not unmeasurable and _length(properties, expected) > max_chars:
                faults.append(_too_long(max_chars))
    if expected is not None:
        expected.check_required(fields, faults)


def _size_bytes(properties: Struct, enough: int) -> int:
    """Return the size on the wire; where that is more than enough, without what is not known.

    Fields that this release does not know reach nobody, so they are discarded.
    """
    size_bytes = properties.ByteSize()
    if size_bytes > enough:
        properties.DiscardUnknownFields()
        return properties.ByteSize()
    return size_bytes


def _length(properties: Struct, expected: ExpectedColumns | None) -> int:
    if expected is None:
        return len(properties_json(properties))
    return len(typed_properties_json(properties, expected.schema))


def _check_columns(
    fields: Mapping[str, Value], kind: Kind, faults: list[Fault], expected: ExpectedColumns | None
) -> None:
    reserved = _RESERVED_OF[kind]
    start, enough = len(faults), len(faults) + PROPERTIES_MAX_FAULTS
    keys: dict[str, str] = {}
    for key in sorted(fields):
        before = len(faults)
        column = column_of(key)
        _check_key(key, reserved.get(column), faults)
        if keys.setdefault(column, key) is not key:
            faults.append(_duplicate(key, keys[column]))
        check_value(key, column, fields[key], faults, expected if len(faults) == before else None)
        if len(faults) >= enough and _is_enough(faults, start, enough):
            return
    if kind is Kind.EVENTS and expected is None and len(keys) > METADATA_MAX_COLUMNS:
        _check_metadata_count(keys, faults)


def check_value(
    key: str, column: str, value: Value, faults: list[Fault], expected: ExpectedColumns | None
) -> None:
    """Add the faults of the value of a property.

    Args:
        key: as it was sent.
        column: what `column_of` makes of it.
        value: its value.
        faults: what is added to.
        expected: the columns of the dataset that it goes to; None where they are not known.
    """
    before = len(faults)
    _CHECKS[value.WhichOneof("kind")](key, value, faults)
    if expected is not None and len(faults) == before:
        expected.check_value(key, column, value, faults)


def _is_enough(faults: list[Fault], start: int, enough: int) -> bool:
    """Cut the faults of one record's properties; return whether the rest need not be judged.

    As long as none of them refuses for sure one that does is looked for, and is the last then: a
    record whose faults are only counted has to be one that can be encoded.
    """
    refusing = next((index for index in range(start, len(faults)) if faults[index].refuses), None)
    if refusing is not None and refusing >= enough:
        faults[enough] = faults[refusing]
        enough += 1
    del faults[enough:]
    return refusing is not None


def _check_metadata_count(keys: Mapping[str, str], faults: list[Fault]) -> None:
    """Add the fault of an event that has more columns than any schema could."""
    if len(keys.keys() - _RESERVED.keys() - ALSO_PROPERTIES) > METADATA_MAX_COLUMNS:
        text = (
            f"has more than {METADATA_MAX_COLUMNS} columns beside `itemId` and `eventValue`, and no"
            " Interactions dataset has so many: send those that the schema has"
        )
        faults.append(Fault("properties", Rule.RULE_METADATA_COLUMNS, text))


def _check_key(key: str, field: str | None, faults: list[Fault]) -> None:
    if not 1 <= len(key) <= PROPERTY_KEY_MAX_CHARS:
        text = f"a key must have 1 to {PROPERTY_KEY_MAX_CHARS} characters"
        faults.append(Fault(property_path(key), Rule.RULE_PROPERTY_KEY, text))
    if field is not None:
        text = f"the key is reserved by Personalize: set the field `{field}` instead"
        faults.append(Fault(property_path(key), Rule.RULE_RESERVED_PROPERTY, text))
    if not key.isprintable():
        check_name(property_path(key), key, faults)


def _check_string(key: str, value: Value, faults: list[Fault]) -> None:
    if "\0" in value.string_value:
        faults.append(_nul(property_path(key)))


def _check_number(key: str, value: Value, faults: list[Fault]) -> None:
    number = value.number_value
    if -INTEGERS_BELOW < number < INTEGERS_BELOW:
        return
    if isfinite(number):
        text = "is a whole number that a double may not hold exactly: send it as a string"
        faults.append(Fault(property_path(key), Rule.RULE_PRECISION, text))
    else:
        text = "is NaN or infinite: send a finite number, or leave the key out"
        faults.append(Fault(property_path(key), Rule.RULE_FINITE, text))


def _check_list(key: str, value: Value, faults: list[Fault]) -> None:
    enough = len(faults) + PROPERTIES_MAX_FAULTS
    for index, entry in enumerate(value.list_value.values):
        if entry.WhichOneof("kind") != "string_value":
            text = "a list may hold strings only, the categories of the column"
            faults.append(Fault(property_path(key, index), Rule.RULE_NESTED_PROPERTY, text))
            if len(faults) >= enough:
                return
        elif len(faults) < enough:
            _check_category(property_path(key, index), entry.string_value, faults)


def _check_category(path: str, category: str, faults: list[Fault]) -> None:
    if not category or "|" in category:
        text = "a category must not be empty, nor hold `|`, which separates categories"
        faults.append(Fault(path, Rule.RULE_CATEGORY, text))
    if "\0" in category:
        faults.append(_nul(path))


def _check_bool(key: str, value: Value, faults: list[Fault]) -> None:
    """Any boolean is good."""


def _report_null(key: str, _: Value, faults: list[Fault]) -> None:
    text = "is null: leave the key out"
    faults.append(Fault(property_path(key), Rule.RULE_NULL_PROPERTY, text))


def _report_object(key: str, _: Value, faults: list[Fault]) -> None:
    text = "is an object, and columns are flat: send a key for each column"
    faults.append(Fault(property_path(key), Rule.RULE_NESTED_PROPERTY, text))


_CHECKS: Mapping[str | None, Callable[[str, Value, list[Fault]], None]] = {
    "string_value": _check_string,
    "number_value": _check_number,
    "bool_value": _check_bool,
    "list_value": _check_list,
    "struct_value": _report_object,
    "null_value": _report_null,
    None: _report_null,
}


def _nul(field: str) -> Fault:
    return Fault(field, Rule.RULE_CONTROL_CHARACTER, "has NUL (U+0000): send it without")


def _duplicate(key: str, other: str) -> Fault:
    text = f"means the same column as {quoted(other)}: send one of them"
    return Fault(property_path(key), Rule.RULE_DUPLICATE_PROPERTY, text)


def _too_long(max_chars: int) -> Fault:
    text = f"must have at most {max_chars:,} characters as JSON: send fewer or shorter columns"
    return Fault("properties", Rule.RULE_PROPERTIES_LENGTH, text)
