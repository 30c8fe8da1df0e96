"""Which keys properties were seen to have together, where nothing was wrong with them.

Nearly all records of a caller have the same few sets of keys, those of the columns that it fills.
What is judged of the keys alone (are they reserved, do two mean the same column, is a required one
missing) is judged by the rules once for each set, and so is what their JSON looks like.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from google.protobuf.struct_pb2 import Value

from gateway.dataset_schema import Column, column_of
from gateway.encoding.column import Misfit, Scalar, fitted
from gateway.encoding.json_text import json_text
from gateway.encoding.properties import INTEGERS_BELOW, canonical_number, scalar, typed_scalar
from gateway.records import Kind
from gateway.validation.expected_columns import ExpectedColumns
from gateway.validation.properties import check_value

if TYPE_CHECKING:
    from gateway.validation.violation import Fault

_MAX_SHAPES = 256
MAX_KEY_CHARS = 1024
"""Of all keys of a shape. So what is remembered is bounded, and longer keys are not ordinary."""

_Write = Callable[[float], str | None]


class ShapeColumn(NamedTuple):
    """A key, and how its value is written.

    Attributes:
        key: as it was sent.
        prefix: what stands before the value in the JSON, as an element has it: its quotation marks
            escaped.
        max_chars: of a text that is written as it is; less than any where it has to be looked at.
        write: returns how a number or a boolean is written; None where that is not sure.
    """

    key: str
    prefix: str
    max_chars: int
    write: _Write


class Shape(NamedTuple):
    """A set of keys.

    Attributes:
        typed: the columns as the dataset's schema has them, in the order of the JSON.
        canonical: each key and its prefix, as the canonical JSON has them.
    """

    typed: Sequence[ShapeColumn]
    canonical: Sequence[tuple[str, str]]


class PropertyShapes:
    """The shapes of the properties of one kind.

    Args:
        kind: of the records.
        expected: the columns of the dataset that they go to; None where they are not known.

    Attributes:
        known: by their keys, sorted, and as they were met besides.
    """

    def __init__(self, kind: Kind, expected: ExpectedColumns | None) -> None:
        self._kind = kind
        self._expected = expected
        self.known: dict[tuple[str, ...], Shape] = {}

    def find(self, keys: tuple[str, ...]) -> Shape | None:
        """Return the shape of keys that were not met in this order."""
        shape = self.known.get(tuple(sorted(keys)))
        if shape is not None and len(self.known) < _MAX_SHAPES:
            self.known[keys] = shape
        return shape

    def learn(self, fields: Mapping[str, Value]) -> None:
        """Remember the keys of properties with which nothing is wrong."""
        keys = tuple(sorted(fields))
        if sum(map(len, keys)) > MAX_KEY_CHARS:
            return
        if len(self.known) >= _MAX_SHAPES:
            self.known.clear()
        columns = [self._column(key) for key in keys]
        pairs = zip(keys, columns, strict=True)
        names = [column.property_key if column else key for key, column in pairs]
        typed = sorted(zip(names, keys, columns, strict=True), key=itemgetter(0))
        self.known[keys] = Shape(
            [
                ShapeColumn(key, prefix, self._max_chars(column), partial(_written_scalar, column))
                for prefix, (_, key, column) in zip(_prefixes(sorted(names)), typed, strict=True)
            ],
            list(zip(keys, _prefixes(keys), strict=True)),
        )

    def other(self, key: str, value: Value, write: _Write) -> str | None:
        """Return how the value of a column is written if it is no text and no number but 0.

        None where that is not sure.
        """
        if value.HasField("number_value"):
            return write(value.number_value)
        if value.HasField("bool_value"):
            return write(value.bool_value)
        column = self._column(key)
        faults: list[Fault] = []
        check_value(key, column_of(key), value, faults, self._expected)
        # Of a text that stands for a number, what is written does not bound what was sent.
        if faults or (column and column.type != "string"):
            return None
        return _escaped(typed_scalar(value, column))

    def _column(self, key: str) -> Column | None:
        return None if self._expected is None else self._expected.schema.column(key)

    def _max_chars(self, column: Column | None) -> int:
        if self._expected is None or column is None:
            return sys.maxsize
        return self._expected.max_chars(column)


def canonical_json(shape: Shape, fields: Mapping[str, Value]) -> str:
    """Return the canonical JSON of properties of a shape, as a JSON string.

    Texts are taken to have no character that is escaped in JSON.
    """
    if not shape.canonical:
        return '""'
    columns = ""
    for key, prefix in shape.canonical:
        value = fields[key]
        if text := value.string_value:
            columns += f'{prefix}\\"{text}\\"'
        elif number := value.number_value:
            columns += f"{prefix}{canonical_number(number)}"
        else:
            columns += prefix + _escaped(scalar(value))
    return f'"{{{columns}}}"'


def _written_scalar(column: Column | None, value: float) -> str | None:
    if not -INTEGERS_BELOW < value < INTEGERS_BELOW:
        return None
    canonical = value if isinstance(value, bool) else canonical_number(value)
    fit = canonical if column is None else fitted(canonical, column)
    if isinstance(fit, str):
        return f'\\"{fit}\\"'
    if isinstance(fit, Misfit):
        return None
    # The encoder writes numbers as they are printed, but takes eight times as long.
    return json_text(fit) if isinstance(fit, bool) else repr(fit)


def _prefixes(names: Sequence[str]) -> list[str]:
    return [f"{',' if index else ''}{_escaped(name)}:" for index, name in enumerate(names)]


def _escaped(value: Scalar) -> str:
    """Return a value as JSON within a JSON string."""
    return json_text(json_text(value))[1:-1]
