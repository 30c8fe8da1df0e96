"""Holds docs/clients.md against the protos and the clients."""

from pathlib import Path

import pytest
from personalize_gateway import Options, PublisherOptions
from personalize_gateway.v1.error_reason_pb2 import ErrorReason

_ROOT = Path(__file__).parents[3]
_DOCS = (_ROOT / "docs" / "clients.md").read_text()
_README = (_ROOT / "clients" / "python" / "README.md").read_text()


def test_every_reason_says_what_to_do() -> None:
    """The table of errors has each."""
    table = _DOCS.partition("## What an error asks of you")[2].partition("\n## ")[0]
    reasons = {name.removeprefix("ERROR_REASON_") for name in ErrorReason.keys()}  # noqa: SIM118
    words = set(table.replace(",", " ").split())
    assert reasons - {"UNSPECIFIED"} - words == set()


@pytest.mark.parametrize("options", [Options, PublisherOptions])
def test_every_option_is_in_the_readme(options: type) -> None:
    """By its name."""
    names = options.__dataclass_fields__  # type: ignore[attr-defined]
    assert [name for name in names if f"`{name}`" not in _README] == []
