"""Reading a JSON body so that each record's text is kept as it was received."""

import json
import re
from collections.abc import Sequence
from typing import Any, Never

from gateway.personalize.emulator.errors import malformed

_WHITESPACE = re.compile(r"[ \t\n\r]*")
_ESCAPED_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def _refuse_constant(name: str) -> Never:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


def decode(body: bytes, records_member: str | None) -> tuple[dict[str, Any], Sequence[str]]:
    """Parse a request body.

    Args:
        body: as received. An empty one counts as an empty object.
        records_member: the member whose elements' texts are wanted, if any.

    Returns:
        The parsed object, and the text of each element of that member, as received.

    Raises:
        AwsError: SerializationException where the body is not one JSON object in UTF-8.
    """
    if not body.strip():
        return {}, ()
    try:
        parameters, texts = _object(body.decode(), records_member)
        if _ESCAPED_SURROGATE.search(body):
            # A lone surrogate is no character and cannot be kept; encoding it raises.
            json.dumps(parameters, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise malformed("The body is not a JSON object") from None
    return parameters, texts


def _object(text: str, records_member: str | None) -> tuple[dict[str, Any], Sequence[str]]:
    parameters: dict[str, Any] = {}
    texts: Sequence[str] = ()
    at = _after(text, _skip(text, 0), "{")
    while not text.startswith("}", at):
        if parameters:
            at = _after(text, at, ",")
        if not text.startswith('"', at):
            raise ValueError("expected a name")
        name, at = _DECODER.raw_decode(text, at)
        at = _after(text, _skip(text, at), ":")
        if name == records_member and text.startswith("[", at):
            parameters[name], texts, at = _array(text, at)
        else:
            parameters[name], at = _DECODER.raw_decode(text, at)
        at = _skip(text, at)
    if _skip(text, at + 1) != len(text):
        raise ValueError("text after the object")
    return parameters, texts


def _array(text: str, at: int) -> tuple[list[Any], Sequence[str], int]:
    elements: list[Any] = []
    texts: list[str] = []
    at = _after(text, at, "[")
    while not text.startswith("]", at):
        if elements:
            at = _after(text, at, ",")
        element, end = _DECODER.raw_decode(text, at)
        elements.append(element)
        texts.append(text[at:end])
        at = _skip(text, end)
    return elements, texts, at + 1


def _after(text: str, at: int, character: str) -> int:
    if not text.startswith(character, at):
        raise ValueError(f"expected {character}")
    return _skip(text, at + 1)


def _skip(text: str, at: int) -> int:
    match = _WHITESPACE.match(text, at)
    assert match is not None
    return match.end()
