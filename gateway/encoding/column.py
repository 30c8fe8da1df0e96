"""The value that a column of a known type gets of a property.

A Struct knows texts, doubles and booleans; a schema knows six types. What can be meant in one way
only is converted: 31 is `31.0` for a float and `"31"` for a string, and digits in a text are a
number for a column of numbers. What could be meant in several is not: whether a string column says
True as `true`, `True` or `1` is for the sender to know.
"""

import re
import sys
from collections.abc import Callable, Mapping
from enum import Enum
from functools import partial

from gateway.dataset_schema import Column
from gateway.encoding.json_text import json_text

Scalar = str | float | bool
"""A property's value as canonical JSON has it; a list of categories is their joined text."""


class Misfit(Enum):
    """Why a value is none for a column."""

    TYPE = "type"
    RANGE = "range"


Fitted = Scalar | Misfit

_FLOAT_MAX = 3.4028234663852886e38
"""The largest 32-bit float."""
_DOUBLE_MAX = sys.float_info.max
_MAX_DIGITS = 19
"""Of a whole number of 64 bits."""

# Every text matches in one way at most, so that long ones are not tried in many.
_INTEGER = re.compile(r"[+-]?[0-9]+", re.ASCII)
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?", re.ASCII)
_BOOLEANS: Mapping[str, bool] = {"true": True, "false": False}


def fitted(value: Scalar, column: Column) -> Fitted:
    """Return a value as a column has it. What is fitted is as it is when it is fitted again."""
    return _FITS[column.type](value)


def _string(value: Scalar) -> Fitted:
    if isinstance(value, str):
        return value
    return Misfit.TYPE if isinstance(value, bool) else json_text(value)


def _integer(value: Scalar, bits: int) -> Fitted:
    if isinstance(value, str):
        return _digits(value, bits)
    if isinstance(value, bool) or not float(value).is_integer():
        return Misfit.TYPE
    return _within(int(value), bits)


def _digits(text: str, bits: int) -> Fitted:
    if not _INTEGER.fullmatch(text):
        return Misfit.TYPE
    digits = text.lstrip("+-0")
    if len(digits) > _MAX_DIGITS:  # Python makes no number of very many
        return Misfit.RANGE
    number = int(digits or "0")
    return _within(-number if text.startswith("-") else number, bits)


def _within(number: int, bits: int) -> Fitted:
    bound = 1 << (bits - 1)
    return number if -bound <= number < bound else Misfit.RANGE


def _number(value: Scalar, largest: float) -> Fitted:
    if isinstance(value, bool) or (isinstance(value, str) and not _NUMBER.fullmatch(value)):
        return Misfit.TYPE
    number = float(value) + 0.0  # -0.0 becomes 0.0, as canonical JSON has it
    return number if abs(number) <= largest else Misfit.RANGE


def _boolean(value: Scalar) -> Fitted:
    if isinstance(value, str):
        return _BOOLEANS.get(value.lower(), Misfit.TYPE)
    return value if isinstance(value, bool) else Misfit.TYPE


_FITS: Mapping[str, Callable[[Scalar], Fitted]] = {
    "string": _string,
    "int": partial(_integer, bits=32),
    "long": partial(_integer, bits=64),
    "float": partial(_number, largest=_FLOAT_MAX),
    "double": partial(_number, largest=_DOUBLE_MAX),
    "boolean": _boolean,
}
