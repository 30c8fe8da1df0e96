from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.config import ConfigError, parse

VALID = (Path(__file__).parent / "valid.yaml").read_text()


@pytest.fixture
def valid() -> str:
    """A configuration that states every key."""
    return VALID


@pytest.fixture
def problems() -> Callable[..., list[str]]:
    """What is said of a configuration, a line for each problem; nothing where it is accepted."""

    def said(text: str, **environ: str) -> list[str]:
        try:
            parse(text, "F", environ)
        except ConfigError as error:
            return str(error).splitlines()
        return []

    return said
