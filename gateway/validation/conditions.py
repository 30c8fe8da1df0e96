"""Annotations as Python: expressions that hold where a value surely breaks none of its field's.

They may fail where protovalidate finds nothing (a pattern, of what is not printable ASCII), but not
hold where it finds something.
"""

import re
from collections.abc import Callable, Iterator
from operator import attrgetter
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from gateway.errors import GatewayError
from gateway.validation.annotations import rules_of

_IF_ZERO, _ALWAYS = 1, 3
"""Values of `buf.validate.Ignore`."""

_EXPRESSIONS = {
    "required": "{value}",
    "string.min_len": "len({value}) >= {limit}",
    "string.max_len": "len({value}) <= {limit}",
    # Of what is longer, or not printable, a search for the pattern might take long.
    "string.pattern": "{value}.isascii() and {value}.isprintable() and match_{name}({value})",
    "repeated.min_items": "len({value}) >= {limit}",
    "repeated.max_items": "len({value}) <= {limit}",  # before its items: there may be millions
    "repeated.items.string.min_len": "min(map(len, {value})) >= {limit}",
    "repeated.items.string.max_len": "max(map(len, {value})) <= {limit}",
    "double.finite": "-inf < {value} < inf",
    "double.gte": "{value} >= {limit!r}",
    "double.lte": "{value} <= {limit!r}",
    "int64.gt": "{value} > {limit}",
    "timestamp.gte": "{value}_seconds >= {limit}",
    "enum.defined_only": "{value} in values_{name}",
}
"""By the path of an annotation in `buf.validate.FieldRules`, in the order of judgement."""


class AnnotationUnknown(GatewayError):
    """Unexpected error: a field has an annotation that nothing here can judge."""


def is_ignored(field: FieldDescriptor) -> bool:
    """Tell whether protovalidate judges nothing of a field."""
    return bool(rules_of(field).ignore == _ALWAYS)


def condition(field: FieldDescriptor, constants: dict[str, Any]) -> str:
    """Return the expression for a field's value, which stands in a variable of the field's name.

    The seconds of a time stand in a variable that ends in `_seconds`.

    Args:
        field: which.
        constants: gets the names that the expression uses.

    Raises:
        AnnotationUnknown: there is none.
    """
    rules = rules_of(field)
    stated = dict(_stated(rules, field))
    if stated.get("timestamp.gte", 0) > 0:  # An unset time is 0.
        stated.pop("required", None)
    found = [
        _expression(field, path, stated[path], constants) for path in _EXPRESSIONS if path in stated
    ]
    text = " and ".join(dict.fromkeys(found)) or "True"
    return f"(not {field.name} or {text})" if rules.ignore == _IF_ZERO else text


def check_message(descriptor: Descriptor) -> None:
    """Return if a message has no annotations but those of its fields.

    Raises:
        AnnotationUnknown: it has.
    """
    options = [descriptor.GetOptions(), *(oneof.GetOptions() for oneof in descriptor.oneofs)]
    if any(one.ByteSize() for one in options):
        raise AnnotationUnknown(f"{descriptor.full_name} has annotations of its own")


def message_condition(message_type: type[Message]) -> Callable[[Message], bool]:
    """Return what tells whether a message surely breaks no annotation of its own fields.

    What is in its lists is not looked at. Nothing is sure where there is an annotation, or a field,
    that nothing here can judge.
    """
    descriptor: Any = message_type.DESCRIPTOR
    constants: dict[str, Any] = {}
    try:
        check_message(descriptor)
        text = " and ".join(_of_itself(field, constants) for field in descriptor.fields)
    except AnnotationUnknown:
        return lambda _: False
    names = [field.name for field in descriptor.fields]
    holds = eval(f"lambda {', '.join(names)}: {text}", constants)  # noqa: S307 - of our own protos
    values = attrgetter(*names)
    return lambda message: bool(holds(*values(message)))


def _of_itself(field: FieldDescriptor, constants: dict[str, Any]) -> str:
    if field.message_type is not None and not field.is_repeated:
        raise AnnotationUnknown(f"{field.full_name} holds a message")
    return condition(field, constants)


def _stated(rules: Any, field: FieldDescriptor, path: str = "") -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - as `rules_of`
    for rule, limit in rules.ListFields():
        name = f"{path}{rule.name}"
        if name == "ignore" and limit in {_IF_ZERO, _ALWAYS}:
            continue
        if rule.message_type is not None and rule.message_type.file.package == "buf.validate":
            yield from _stated(limit, field, f"{name}.")
        elif name in _EXPRESSIONS:
            yield name, _first_second(limit) if name == "timestamp.gte" else limit
        else:
            raise AnnotationUnknown(f"{field.full_name} has the annotation {name}")


def _first_second(time: Timestamp) -> int:
    return time.seconds + bool(time.nanos)


def _expression(field: FieldDescriptor, path: str, limit: Any, constants: dict[str, Any]) -> str:  # noqa: ANN401 - as above
    if path == "string.min_len" and limit == 1:
        path = "required"
    if path == "required" and field.message_type is not None:
        return f'({field.name}_seconds or message.HasField("{field.name}"))'
    if path == "string.pattern":
        constants[f"match_{field.name}"] = _match(field, limit)
    elif path == "enum.defined_only":
        assert field.enum_type is not None
        constants[f"values_{field.name}"] = frozenset(field.enum_type.values_by_number)
    constants["inf"] = float("inf")
    return _EXPRESSIONS[path].format(value=field.name, name=field.name, limit=limit)


def _match(field: FieldDescriptor, pattern: str) -> Callable[[str], object]:
    try:
        return re.compile(pattern, re.ASCII).match
    except re.error:
        raise AnnotationUnknown(f"{field.full_name} has a pattern that `re` lacks") from None
