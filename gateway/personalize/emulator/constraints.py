"""Checks of an operation's input against its shape in botocore's service model.

botocore's own client checks types, required members and minima only; AWS checks these and the
maxima, patterns and enumerations too, and so does this module. Members that the model does not know
are ignored, as AWS's JSON protocols ignore them; a member that is null counts as absent.
"""

import math
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from botocore.model import ListShape, Shape, StringShape, StructureShape

from gateway.personalize.emulator.errors import malformed

Violation = tuple[str, str]
"""The path of a member, relative to the checked value, and the constraint that it breaks."""

Check = Callable[[object], Sequence[Violation]]
"""Returns every violation of a parsed JSON value.

Raises:
    AwsError: SerializationException where the JSON type is not the shape's.
"""

_SOUND: tuple[Violation, ...] = ()
_NULL = "Member must not be null"

# Java's classes in Python's words. `\w` is letters, numbers and the underscore, and the patterns
# that have `\p{L}` or `\p{N}` have all three.
_CLASSES = {
    r"\p{ASCII}": r"[\x00-\x7F]",
    r"\p{L}": r"\w",
    r"\p{N}": r"\w",
    r"\p{Z}": r" \u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000",
}


def check_of(shape: Shape) -> Check:
    """Build the check of a shape."""
    return _BUILDERS[shape.type_name](shape)


def describe(violations: Sequence[Violation]) -> str:
    """Say in one message, in the words that AWS's frameworks use, what is wrong.

    Values are left out, as AWS leaves out those of sensitive members.
    """
    count = len(violations)
    parts = (f"Value at '{path}' failed to satisfy constraint: {text}" for path, text in violations)
    return f"{count} validation error{'s' * (count > 1)} detected: {'; '.join(parts)}"


def compile_pattern(pattern: str) -> re.Pattern[str]:
    """Compile a model's Java pattern; it must match the whole value."""
    for java, python in _CLASSES.items():
        pattern = pattern.replace(java, python)
    if r"\p{" in pattern:
        raise ValueError(f"no translation of this pattern: {pattern}")
    return re.compile(pattern)


def _structure(shape: Shape) -> Check:
    assert isinstance(shape, StructureShape)
    members = {name: check_of(member) for name, member in shape.members.items()}
    required = tuple(shape.required_members)

    def check(value: object) -> Sequence[Violation]:
        if not isinstance(value, dict):
            raise malformed("Expected an object")
        found: list[Violation] = [(n, _NULL) for n in required if value.get(n) is None]
        for name, member in value.items():
            if member is not None and name in members:
                found.extend(_below(name, members[name](member)))
        return found or _SOUND

    return check


def _list(shape: Shape) -> Check:
    assert isinstance(shape, ListShape)
    element_check = check_of(shape.member)
    size_check = _range("length", shape.metadata)

    def check(value: object) -> Sequence[Violation]:
        if not isinstance(value, list):
            raise malformed("Expected a list")
        found = list(size_check(len(value)))
        for number, element in enumerate(value, start=1):
            below = [("", _NULL)] if element is None else element_check(element)
            found.extend(_below(f"{number}.member", below))
        return found or _SOUND

    return check


def _string(shape: Shape) -> Check:
    assert isinstance(shape, StringShape)
    length_check = _range("length", shape.metadata)
    pattern = shape.metadata.get("pattern")
    matches = compile_pattern(pattern).fullmatch if pattern else None
    values = frozenset(shape.enum)

    def check(value: object) -> Sequence[Violation]:
        if not isinstance(value, str):
            raise malformed("Expected a string")
        # Characters are Unicode code points, as Smithy defines a string's length.
        found = length_check(len(value))
        if found:
            return found
        if matches and not matches(value):
            return [("", f"Member must satisfy regular expression pattern: {pattern}")]
        if values and value not in values:
            return [("", f"Member must satisfy enum value set: [{', '.join(sorted(values))}]")]
        return _SOUND

    return check


def _number(shape: Shape) -> Check:
    value_check = _range("value", shape.metadata)

    def check(value: object) -> Sequence[Violation]:
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise malformed("Expected a number")
        if not abs(value) <= sys.float_info.max:
            raise malformed("Expected a finite number")
        return value_check(value)

    return check


def _integer(shape: Shape) -> Check:
    value_check = _range("value", shape.metadata)

    def check(value: object) -> Sequence[Violation]:
        if not isinstance(value, int) or isinstance(value, bool):
            raise malformed("Expected an integer")
        return value_check(value)

    return check


def _range(what: str, limits: Mapping[str, Any]) -> Callable[[float], Sequence[Violation]]:
    minimum = limits.get("min", -math.inf)
    maximum = limits.get("max", math.inf)

    def check(value: float) -> Sequence[Violation]:
        if value < minimum:
            return [("", f"Member must have {what} greater than or equal to {minimum}")]
        if value > maximum:
            return [("", f"Member must have {what} less than or equal to {maximum}")]
        return _SOUND

    return check


def _below(name: str, violations: Sequence[Violation]) -> list[Violation]:
    return [(f"{name}.{path}" if path else name, text) for path, text in violations]


_BUILDERS: Mapping[str, Callable[[Shape], Check]] = {
    "structure": _structure,
    "list": _list,
    "string": _string,
    "float": _number,
    # Both protocols carry a timestamp of a body as a number of seconds.
    "timestamp": _number,
    "integer": _integer,
}
