"""The table of the configuration's keys, as Markdown."""

from collections.abc import Iterator
from typing import NamedTuple

from pydantic.json_schema import JsonSchemaValue

from gateway.config.schema import model_schema, resolved

_NUMBERS = {"integer": "whole number", "number": "number"}


class _Key(NamedTuple):
    path: str
    node: JsonSchemaValue
    required: bool


def reference() -> str:
    """Return a row for each key: what it takes, its default, what it is."""
    rows = ["| key | takes | default | what it is |", "|---|---|---|---|"]
    rows += map(_row, _keys_of("", model_schema()))
    return "\n".join(rows) + "\n"


def _row(key: _Key) -> str:
    default = "required" if key.required else _default(key.node)
    return f"| `{key.path}` | {_takes(key.node)} | {default} | {key.node['description']} |"


def _keys_of(prefix: str, node: JsonSchemaValue) -> Iterator[_Key]:
    for name, child in node.get("properties", {}).items():
        path, found = prefix + name, resolved(child)
        if "properties" in found:
            yield from _keys_of(f"{path}.", found)
            continue
        yield _Key(path, found, name in node.get("required", ()))
        for entry in found.get("patternProperties", {}).values():
            yield from _keys_of(f"{path}.NAME.", resolved(entry))
        yield from _keys_of(f"{path}[].", resolved(found.get("items", {})))


def _default(node: JsonSchemaValue) -> str:
    value = node.get("default")
    if value is None or value == []:
        return "none"
    if isinstance(value, list):
        return ", ".join(f"`{entry}`" for entry in value)
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`"


def _takes(node: JsonSchemaValue) -> str:
    if "patternProperties" in node:
        return "a mapping by name"
    if "items" in node:
        return _list(resolved(node["items"]))
    plain: JsonSchemaValue = node.get("anyOf", [node])[0]
    if plain["type"] in _NUMBERS:
        return _number(plain)
    return "true or false" if plain["type"] == "boolean" else str(plain["$comment"])


def _list(entry: JsonSchemaValue) -> str:
    values = entry.get("enum", [entry["const"]] if "const" in entry else [])
    if values:
        return "list of " + ", ".join(f"`{value}`" for value in values)
    return f"list of {entry['$comment']}s" if "$comment" in entry else "a list"


def _number(node: JsonSchemaValue) -> str:
    least = f"from {node['minimum']}" if "minimum" in node else f"above {node['exclusiveMinimum']}"
    return f"{_NUMBERS[node['type']]}, {least} to {node['maximum']}"
