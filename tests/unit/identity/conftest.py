"""What holds for the tests of identity."""

import pytest

from gateway.telemetry.metrics import IDENTITIES_REFUSED


@pytest.fixture(autouse=True)
def _nothing_counted() -> None:
    """Count from nought."""
    IDENTITIES_REFUSED.values.clear()
