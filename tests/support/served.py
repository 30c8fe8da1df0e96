"""A gateway of several processes, as `personalize-gateway serve --config` runs it."""

import asyncio
import json
import re
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import grpc
from personalize_gateway.v1.acknowledgement_pb2 import (
    ACK_LEVEL_DELIVERED,
    ACK_LEVEL_DURABLE,
)
from personalize_gateway.v1.event_service_pb2 import PutEventsRequest, PutEventsResponse
from personalize_gateway.v1.event_service_pb2_grpc import EventServiceStub

from gateway.personalize.emulator import Emulator
from tests.support.commands import finish, start
from tests.support.messages import event


class Served:
    """A gateway that runs.

    Attributes:
        log: what it has logged since it serves.
    """

    def __init__(self, process: asyncio.subprocess.Process, address: str) -> None:
        self.process = process
        self.address = address
        self.log: list[dict[str, Any]] = []
        self._logged = asyncio.Event()

    async def read_log(self) -> None:
        """Read what it logs, to its end."""
        assert self.process.stderr is not None
        async for line in self.process.stderr:
            if line.startswith(b"{"):  # gRPC's core has lines of its own.
                self.log.append(json.loads(line))
                self._logged.set()

    async def logged(self, event: str, **values: object) -> dict[str, Any]:
        """Wait until it has logged this; return all of it."""
        expected = {"event": event, **values}
        return await self._line(lambda line: line.items() >= expected.items())

    async def _line(self, is_meant: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        async with asyncio.timeout(60):
            while True:
                for line in self.log:
                    if is_meant(line):
                        return line
                self._logged.clear()
                await self._logged.wait()

    async def reload(self, generation: int) -> None:
        """Have the file read again, until all processes use it.

        Args:
            generation: the least number that it has then. It has a higher one where the gateway,
                which looks at its file by itself too, had read it before it was told.
        """
        self.process.send_signal(signal.SIGHUP)
        used = "all processes use the configuration"
        await self._line(
            lambda line: line.get("event") == used and line["generation"] >= generation
        )

    def child(self, role: str) -> int:
        """Return the process ID of a child of this role."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        for pid in children.read_text().split():
            with suppress(OSError):  # It has ended meanwhile.
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
        served = Served(process, said[1])
        reading = asyncio.create_task(served.read_log())
        try:
            yield served
        finally:
            if process.returncode is None:
                process.kill()
            await reading
    finally:
        if process.returncode is None:
            process.kill()
        await finish(process)


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what other processes do."""
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - other processes have no event
            await asyncio.sleep(0.01)


def arrived(emulator: Emulator) -> set[str]:
    """Return the event IDs that Personalize got."""
    return {str(record.parsed()["eventId"]) for record in emulator.records("events")}
