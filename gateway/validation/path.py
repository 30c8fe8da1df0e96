"""Paths of fields, printed as protovalidate prints them."""

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from protovalidate import FieldPathElementPb, FieldPathPb

_KEY_MAX_CHARS = 64


def property_path(key: str, index: int | None = None) -> str:
    """Return the path of a column, or of an entry of its list, from the record."""
    path = f"properties[{quoted(key)}]"
    return path if index is None else f"{path}[{index}]"


def quoted(key: str) -> str:
    """Quote a map's key: cut to 64 characters, all but visible ASCII escaped.

    So nothing that was sent as a key can fill a trailer or play tricks on a terminal.
    """
    return json.dumps(key if len(key) <= _KEY_MAX_CHARS else f"{key[:_KEY_MAX_CHARS]}...")


def field_path(path: "FieldPathPb") -> str:
    """Print a path of protovalidate."""
    return ".".join(map(_element, path.elements))


def _element(element: "FieldPathElementPb") -> str:
    subscript = element.subscript
    if subscript is None:
        return element.field_name
    key = subscript.value
    return f"{element.field_name}[{quoted(key) if isinstance(key, str) else key}]"
