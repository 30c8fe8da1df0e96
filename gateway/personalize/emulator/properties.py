"""Checks of one record's `properties` against what Amazon Personalize documents.

The service answers that it cannot parse the properties, or that the input is invalid; what exactly
it refuses beyond its documentation has not been verified. This judge is strict: a name that the
schema does not have is refused, a number for a field of type string too.
"""

import json
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Never

from gateway.personalize.emulator.avro import AvroSchema, Field, fold
from gateway.personalize.emulator.resources import DatasetType

_CATEGORY_LENGTH = 1000

# The keys that botocore's model reserves on events and action interactions, in any case; `fold`
# finds them with underscores too, which is what makes `USER_ID` one of them.
_RESERVED = frozenset(
    fold(name)
    for name in (
        "userId",
        "sessionId",
        "eventType",
        "timestamp",
        "recommendationId",
        "impression",
    )
)


@dataclass(frozen=True, slots=True)
class _Members:
    """Which fields of a schema the members of a record supply.

    Attributes:
        certain: fields that are there in every record, or need not be (USER_ID of an anonymous
            event).
        possible: fields that are there if the member is.
        also_properties: those of them that are accepted inside `properties` as well.
    """

    certain: frozenset[str]
    possible: Mapping[str, str]
    also_properties: frozenset[str]


_MEMBERS: Mapping[DatasetType, _Members] = {
    DatasetType.INTERACTIONS: _Members(
        frozenset({"userid", "sessionid", "timestamp", "eventtype"}),
        {
            "itemid": "itemId",
            "eventvalue": "eventValue",
            "impression": "impression",
            "recommendationid": "recommendationId",
            "eventattributionsource": "metricAttribution",
        },
        # Older callers, among them AWS's own samples, put these two there.
        frozenset({"itemid", "eventvalue"}),
    ),
    DatasetType.ACTION_INTERACTIONS: _Members(
        frozenset({"userid", "sessionid", "actionid", "timestamp", "eventtype"}),
        {"impression": "impression", "recommendationid": "recommendationId"},
        frozenset(),
    ),
    DatasetType.ITEMS: _Members(frozenset({"itemid"}), {}, frozenset()),
    DatasetType.USERS: _Members(frozenset({"userid"}), {}, frozenset()),
    DatasetType.ACTIONS: _Members(frozenset({"actionid"}), {}, frozenset()),
}

_INTERACTIONS = frozenset({DatasetType.INTERACTIONS, DatasetType.ACTION_INTERACTIONS})


def problem_of(
    element: Mapping[str, Any], dataset_type: DatasetType, schema: AvroSchema | None
) -> str | None:
    """Say what is wrong with a record's properties.

    Args:
        element: the record, checked against its shape.
        dataset_type: the type of the dataset that it goes to.
        schema: that dataset's; None where there is no dataset and so nothing to check names and
            types against.

    Returns:
        The first problem found; None for a record that is sound. Names fields, quotes no value.
    """
    text = element.get("properties")
    given = {} if text is None else _parse(text)
    if given is None:
        return "Error parsing properties json"
    members = _MEMBERS[dataset_type]
    folded = {fold(name): value for name, value in given.items()}
    if len(folded) != len(given):
        return "properties names one field twice"
    return (
        _reserved(folded, dataset_type, members)
        or _nested(folded)
        or (
            schema
            and (_mismatch(folded, schema, members) or _missing(folded, element, schema, members))
        )
        or None
    )


def _parse(text: str) -> dict[str, Any] | None:
    try:
        parsed = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict) else None


def _refuse_constant(name: str) -> Never:
    raise ValueError(f"{name} is not JSON")


def _reserved(
    folded: Mapping[str, Any], dataset_type: DatasetType, members: _Members
) -> str | None:
    forbidden = (members.certain | members.possible.keys()) - members.also_properties
    if dataset_type in _INTERACTIONS:
        forbidden |= _RESERVED
    taken = sorted(forbidden & folded.keys())
    return f"properties has a reserved keyword: {taken[0]}" if taken else None


def _nested(folded: Mapping[str, Any]) -> str | None:
    if any(isinstance(value, dict | list) for value in folded.values()):
        return "properties is not a flat object"
    return None


def _mismatch(folded: Mapping[str, Any], schema: AvroSchema, members: _Members) -> str | None:
    for name, value in folded.items():
        field = schema.fields.get(name)
        if field is None:
            if name not in members.also_properties:
                return "properties has a name that the schema does not have"
        elif not _fits(value, field):
            return f"properties has a value that does not fit {field.name}"
    return None


def _missing(
    folded: Mapping[str, Any], element: Mapping[str, Any], schema: AvroSchema, members: _Members
) -> str | None:
    for name, field in schema.fields.items():
        if not field.required or name in folded or name in members.certain:
            continue
        if element.get(members.possible.get(name, "")) is None:
            return f"The required field {field.name} is missing"
    return None


def _fits(value: object, field: Field) -> bool:
    if field.categorical and isinstance(value, str) and len(value) > _CATEGORY_LENGTH:
        return False
    return any(_TYPES[name](value) for name in field.types)


# The guide shows numbers as strings: {"numberOfRatings": "12"}.
_INTEGER = re.compile(r"[+-]?[0-9]{1,20}")
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
_LARGEST_FLOAT = 3.4028234663852886e38


def _is_integer(value: object, bits: int) -> bool:
    if isinstance(value, str) and _INTEGER.fullmatch(value):
        return _is_integer(int(value), bits)
    if not isinstance(value, int) or isinstance(value, bool):
        return False
    bound = 1 << (bits - 1)
    return -bound <= value < bound


def _is_number(value: object, largest: float) -> bool:
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        value = float(value)
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return abs(value) <= largest


def _is_boolean(value: object) -> bool:
    return isinstance(value, bool) or (
        isinstance(value, str) and value.lower() in ("true", "false")
    )


_TYPES: Mapping[str, Callable[[object], bool]] = {
    "string": lambda value: isinstance(value, str),
    "int": lambda value: _is_integer(value, 32),
    "long": lambda value: _is_integer(value, 64),
    "float": lambda value: _is_number(value, _LARGEST_FLOAT),
    "double": lambda value: _is_number(value, sys.float_info.max),
    "boolean": _is_boolean,
    "null": lambda value: value is None,
}
