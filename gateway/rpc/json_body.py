"""A JSON body parsed strictly: what it says must be what the message holds.

Protobuf's own JSON parser stops at the first fault, quotes what was sent, reads null as "not set"
and keeps the last of two keys that mean one field. So it builds the message, and this module says
first whether it may, and if not, where and why.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from itertools import islice
from typing import Any, Never, TypeVar, cast

from google.protobuf import message_factory
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.json_format import ParseDict, ParseError
from google.protobuf.message import Message

from gateway.acceptance import InvalidRequest
from gateway.api import Rule
from gateway.validation.path import quoted
from gateway.validation.violation import Violation

MAX_FAULTS = 500
"""After so many the rest of a body is not looked at."""

_Request = TypeVar("_Request", bound=Message)

_NULL = "is null: leave the member out where there is nothing to send"
_SURROGATE = "holds a half of a surrogate pair: the text is not Unicode"
_TAKES: Mapping[int, str] = {
    FieldDescriptor.CPPTYPE_STRING: "a string",
    FieldDescriptor.CPPTYPE_BOOL: "true or false",
    FieldDescriptor.CPPTYPE_ENUM: "the name of one of the enum's values",
    FieldDescriptor.CPPTYPE_DOUBLE: "a finite number",
    FieldDescriptor.CPPTYPE_FLOAT: "a finite number",
}


class _NotJson(ValueError):
    """What makes a text no JSON, in words that quote nothing of it."""


def parsed(request_type: type[_Request], body: bytes) -> _Request:
    """Return the message that a body is the JSON form of.

    Members go by either of protobuf's two names (`userId`, `user_id`).

    Raises:
        InvalidRequest: it is no JSON, or not of that form; with the path of each fault.
    """
    value = _loaded(body)
    descriptor = cast("Descriptor", request_type.DESCRIPTOR)
    faults = list(islice(_of_message(descriptor, value, ""), MAX_FAULTS))
    if faults:
        raise InvalidRequest(faults)
    try:
        return ParseDict(value, request_type())
    except (ParseError, TypeError, ValueError, RecursionError):
        # Without the cause, whose text quotes what was sent.
        raise _whole(f"is not the JSON form of {descriptor.name}") from None


def _loaded(body: bytes) -> Any:  # noqa: ANN401 - JSON of any form
    try:
        return json.loads(
            body.decode(),
            object_pairs_hook=_members,
            parse_constant=_no_number,
            parse_float=_number,
        )
    except UnicodeDecodeError as error:
        raise _whole(f"is not UTF-8 at byte {error.start}") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise _whole(f"is no JSON at {where}: {error.msg}") from None
    except _NotJson as error:
        raise _whole(str(error)) from None
    except ValueError:  # Python reads no whole number of more than 4300 digits.
        raise _whole("holds a number with too many digits") from None
    except RecursionError:
        raise _whole("is nested too deep") from None


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        ((twice, _),) = Counter(key for key, _ in pairs).most_common(1)
        raise _NotJson(f"has an object with the key {quoted(twice)} twice")
    return members


def _no_number(name: str) -> Never:
    raise _NotJson(f"holds {name}, which is no JSON")


def _number(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise _NotJson("holds a number that no double can hold")
    return number


def _of_message(message: Descriptor, value: object, path: str) -> Iterator[Violation]:
    if not isinstance(value, dict):
        yield _fault(path, "must be a JSON object")
        return
    names = {name: field for field in message.fields for name in (field.name, field.json_name)}
    seen: set[str] = set()
    for key, member in value.items():
        field = names.get(key)
        if field is None:
            yield Violation(_at(path, key), Rule.RULE_UNKNOWN_FIELD, _unknown(key, names), None)
        elif field.name in seen:
            text = f"is named twice, as `{field.name}` and `{field.json_name}`"
            yield Violation(_at(path, field.name), Rule.RULE_JSON, text, None)
        else:
            seen.add(field.name)
            yield from _of_field(field, member, _at(path, field.name))


def _of_field(field: FieldDescriptor, value: object, path: str) -> Iterator[Violation]:
    if value is None:
        yield _fault(path, _NULL)
    elif not field.is_repeated:
        yield from _of_value(field, value, path)
    elif not isinstance(value, list):
        yield _fault(path, "must be a list")
    else:
        for index, entry in enumerate(value):
            at = f"{path}[{index}]"
            yield from [_fault(at, _NULL)] if entry is None else _of_value(field, entry, at)


def _of_value(field: FieldDescriptor, value: object, path: str) -> Iterator[Violation]:
    message = field.message_type
    if message is None:
        yield from _of_scalar(field, value, path)
    elif message.full_name == "google.protobuf.Struct":
        yield from _of_struct(value, path)
    elif message.full_name == "google.protobuf.Timestamp":
        if not _is_time(message, value):
            text = 'must be a time in RFC 3339, such as "2026-11-21T08:30:00Z"'
            yield _fault(path, text)
    else:
        yield from _of_message(message, value, path)


def _of_scalar(field: FieldDescriptor, value: object, path: str) -> Iterator[Violation]:
    if isinstance(value, str) and not _is_unicode(value):
        yield Violation(path, Rule.RULE_LONE_SURROGATE, _SURROGATE, None)
    elif isinstance(value, dict | list) or not _fits(field, value):
        yield _fault(path, f"must be {_TAKES.get(field.cpp_type, 'a whole number in range')}")


def _fits(field: FieldDescriptor, value: object) -> bool:
    if field.cpp_type == FieldDescriptor.CPPTYPE_STRING:
        return isinstance(value, str)
    if isinstance(value, bool):
        return field.cpp_type == FieldDescriptor.CPPTYPE_BOOL
    owner = message_factory.GetMessageClass(cast("Descriptor", field.containing_type))
    try:
        ParseDict({field.name: [value] if field.is_repeated else value}, owner())
    except (ParseError, TypeError, ValueError):
        return False
    return True


def _is_time(message: Descriptor, value: object) -> bool:
    # The seconds and nanos of a Timestamp are no JSON form of it.
    time: Any = message_factory.GetMessageClass(message)()
    try:
        time.FromJsonString(value)
    except (TypeError, ValueError, AttributeError):
        return False
    return True


def _of_struct(value: object, path: str) -> Iterator[Violation]:
    """Look for what no Struct can hold; what no column can hold is validation's to judge."""
    if not isinstance(value, dict):
        yield _fault(path, "must be a JSON object")
        return
    for key, column in value.items():
        at = f"{path}[{quoted(key)}]"
        texts = (key, *_texts(column))
        if not all(map(_is_unicode, texts)):
            yield Violation(at, Rule.RULE_LONE_SURROGATE, _SURROGATE, None)
        elif isinstance(column, int) and not isinstance(column, bool) and not _is_double(column):
            text = "a whole number at or beyond ±2^53: send it as a string"
            yield Violation(at, Rule.RULE_PRECISION, text, None)


def _is_double(number: int) -> bool:
    """Whether a double holds this number, which JSON has in full; others are judged later."""
    try:
        return int(float(number)) == number
    except OverflowError:
        return False


def _texts(value: object) -> Iterator[str]:
    """Yield every string in a value, keys included, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for entry in value:
            yield from _texts(entry)
    elif isinstance(value, dict):
        for key, entry in value.items():
            yield key
            yield from _texts(entry)


def _is_unicode(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


def _unknown(key: str, names: Mapping[str, FieldDescriptor]) -> str:
    close = get_close_matches(key, names, n=1)
    return f"there is no such field{f'; did you mean `{close[0]}`?' if close else ''}"


def _at(path: str, key: str) -> str:
    if not (key.isidentifier() and key.isascii()):
        return f"{path}[{quoted(key)}]"
    return f"{path}.{key[:64]}" if path else key[:64]


def _fault(path: str, description: str) -> Violation:
    return Violation(path or "body", Rule.RULE_JSON, description, None)


def _whole(description: str) -> InvalidRequest:
    return InvalidRequest([_fault("", description)])
