"""JSON as it is meant, and protobuf's JSON form of a message.

Keys that stand twice and numbers that are none are errors here: other parsers keep the last key,
and take NaN.
"""

import json
import re
from math import isfinite
from typing import Any, Never, TypeVar

from google.protobuf.json_format import ParseDict, ParseError
from google.protobuf.message import Message

from gateway.errors import GatewayError
from gateway.importing.schema import folded

_Message = TypeVar("_Message", bound=Message)

_NESTING = re.compile(r"Failed to parse \w+ field: ")


class JsonError(GatewayError):
    """Expected error: a text is no JSON, or not the JSON form of the message."""


def read_object(text: str) -> dict[str, Any]:
    """Return the JSON object that a text is.

    Raises:
        JsonError: it is none.
    """
    try:
        value = json.loads(
            text, object_pairs_hook=_object, parse_constant=_no_number, parse_float=_finite
        )
    except RecursionError:
        raise JsonError("is nested too deep") from None
    except ValueError as error:
        raise JsonError(f"is no JSON: {error}") from None
    if not isinstance(value, dict):
        raise JsonError("is no JSON object")
    return value


def parse_into(message: _Message, value: dict[str, Any]) -> _Message:
    """Fill a message from its JSON form and return it.

    Raises:
        JsonError: a field is unknown or cannot be what is given.
    """
    try:
        return ParseDict(value, message)
    except RecursionError:
        raise JsonError("is nested too deep") from None
    except (ParseError, TypeError, ValueError) as error:
        # Each level of nesting adds its own words, and the last line lists fields.
        text = _NESTING.sub("", str(error)).partition("\n")[0]
        raise JsonError(text.strip(" .")) from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # Protobuf's parser takes `user_id` and `userId` for one field, and keeps the last of them.
    keys: dict[str, str] = {}
    for key, _ in pairs:
        if folded(key) in keys:
            raise ValueError(f"the keys {keys[folded(key)]!r} and {key!r} are the same")
        keys[folded(key)] = key
    return dict(pairs)


def _no_number(name: str) -> Never:
    raise ValueError(f"{name} is no number")


def _finite(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise ValueError("a number is too large")
    return number
