"""Publishers in processes of their own, and a gateway that is killed and started again."""

from pathlib import Path

import pytest

from tests.conformance.language import Language
from tests.conformance.publisher_run import run_publisher


@pytest.mark.parametrize("program", ["run-publisher", "run-publisher-asyncio"])
async def test_no_confirmed_event_is_lost(program: str, tmp_path: Path) -> None:
    """Every event has a fate, and each that was confirmed is in the emulator."""
    outcome = await run_publisher(
        Language("python"), program, seconds=3, rate=200, seed=1, logs=tmp_path
    )
    assert outcome.failures == []
    assert outcome.confirmed == 600
