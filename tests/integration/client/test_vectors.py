"""The vectors, sent to a gateway in this process: code, violations, and what Personalize gets."""

import asyncio
from collections import Counter

import grpc
import pytest

from tests.conformance.calls import fate_of
from tests.conformance.case import VECTORS, Case, cases
from tests.conformance.delivered import due, received
from tests.conformance.stand import schemas_known
from tests.support.running import Running

_FILES = sorted(path.stem for path in VECTORS.glob("*.json"))


@pytest.mark.parametrize("name", _FILES)
async def test_a_file_of_vectors(running: Running, name: str) -> None:
    """Every case meets the fate that it names, and Personalize gets exactly what it names."""
    await _discovered(running.channel)
    chosen = [case for case in cases() if case.name.startswith(f"{name}/")]
    assert chosen
    deviations = [text for case in chosen if (text := await _deviation(running.channel, case))]
    assert deviations == []
    expected = Counter(one for case in chosen for one in due(case))
    await running.gateway.stop()
    assert received(running.emulator.records(), expected) == expected


async def _deviation(channel: grpc.aio.Channel, case: Case) -> str:
    fate = await fate_of(channel, case.rpc, case.request)
    deviation = fate.deviation_from(case.expected)
    return deviation and f"{case.name}: {deviation}"


async def _discovered(channel: grpc.aio.Channel) -> None:
    """Wait until the gateway knows the schemas."""
    async with asyncio.timeout(60):
        while await schemas_known(channel) < 5:  # noqa: ASYNC110 - it has no event
            await asyncio.sleep(0.01)
