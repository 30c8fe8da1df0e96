"""A gateway of several processes, killed and started again."""

import asyncio
import os
import signal
from pathlib import Path

import pytest
from personalize_gateway.v1.acknowledgement_pb2 import (
    ACK_LEVEL_DELIVERED,
    OUTCOME_STATE_DELIVERED,
)

from gateway.personalize.emulator import Answer, Emulator, Fault
from tests.support.commands import finish, start
from tests.support.served import arrived, serving, until


async def test_what_was_accepted_survives_the_death_of_all(
    config_file: Path, emulator: Emulator
) -> None:
    """Killed while Personalize was away, started again when it is back."""
    emulator.faults.add(Fault(operation="PutEvents", answer=Answer.UNAVAILABLE))
    async with serving(config_file) as served:
        for number in range(5):
            await served.put(*(f"e{number}-{n}" for n in range(20)))
        os.kill(served.process.pid, signal.SIGKILL)
    assert arrived(emulator) == set()
    emulator.faults.clear()
    async with serving(config_file):
        expected = {f"e{number}-{n}" for number in range(5) for n in range(20)}
        await until(lambda: arrived(emulator) == expected)


@pytest.mark.parametrize("role", ["delivery", "ingest"])
async def test_a_process_that_dies_is_started_again(
    config_file: Path, emulator: Emulator, role: str
) -> None:
    """Requests are taken and delivered as before."""
    async with serving(config_file) as served:
        await served.put("before", delivered=True)
        os.kill(served.child(role), signal.SIGKILL)
        response = await served.put("after", delivered=True)
        assert [outcome.state for outcome in response.outcomes] == [OUTCOME_STATE_DELIVERED]
        assert arrived(emulator) == {"before", "after"}


async def test_who_waits_for_delivery_waits_over_its_restart(
    config_file: Path, emulator: Emulator
) -> None:
    """The answer comes from the delivery process that comes next."""
    emulator.faults.add(Fault(operation="PutEvents", answer=Answer.UNAVAILABLE))
    async with serving(config_file) as served:
        waiting = asyncio.create_task(served.put("e1", delivered=True))
        await until(lambda: "PutEvents" in emulator.stats()["operations"])
        os.kill(served.child("delivery"), signal.SIGKILL)
        emulator.faults.clear()
        response = await waiting
        assert response.ack_level == ACK_LEVEL_DELIVERED


async def test_it_stops_in_order_and_keeps_what_it_could_not_deliver(
    config_file: Path, emulator: Emulator
) -> None:
    """SIGTERM ends it with status 0; the next start delivers the rest."""
    emulator.faults.add(Fault(operation="PutEvents", answer=Answer.UNAVAILABLE))
    async with serving(config_file) as served:
        await served.put("e1", "e2")
        served.process.terminate()
        assert await served.process.wait() == 0
    emulator.faults.clear()
    async with serving(config_file):
        await until(lambda: arrived(emulator) == {"e1", "e2"})


async def test_a_second_gateway_is_refused_the_directory(config_file: Path) -> None:
    """It says which directory, and who has it."""
    async with serving(config_file) as served:
        second = await finish(await start("serve", "--config", config_file))
        assert second.status == 1
        assert str(config_file.parent / "outbox") in second.errors
        assert str(served.process.pid) in second.errors


async def test_a_damaged_outbox_stops_the_start(config_file: Path) -> None:
    """It is never silently begun anew."""
    async with serving(config_file) as served:
        served.process.terminate()
        await served.process.wait()
    damaged = config_file.parent / "outbox" / "delivery.db"
    damaged.write_bytes(b"\0" * damaged.stat().st_size)
    refused = await finish(await start("serve", "--config", config_file))
    assert refused.status == 1
    assert str(damaged) in refused.errors
