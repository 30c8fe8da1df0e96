"""Configurations for tests."""

import re
from pathlib import Path

VALID = (Path(__file__).parents[1] / "unit" / "config" / "valid.yaml").read_text()
"""One that states every key."""

WITHOUT_FILES = re.sub(r"^  tls: .*\n|^identity:\n(?:  .*\n)+", "", VALID, flags=re.MULTILINE)
"""One that names no file, so that a gateway can be made from it anywhere."""
