"""A gateway of several processes, killed and started again."""

import asyncio
import os
import re
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import grpc
import pytest
import yaml
from personalize_gateway.v1.acknowledgement_pb2 import (
    ACK_LEVEL_DELIVERED,
    ACK_LEVEL_DURABLE,
    OUTCOME_STATE_DELIVERED,
)
from personalize_gateway.v1.event_service_pb2 import PutEventsRequest, PutEventsResponse
from personalize_gateway.v1.event_service_pb2_grpc import EventServiceStub

from gateway import embedded
from gateway.personalize.emulator import Answer, Emulator, Fault
from tests.support.commands import finish, start
from tests.support.messages import event

_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "emulator", "AWS_SECRET_ACCESS_KEY": "emulator"}


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in _CREDENTIALS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def config_file(tmp_path: Path, emulator: Emulator) -> Path:
    """The configuration of a gateway of three processes that delivers to the emulator."""
    group = embedded.configuration(emulator).dataset_groups["demo"]
    path = tmp_path / "gateway.yaml"
    config = {
        "server": {"listen": "127.0.0.1:0", "workers": 2},
        "outbox": {"path": str(tmp_path / "outbox")},
        "delivery": {"drain": "0s", "retry": {"base": "1ms", "max": "50ms"}},
        "dataset_groups": {
            "demo": {
                "arn": group.arn,
                "tracking_id": group.tracking_id,
                "endpoint_url": group.endpoint_url,
            }
        },
        "routes": [{"name": "all", "callers": ["*"], "kinds": ["events"], "dataset_group": "demo"}],
    }
    path.write_text(yaml.safe_dump(config))
    return path


class Served:
    """A gateway that runs."""

    def __init__(self, process: asyncio.subprocess.Process, address: str) -> None:
        self.process = process
        self.address = address

    def child(self, role: str) -> int:
        """Return the process ID of a child of this role."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        for pid in children.read_text().split():
            if role.encode() in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0"):
                return int(pid)
        raise LookupError(role)

    async def put(self, *ids: str, delivered: bool = False) -> PutEventsResponse:
        """Send events, as often as it takes while nobody serves."""
        level = ACK_LEVEL_DELIVERED if delivered else ACK_LEVEL_DURABLE
        request = PutEventsRequest(
            events=[event(event_id=event_id) for event_id in ids], ack_level=level
        )
        async with grpc.aio.insecure_channel(self.address) as channel:
            response: PutEventsResponse = await EventServiceStub(channel).PutEvents(
                request, wait_for_ready=True, timeout=60
            )
            return response


@asynccontextmanager
async def serving(config_file: Path) -> AsyncIterator[Served]:
    """Run a gateway; end it by SIGKILL where the test has not."""
    process = await start("serve", "--config", config_file)
    assert process.stdout is not None
    try:
        async with asyncio.timeout(60):
            line = (await process.stdout.readline()).decode()
        said = re.match(r"Personalize gateway at (\S+),", line)
        assert said is not None, line
        yield Served(process, said[1])
    finally:
        if process.returncode is None:
            process.kill()
        await finish(process)


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - other processes have no event
            await asyncio.sleep(0.01)


def _arrived(emulator: Emulator) -> set[str]:
    return {str(record.parsed()["eventId"]) for record in emulator.records("events")}


async def test_what_was_accepted_survives_the_death_of_all(
    config_file: Path, emulator: Emulator
) -> None:
    """Killed while Personalize was away, started again when it is back."""
    emulator.faults.add(Fault(answer=Answer.UNAVAILABLE))
    async with serving(config_file) as served:
        for number in range(5):
            await served.put(*(f"e{number}-{n}" for n in range(20)))
        os.kill(served.process.pid, signal.SIGKILL)
    assert _arrived(emulator) == set()
    emulator.faults.clear()
    async with serving(config_file):
        expected = {f"e{number}-{n}" for number in range(5) for n in range(20)}
        await _until(lambda: _arrived(emulator) == expected)


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
        assert _arrived(emulator) == {"before", "after"}


async def test_who_waits_for_delivery_waits_over_its_restart(
    config_file: Path, emulator: Emulator
) -> None:
    """The answer comes from the delivery process that comes next."""
    emulator.faults.add(Fault(answer=Answer.UNAVAILABLE))
    async with serving(config_file) as served:
        waiting = asyncio.create_task(served.put("e1", delivered=True))
        await _until(lambda: "PutEvents" in emulator.stats()["operations"])
        os.kill(served.child("delivery"), signal.SIGKILL)
        emulator.faults.clear()
        response = await waiting
        assert response.ack_level == ACK_LEVEL_DELIVERED


async def test_it_stops_in_order_and_keeps_what_it_could_not_deliver(
    config_file: Path, emulator: Emulator
) -> None:
    """SIGTERM ends it with status 0; the next start delivers the rest."""
    emulator.faults.add(Fault(answer=Answer.UNAVAILABLE))
    async with serving(config_file) as served:
        await served.put("e1", "e2")
        served.process.terminate()
        assert await served.process.wait() == 0
    emulator.faults.clear()
    async with serving(config_file):
        await _until(lambda: _arrived(emulator) == {"e1", "e2"})


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
