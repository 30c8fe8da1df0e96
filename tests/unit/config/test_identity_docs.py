"""What the docs say of identity."""

import re
from pathlib import Path

import pytest

from gateway.config import parse
from gateway.config.identity import Identity

PAGE = (Path(__file__).parents[3] / "docs" / "identity.md").read_text()
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
SOURCES = Identity.model_json_schema()["properties"]["from"]["items"]["enum"]
REST = """\
dataset_groups:
  shop:
    arn: arn:aws:personalize:eu-west-1:123456789012:dataset-group/shop
    tracking_id: tracking-shop
routes:
  - {name: web, callers: [web], kinds: [events], dataset_group: shop}
"""


@pytest.mark.parametrize("example", EXAMPLES)
def test_each_example_is_a_configuration_that_works(example: str) -> None:
    """With dataset groups and routes behind it."""
    parse(example + REST, "F", {})


def test_each_source_has_an_example() -> None:
    """And a heading."""
    listed = {
        source for text in EXAMPLES for source in parse(text + REST, "F", {}).identity.sources
    }
    assert listed == set(SOURCES)
    assert set(SOURCES) < set(re.findall(r"^## (\w+)$", PAGE, re.MULTILINE))
