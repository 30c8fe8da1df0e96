"""Limits of several processes together, over the wire."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import grpc
import pytest
from personalize_gateway.v1.event_service_pb2 import PutEventsRequest
from personalize_gateway.v1.event_service_pb2_grpc import EventServiceStub

from gateway.routing.shared_ledger import SharedLedger
from tests.integration.routing import gateway_process
from tests.support.messages import event

PROCESS = Path(gateway_process.__file__)
WEB = (("x-caller", "spiffe://example.org/ns/shop/sa/web"),)
ROOT = Path(__file__).parents[3]


class Process:
    """A gateway process, and a channel to it."""

    def __init__(self, process: asyncio.subprocess.Process, channel: grpc.aio.Channel) -> None:
        self._process = process
        self._channel = channel

    async def kill(self) -> None:
        """End it as the kernel would."""
        os.kill(self._process.pid, signal.SIGKILL)
        await self._process.wait()

    async def put(self, records: int) -> str:
        """Send events; return the status that they are answered with."""
        request = PutEventsRequest(events=[event(event_id=f"e{n}") for n in range(records)])
        try:
            await EventServiceStub(self._channel).PutEvents(request, metadata=WEB, timeout=30)
        except grpc.aio.AioRpcError as error:
            return error.code().name
        return "OK"


Start = Callable[[int], Awaitable[Process]]


@pytest.fixture
async def start(config_file: Path, tmp_path: Path) -> AsyncIterator[Start]:
    """Starts processes that share a ledger."""
    ledger = tmp_path / "ledger"
    SharedLedger.create(ledger, slots=2)
    async with AsyncExitStack() as stack:

        async def started(slot: int) -> Process:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                PROCESS,
                *map(str, (config_file, ledger, slot)),
                stdout=asyncio.subprocess.PIPE,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
            )
            stack.push_async_callback(_end, process)
            assert process.stdout is not None
            port = int(await process.stdout.readline())
            channel = grpc.aio.insecure_channel(f"127.0.0.1:{port}")
            return Process(process, await stack.enter_async_context(channel))

        yield started


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.kill()
    await process.communicate()


async def test_the_limit_is_for_all_processes_together(start: Start) -> None:
    """Five records, whoever takes them; also after a process was killed and has a successor."""
    one, other = await asyncio.gather(start(0), start(1))
    assert [await one.put(2), await other.put(2)] == ["OK", "OK"]
    assert [await one.put(2), await other.put(2)] == ["RESOURCE_EXHAUSTED"] * 2
    assert await other.put(1) == "OK"
    await one.kill()
    successor = await start(0)
    assert [await successor.put(1), await other.put(1)] == ["RESOURCE_EXHAUSTED"] * 2
