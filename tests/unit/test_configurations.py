"""A thousand configurations: a gateway can be made from each, or every problem has a place."""

import asyncio
import copy
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.app import Gateway
from gateway.config import Config, ConfigError, parse, reading
from gateway.config.schema import model_schema, resolved
from gateway.config.source import Document
from gateway.identity.files import FileUnusable
from gateway.personalize import curl_client
from gateway.personalize.transfer import ca_bundle_path
from gateway.validation.validator import Validator
from tests.support.configurations import WITHOUT_FILES

Path = tuple[str | int, ...]

TREE = yaml.load(WITHOUT_FILES, Loader=yaml.BaseLoader)  # noqa: S506  # it makes only text
EXAMPLES = 1000
LEAST_OF_EACH = 100
"""So many must be accepted, and so many refused: else the test says nothing of them."""

anything = st.recursive(
    st.text(max_size=12)
    | st.none()
    | st.integers()
    | st.sampled_from(["*", "shop", "events", "${X}", "5s", "1GiB", "0.0.0.0:1", "mtls", "jwt"]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=8), inner, max_size=2)
    ),
    max_leaves=4,
)


def _drawn(  # noqa: C901, PLR0911 - a case for each form of the schema
    node: Mapping[str, Any],
) -> st.SearchStrategy[Any]:
    """Return values of the form that the JSON Schema asks for."""
    node = resolved(dict(node))
    if "enum" in node or "const" in node:
        return st.sampled_from(node.get("enum", [node.get("const")]))
    if "pattern" in node and node.get("type", "string") == "string":
        return _text(node["pattern"], node.get("maxLength"))
    if "anyOf" in node:
        return st.one_of([_drawn(choice) for choice in node["anyOf"]])
    match node.get("type"):
        case "integer":
            return st.integers(node.get("minimum"), node.get("maximum"))
        case "number":
            least = node.get("minimum", node.get("exclusiveMinimum"))
            return st.floats(least, node.get("maximum"), allow_nan=False, allow_infinity=False)
        case "boolean":
            return st.booleans()
        case "array":
            return st.lists(
                _drawn(node["items"]), min_size=node.get("minItems", 0), max_size=2, unique_by=repr
            )
        case "object":
            return _object(node)
        case "string":
            return st.text(max_size=8)
        case _:
            return st.none()


@cache
def _text(pattern: str, most: int | None) -> st.SearchStrategy[str]:
    found = st.from_regex(pattern, fullmatch=True)
    return found if most is None else found.filter(lambda text: len(text) <= most)


def _object(node: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    properties = {key: _drawn(value) for key, value in _keys(node)}
    required = set(node.get("required", ()))
    return st.fixed_dictionaries(
        {key: value for key, value in properties.items() if key in required},
        optional={key: value for key, value in properties.items() if key not in required},
    )


def _keys(node: Mapping[str, Any]) -> list[tuple[str, Any]]:
    by_pattern = node.get("patternProperties", {}).values()
    named = [(name, value) for value in by_pattern for name in ("shop", "other")]
    return [*node.get("properties", {}).items(), *named]


def _child(node: Mapping[str, Any], part: str | int) -> Mapping[str, Any]:
    if isinstance(part, int):
        return resolved(node.get("items", {}))
    return resolved(dict(_keys(node)).get(part) or next(iter(dict(_keys(node)).values()), {}))


def _places(value: Any, path: Path = ()) -> Iterator[Path]:
    for key in value if isinstance(value, dict) else range(len(value)):
        yield (*path, key)
        if isinstance(value[key], dict | list):
            yield from _places(value[key], (*path, key))


@st.composite
def configurations(draw: st.DrawFn) -> Any:
    """Return a configuration that states every key, with a few things changed."""
    tree = copy.deepcopy(TREE)
    for _ in range(draw(st.integers(0, 3))):
        *above, last = draw(st.sampled_from(list(_places(tree))))
        parent: Any = tree
        node: Mapping[str, Any] = resolved({**model_schema()})
        for part in above:
            parent, node = parent[part], _child(node, part)
        match draw(st.sampled_from(["other", "other", "none", "wrong", "more"])):
            case "other":
                parent[last] = draw(_drawn(_child(node, last)))
            case "none":
                del parent[last]
            case "wrong":
                parent[last] = draw(anything)
            case "more" if isinstance(parent, list):
                parent.append(draw(_drawn(node.get("items", {}))))
            case _:
                parent[draw(st.sampled_from([key for key, _ in _keys(node)] or ["x"]))] = draw(
                    anything
                )
        if not tree:
            break
    return tree


def _as_text(value: Any) -> Any:
    """Return a value as the file gives it, in which every scalar is text."""
    if isinstance(value, dict):
        return {key: _as_text(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_as_text(entry) for entry in value]
    if isinstance(value, bool):
        return str(value).lower()
    return value if value is None else str(value)


def _config() -> Config | ConfigError:
    try:
        return parse("", "F", {})
    except ConfigError as error:
        return error


async def _made() -> str:
    """Say what becomes of the configuration."""
    config = _config()
    if isinstance(config, ConfigError):
        assert config.problems
        assert all(problem.key for problem in config.problems), str(config)
        return "refused"
    try:
        gateway = Gateway(config)
    except FileUnusable:
        return "without its files"
    await gateway.stop()
    return "accepted"


def test_a_thousand_configurations_start_or_are_refused_with_a_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Drawn from the JSON Schema, and with values that it does not allow."""
    # What costs most does not depend on the configuration. Nor has YAML anything to do with it.
    document = Document({})
    monkeypatch.setattr(reading, "compose", lambda *_: document)
    monkeypatch.setattr("gateway.ingest_side.Validator", cache(Validator))
    monkeypatch.setattr(curl_client, "ca_bundle_path", cache(ca_bundle_path))
    outcomes: Counter[str] = Counter()
    with asyncio.Runner() as runner:

        @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
        @given(configurations())
        def make(tree: Any) -> None:
            document.value = _as_text(tree)
            outcomes[runner.run(_made())] += 1

        make()
    assert min(outcomes["accepted"], outcomes["refused"]) >= LEAST_OF_EACH, outcomes
