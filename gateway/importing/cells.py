"""From the text of a cell to the value that a column of a type has."""

import re
from collections.abc import Callable, Mapping
from math import isfinite

PropertyValue = str | float | bool

_INTEGERS_BELOW = 2**53
_LARGEST_FLOAT = 3.4028234663852886e38
_INTEGER = re.compile(r"[+-]?[0-9]{1,30}", re.ASCII)
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?", re.ASCII)


class Unfit(Exception):
    """Expected error: a cell cannot be a value of its column.

    Attributes:
        rule: name of a value of the API's `Rule` without its prefix.
    """

    def __init__(self, rule: str, description: str) -> None:
        super().__init__(description)
        self.rule = rule


def read_integer(text: str, bits: int) -> int:
    """Return a whole number of a column of so many bits.

    Raises:
        Unfit: it is none, or too large.
    """
    if not _INTEGER.fullmatch(text):
        raise Unfit("PROPERTY_TYPE", "is no whole number")
    number = int(text)
    if not -(1 << (bits - 1)) <= number < 1 << (bits - 1):
        raise Unfit("PROPERTY_RANGE", f"is a whole number of more than {bits} bits")
    return number


def read_number(text: str) -> float:
    """Return a finite number.

    Raises:
        Unfit: it is none.
    """
    if not _NUMBER.fullmatch(text):
        raise Unfit("PROPERTY_TYPE", "is no number")
    number = float(text)
    if not isfinite(number):
        raise Unfit("PROPERTY_RANGE", "is too large for a number of 64 bits")
    return number


def _integer(bits: int) -> Callable[[str], PropertyValue]:
    return lambda text: _exact(read_integer(text, bits), text)


def _float(text: str) -> PropertyValue:
    number = read_number(text)
    if abs(number) > _LARGEST_FLOAT:
        raise Unfit("PROPERTY_RANGE", "is too large for a number of 32 bits")
    return _exact(number, text)


def _double(text: str) -> PropertyValue:
    return _exact(read_number(text), text)


def _exact(number: float, text: str) -> PropertyValue:
    """Return the number, or its text where the number of a Struct may not hold it exactly."""
    return number if -_INTEGERS_BELOW < number < _INTEGERS_BELOW else text


def _boolean(text: str) -> PropertyValue:
    value = {"true": True, "false": False}.get(text.lower())
    if value is None:
        raise Unfit("PROPERTY_TYPE", "is neither true nor false")
    return value


READERS: Mapping[str, Callable[[str], PropertyValue]] = {
    "string": str,
    "int": _integer(32),
    "long": _integer(64),
    "float": _float,
    "double": _double,
    "boolean": _boolean,
}
"""Reads a cell of a column of an Avro type; raises `Unfit`."""
