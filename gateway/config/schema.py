"""The JSON Schema of the configuration file."""

from functools import cache

from pydantic.json_schema import JsonSchemaValue

from gateway.config.model import Config
from gateway.config.problems import Path

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_REFERENCE = "EnvironmentReference"
_SCALARS = frozenset({"string", "integer", "number", "boolean"})
_ANNOTATIONS = frozenset({"description", "default", "$comment"})
_MAPPINGS_OF_SCHEMAS = ("properties", "patternProperties", "$defs")


def schema() -> JsonSchemaValue:
    """Return the JSON Schema of the file, for editors and other tools.

    It knows the form of every value, not the rules that concern several keys at once. It is
    narrower than the gateway in that it wants texts that look like other types in quotes.
    """
    root = _admitting_references(model_schema())
    root["$defs"][_REFERENCE] = {
        "description": "Text of which a part, or all, comes from the environment.",
        "type": "string",
        "pattern": r"\$\{[A-Za-z_][A-Za-z0-9_]*(:-[^}]*)?\}",
    }
    root["title"] = "Configuration of the Personalize event gateway"
    return {"$schema": _DIALECT, **root}


def keys_at(path: Path) -> list[str]:
    """Return the keys that the mapping at a path may have; none where it is no section."""
    node = model_schema()
    for part in path:
        node = resolved(_child(node, part))
    return list(node.get("properties", ()))


@cache
def model_schema() -> JsonSchemaValue:
    """Return the schema as the model has it, which is that of plain values."""
    return Config.model_json_schema()


def resolved(node: JsonSchemaValue) -> JsonSchemaValue:
    """Return a node with the definition that it refers to, if it does."""
    name = node.get("$ref", "").removeprefix("#/$defs/")
    return {**model_schema()["$defs"][name], **node} if name else node


def _child(node: JsonSchemaValue, part: str | int) -> JsonSchemaValue:
    if isinstance(part, int):
        found = node.get("items", {})
    else:
        entries = [*node.get("patternProperties", {}).values(), {}]
        found = node.get("properties", {}).get(part, entries[0])
    return dict(found)


def _admitting_references(node: JsonSchemaValue) -> JsonSchemaValue:
    """Return a schema in which `${NAME}` may stand for any scalar, without pydantic's titles."""
    result = {key: value for key, value in node.items() if key != "title"}
    for key in _MAPPINGS_OF_SCHEMAS:
        if key in result:
            result[key] = {name: _admitting_references(s) for name, s in result[key].items()}
    if "patternProperties" in result:
        result["additionalProperties"] = False
    if "items" in result:
        result["items"] = _admitting_references(result["items"])
    if result.get("type") in _SCALARS:
        rule = {key: result.pop(key) for key in list(result) if key not in _ANNOTATIONS}
        result["anyOf"] = [rule]
    if "anyOf" in result:
        result["anyOf"] = [*result["anyOf"], {"$ref": f"#/$defs/{_REFERENCE}"}]
    return result
