"""What the schema of a dataset asks of the records of a kind."""

import sys
from collections.abc import Callable, Collection, Mapping
from operator import attrgetter, methodcaller
from typing import NamedTuple

from google.protobuf.message import Message
from google.protobuf.struct_pb2 import Value

from gateway.api import Rule
from gateway.dataset_schema import Column, DatasetSchema, column_of
from gateway.encoding.column import Misfit, fitted
from gateway.encoding.properties import scalar
from gateway.records import Kind
from gateway.validation.limits import CATEGORY_MAX_CHARS
from gateway.validation.path import property_path
from gateway.validation.violation import Fault


class _Member(NamedTuple):
    """A field that fills a column; `is_set` tells whether a record has it, None that each has."""

    field: str
    is_set: Callable[[Message], object] | None = None


def _optional(field: str) -> _Member:
    return _Member(field, methodcaller("HasField", field))


_INTERACTION: Mapping[str, _Member] = {
    "userid": _Member("user_id"),  # or it is anonymous
    "sessionid": _Member("session_id"),
    "timestamp": _Member("event_time"),
    "eventtype": _Member("event_type"),
    "impression": _Member("impression", attrgetter("impression")),
    "recommendationid": _optional("recommendation_id"),
}
_MEMBERS: Mapping[Kind, Mapping[str, _Member]] = {
    Kind.EVENTS: {
        **_INTERACTION,
        "itemid": _optional("item_id"),
        "eventvalue": _optional("event_value"),
        "eventattributionsource": _optional("event_attribution_source"),
    },
    Kind.ACTION_INTERACTIONS: {**_INTERACTION, "actionid": _Member("action_id")},
    Kind.ITEMS: {"itemid": _Member("item_id")},
    Kind.USERS: {"userid": _Member("user_id")},
    Kind.ACTIONS: {"actionid": _Member("action_id")},
}
"""The columns that fields of a record fill. Source: botocore's model, at each of the members."""

ALSO_PROPERTIES = frozenset({"itemid", "eventvalue"})
"""The columns of events that older callers, AWS's own samples among them, fill by `properties`.

Personalize takes them there, also where the schema has no EVENT_VALUE.
"""

_WANTED: Mapping[str, str] = {
    "string": "a string",
    "int": "a whole number",
    "long": "a whole number, a large one as a string of digits",
    "float": "a number",
    "double": "a number",
    "boolean": "true or false",
}


class ExpectedColumns:
    """The columns that records of a kind have, compiled from the schema of their dataset.

    Args:
        kind: what the records are.
        schema: of the dataset that they go to.

    Attributes:
        schema: likewise.
        metadata_count: how many columns are neither filled by fields nor by the members that older
            callers send in `properties`.
    """

    def __init__(self, kind: Kind, schema: DatasetSchema) -> None:
        members, columns = _MEMBERS[kind], schema.by_column
        self.schema = schema
        self.metadata_count = len(columns.keys() - members.keys())
        self._columns = columns
        self._also = ALSO_PROPERTIES if kind is Kind.EVENTS else frozenset()
        self._members = {key: members[key] for key in members.keys() - self._also}
        self._max_chars = {
            key: CATEGORY_MAX_CHARS if column.categorical else sys.maxsize
            for key, column in columns.items()
            if column.type == "string" and key not in self._members
        }
        self._holds_impressions = kind is Kind.EVENTS and "impression" in columns
        required = [key for key, column in columns.items() if column.required]
        self._required = [columns[key] for key in required if key not in members]
        self._required_members = [
            (columns[key], members[key])
            for key in required
            if key in members and members[key].is_set is not None
        ]

    def max_chars(self, column: Column) -> int:
        """Return how long a text may be, if it is not empty, to fit a column for sure."""
        return self._max_chars.get(column_of(column.name), 0)

    def check_value(self, key: str, column_key: str, value: Value, faults: list[Fault]) -> None:
        """Add the fault of a property that has a value which some column could hold.

        Args:
            key: as it was sent.
            column_key: what `column_of` makes of it.
            value: a text, a number, a boolean or a list of texts.
            faults: what is added to.
        """
        # Most columns hold texts, and most texts are short: for these the rest takes too long.
        if 0 < len(value.string_value) <= self._max_chars.get(column_key, 0):
            return
        if column_key in self._members:
            text = f"is filled by the field `{self._members[column_key].field}`: leave the key out"
            faults.append(Fault(property_path(key), Rule.RULE_UNKNOWN_PROPERTY, text))
            return
        column = self._columns.get(column_key)
        if column is not None:
            _check_fit(key, value, column, faults)
        elif column_key not in self._also:
            text = "is no column of the dataset's schema: send one that it has, or leave it out"
            faults.append(Fault(property_path(key), Rule.RULE_UNKNOWN_PROPERTY, text))

    def check_required(self, keys: Collection[str], faults: list[Fault]) -> None:
        """Add a fault for each column that `properties` has to fill and has no key for."""
        for column in _without_key(self._required, keys):
            text = f"the dataset's schema requires the column {column.name}: send it"
            path = property_path(column.property_key)
            faults.append(Fault(path, Rule.RULE_MISSING_PROPERTY, text))

    def check_members(self, message: Message, keys: Collection[str], faults: list[Fault]) -> None:
        """Add the faults of the fields that fill columns.

        Args:
            message: an event or action interaction.
            keys: of its properties.
            faults: what is added to.
        """
        for column, member in self._required_members:
            if member.is_set is None or member.is_set(message):
                continue
            if column_of(column.name) in self._also and not _without_key([column], keys):
                continue
            text = f"the dataset's schema requires the column {column.name}: set the field"
            faults.append(Fault(member.field, Rule.RULE_MISSING_PROPERTY, text))
        if self._holds_impressions:
            impression = message.impression  # type: ignore[attr-defined]  # of an event
            if impression and len("|".join(impression)) > CATEGORY_MAX_CHARS:
                faults.append(_too_long("impression", "the IDs"))


def _without_key(columns: list[Column], keys: Collection[str]) -> list[Column]:
    """Return the columns that no key stands for."""
    without = [column for column in columns if column.property_key not in keys]
    if not without or not keys:
        return without
    spelled_otherwise = set(map(column_of, keys))
    return [column for column in without if column_of(column.name) not in spelled_otherwise]


def _check_fit(key: str, value: Value, column: Column, faults: list[Fault]) -> None:
    fit = fitted(scalar(value), column)
    if fit is Misfit.TYPE:
        text = f"does not fit {column.name}, of the type {column.type}: send {_WANTED[column.type]}"
        faults.append(Fault(property_path(key), Rule.RULE_PROPERTY_TYPE, text))
    elif fit is Misfit.RANGE:
        text = f"is too large or too small for {column.name}, of the type {column.type}"
        faults.append(Fault(property_path(key), Rule.RULE_PROPERTY_RANGE, text))
    elif column.categorical and isinstance(fit, str) and len(fit) > CATEGORY_MAX_CHARS:
        faults.append(_too_long(property_path(key), "the categories"))


def _too_long(path: str, what: str) -> Fault:
    text = (
        f"{what} must have at most {CATEGORY_MAX_CHARS:,} characters, joined by `|`: send fewer or"
        " shorter ones"
    )
    return Fault(path, Rule.RULE_CATEGORY_LENGTH, text)
