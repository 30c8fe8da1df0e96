"""A gateway that is told to stop while it is called."""

from pathlib import Path
from typing import Any

import grpc
import pytest

from gateway.personalize.emulator import Emulator
from tests.support.load import under_load
from tests.support.served import arrived, serving


@pytest.fixture
def settings(settings: dict[str, Any]) -> dict[str, Any]:
    """A gateway that stops soon, and delivers everything first."""
    settings["delivery"]["drain"] = "60s"
    settings["server"]["shutdown_notice"] = "50ms"
    return settings


async def test_a_gateway_that_stops_under_load_answers_every_call(
    config_file: Path, emulator: Emulator
) -> None:
    """OK, and it is delivered; or UNAVAILABLE, and it never is. Nothing else."""
    async with serving(config_file) as served, under_load(served.address, clients=8) as load:
        await load.more(200)
        served.process.terminate()
        assert await served.process.wait() == 0
        await load.more(50)
    assert set(load.answers) == {grpc.StatusCode.OK, grpc.StatusCode.UNAVAILABLE}
    assert arrived(emulator) == load.accepted
