"""The JSON Schema, and the docs that must say the same."""

import copy
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from gateway.config import ConfigError, parse, schema
from gateway.config.reference import reference
from gateway.routing.router import Router

DOCS = Path(__file__).parents[3] / "docs"
VALID = (Path(__file__).parent / "valid.yaml").read_text()
PAGE = (DOCS / "configuration.md").read_text()
BLOCKS = re.findall(r"^```(yaml|)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
EXAMPLE, EXPOSED, WRONG = [text for language, text in BLOCKS if language == "yaml"]
VALIDATOR = Draft202012Validator(schema())


def complaints(text: str) -> list[str]:
    """Return the paths of what the schema does not allow."""
    return sorted({error.json_path for error in VALIDATOR.iter_errors(yaml.safe_load(text))})


def test_the_schema_is_one() -> None:
    """By its own dialect."""
    Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize("text", [VALID, EXAMPLE])
def test_what_the_gateway_accepts_the_schema_accepts(text: str) -> None:
    """The example of the docs, and a file that states every key."""
    parse(text, "F", {})
    assert complaints(text) == []


def test_a_variable_may_stand_for_any_value() -> None:
    """Numbers, sizes and choices among them."""
    text = VALID.replace("20ms", "${A}").replace("[events]", '["${A}"]').replace("true", "${A:-x}")
    assert complaints(text.replace(": 0.5", ": ${A}").replace("4GiB", "${A}GiB")) == []


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("linger: 20ms", "linger: 20", "$.delivery.linger"),
        ("linger: 20ms", "linger_s: 20ms", "$.delivery"),
        ("budget: 4GiB", "budget: 4 GiB", "$.dataset_groups.shop.budget"),
        ("quota_share: 0.5", "quota_share: 1.5", "$.dataset_groups.shop.quota_share"),
        ("max_in_flight: 8", "max_in_flight: 0", "$.delivery.max_in_flight"),
        ("reflection: true", "reflection: maybe", "$.server.reflection"),
        ("from: [mtls,", "from: [basic,", "$.identity.from[0]"),
        ("from: [mtls, xfcc, jwt, token, header]", "from: []", "$.identity.from"),
        ("kinds: [events]", "kinds: [event]", "$.routes[0].kinds[0]"),
        ("kinds: [events]", "kinds: [events, events]", "$.routes[0].kinds"),
        ("callers: [web,", "callers: [we*b,", "$.routes[0].callers[0]"),
        ("    dataset_group: shop\n", "", "$.routes[0]"),
        ("  shop_next:\n", "  shop next:\n", "$.dataset_groups"),
        ("dataset-group/shop", "dataset/shop", "$.dataset_groups.shop.arn"),
        ("tracking_id: tracking-shop", "tracking_id: ${}", "$.dataset_groups.shop.tracking_id"),
    ],
)
def test_what_the_schema_refuses_the_gateway_refuses(old: str, new: str, path: str) -> None:
    """The form of values is the same in both."""
    text = VALID.replace(old, new, 1)
    if new != "tracking_id: ${}":
        assert complaints(text) == [path]
    with pytest.raises(ConfigError):
        parse(text, "F", {})


def _objects(node: Any) -> list[dict[str, Any]]:
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    keyed = isinstance(node, dict) and node.keys() & {"properties", "patternProperties"}
    own = [node] if keyed else []
    return own + [found for child in children for found in _objects(child)]


def test_every_key_is_documented_and_none_else_is_allowed() -> None:
    """At every level."""
    objects = _objects(schema())
    keys = [key for found in objects for key in found.get("properties", {}).values()]
    bare = [key for key in keys if "description" not in key and "$ref" not in key]
    open_ = [found for found in objects if found.get("additionalProperties") is not False]
    assert (len(objects), bare, open_) == (21, [], [])


def test_every_default_is_a_value_of_the_file() -> None:
    """Written as it would be in the file, with its unit."""
    wrong = [
        key["default"]
        for found in _objects(schema())
        for key in found.get("properties", {}).values()
        if "default" in key
        and not Draft202012Validator({**key, "$defs": schema()["$defs"]}).is_valid(key["default"])
    ]
    assert wrong == []


def test_the_schema_is_made_anew_each_time() -> None:
    """Who changes what was returned changes nothing else."""
    first = schema()
    before = copy.deepcopy(first)
    first["$defs"].clear()
    first["properties"].clear()
    assert schema() == before


def test_the_docs_have_the_table_of_all_keys() -> None:
    """`personalize-gateway config schema --markdown` prints it."""
    table = re.search(r"<!-- keys -->\n(.*?)<!-- /keys -->", PAGE, re.DOTALL)
    assert table is not None
    assert table[1] == reference()


def test_the_docs_say_what_must_be_stated_beyond_loopback() -> None:
    """Without it the gateway does not start."""
    listening, stated = EXPOSED.splitlines()
    rest = EXAMPLE[EXAMPLE.index("dataset_groups:") :]
    assert parse(f"{listening}\n{stated}\n{rest}", "F", {}).server.listen == "0.0.0.0:50051"
    with pytest.raises(ConfigError, match=r"server\.listen"):
        parse(f"{listening}\n{rest}", "F", {})


def test_the_docs_show_what_is_really_said() -> None:
    """A file with faults, and the answer to it."""
    with pytest.raises(ConfigError) as caught:
        parse(WRONG, "gateway.yaml", {})
    (shown,) = [text for _, text in BLOCKS if "config check" in text]
    assert shown == f"$ personalize-gateway config check gateway.yaml\n{caught.value}\n"


def test_the_example_of_the_docs_is_one_that_routes() -> None:
    """Each of its callers may send something."""
    config = parse(EXAMPLE, "F", {})
    router = Router(config.routes, config.dataset_groups)
    decisions = [
        router.decide(route.callers[0], route.kinds[0], "").route for route in config.routes
    ]
    assert decisions == ["storefront", "catalogue"]
