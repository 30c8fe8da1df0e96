"""What `personalize-gateway import` does when its gateway goes, or it is stopped itself."""

import asyncio
import re
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import grpc
import pytest
from click.testing import CliRunner
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status
from personalize_gateway.v1.ingest_service_pb2 import (
    IngestBatchRequest,
    IngestBatchResponse,
    IngestRequest,
    IngestResponse,
)
from personalize_gateway.v1.ingest_service_pb2_grpc import (
    IngestServiceServicer,
    add_IngestServiceServicer_to_server,
)

from gateway import embedded
from gateway.app import Gateway
from gateway.cli.import_ import import_
from gateway.importing.patience import Patience
from gateway.importing.transmission import MAX_UNDER_WAY, Transmission
from gateway.ingest_side import IngestSide
from gateway.personalize.emulator import DOCUMENTED_QUOTAS, Emulator, EmulatorConfig
from tests.support.commands import finish, run, start
from tests.support.ports import reserved
from tests.support.received import received
from tests.support.running import patient

HEADER = "USER_ID,ITEM_ID,EVENT_TYPE,TIMESTAMP\n"

Action = Callable[[Any], Awaitable[None]]


@pytest.fixture
def events(tmp_path: Path) -> Callable[[int], Path]:
    """Return a function that writes a file of so many events, of 50 users in a session each."""

    def write(count: int) -> Path:
        path = tmp_path / "events.csv"
        rows = (f"user-{n % 50},item-{n},View,{1787462253 + n // 50}\n" for n in range(count))
        path.write_text(HEADER + "".join(rows))
        return path

    return write


class Script(IngestServiceServicer):
    """A gateway that stores what it reads and acknowledges it, and now and then does something.

    Attributes:
        actions: what it does when it has read so many requests, before it stores the last.
        stored: session and item of every event, in the order of arrival.
        requests: how many it has read.
    """

    def __init__(self, actions: Mapping[int, Action]) -> None:
        self.actions = actions
        self.stored: list[tuple[str, str]] = []
        self.requests = 0

    async def Ingest(  # noqa: N802 - the stubs name it
        self, request_iterator: AsyncIterator[IngestRequest], context: Any
    ) -> AsyncIterator[IngestResponse]:
        async for request in request_iterator:
            self.requests += 1
            if self.requests in self.actions:
                await self.actions[self.requests](context)
            self.stored += [(r.event.session_id, r.event.item_id) for r in request.records]
            yield IngestResponse(acknowledged_sequence=request.sequence)

    async def IngestBatch(  # noqa: N802 - the stubs name it
        self, request: IngestBatchRequest, context: Any
    ) -> IngestBatchResponse:
        raise NotImplementedError


@asynccontextmanager
async def serving(script: Script) -> AsyncIterator[str]:
    """Serve a script and yield its address."""
    server = grpc.aio.server()
    add_IngestServiceServicer_to_server(script, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        await server.stop(grace=None)


async def drain(context: Any) -> None:
    """End the stream as a gateway does that stops."""
    status = Status(code=grpc.StatusCode.UNAVAILABLE.value[0], message="stopping")
    status.details.add().Pack(ErrorInfo(reason="DRAINING"))
    trailer = (("grpc-status-details-bin", status.SerializeToString()),)
    await context.abort(grpc.StatusCode.UNAVAILABLE, "stopping", trailer)


async def reset(context: Any) -> None:
    """End the stream as a proxy does."""
    await context.abort(grpc.StatusCode.INTERNAL, "Received RST_STREAM")


async def _wait_for_ever(reached: asyncio.Event) -> None:
    reached.set()
    await asyncio.Event().wait()


async def test_broken_streams_lose_nothing(events: Callable[[int], Path]) -> None:
    """What was not acknowledged is sent again, and what was is not."""
    script = Script({5: drain, 12: reset})
    async with serving(script) as address:
        finished = await run("import", "events", events(2_000), "--to", address)
    assert finished.status == 0
    assert finished.errors.count("Trying again in") == 2
    assert "UNAVAILABLE DRAINING: stopping" in finished.errors
    assert len(set(script.stored)) == 2_000
    assert {item for _, item in script.stored} == {f"item-{n}" for n in range(2_000)}


async def test_stopped_import_says_how_to_go_on(events: Callable[[int], Path]) -> None:
    """What is then sent continues the sessions that were begun."""
    reached = asyncio.Event()
    # Two requests more than may be under way: so many acknowledgements the client has taken in.
    script = Script({MAX_UNDER_WAY + 2: lambda _: _wait_for_ever(reached)})
    path = events(6_000)
    async with serving(script) as address:
        process = await start("import", "events", path, "--to", address)
        async with asyncio.timeout(60):
            await reached.wait()
        process.send_signal(signal.SIGINT)
        finished = await finish(process)
        assert (finished.status, finished.output) == (130, "")
        why, how = finished.errors.splitlines()[-2:]
        assert why == "Stopped."
        told = re.fullmatch(r"The first ([\d,]+) rows are settled .* with --skip (\d+)\.", how)
        assert told is not None
        assert 200 <= int(told[1].replace(",", "")) == int(told[2]) <= 100 * (MAX_UNDER_WAY + 1)
        again = await run("import", "events", path, "--to", address, "--skip", told[2])
    assert again.status == 0
    assert len(set(script.stored)) == 6_000
    assert len({session for session, _ in script.stored}) == 50


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An address of which nobody else gets the port while no gateway listens there."""
    # As a supervisor keeps it for its ingest processes.
    monkeypatch.setattr("gateway.app.IngestSide", partial(IngestSide, shares_port=True))
    with reserved() as address:
        yield address


async def test_gateway_that_restarts_gets_everything(
    events: Callable[[int], Path], address: str
) -> None:
    """The emulator has every row, though two gateways have had a part of them each."""
    async with Emulator(EmulatorConfig(quotas=dict.fromkeys(DOCUMENTED_QUOTAS))) as emulator:
        config = patient(embedded.configuration(emulator, address))
        first = Gateway(config, embedded.credentials(emulator))
        await first.start()
        process = await start("import", "events", events(20_000), "--to", address)
        await received(emulator, "events", 1)
        await first.stop()
        second = Gateway(config, embedded.credentials(emulator))
        await second.start()
        finished = await finish(process)
        await second.stop()
        items = {record.parsed()["itemId"] for record in emulator.records("events")}
    assert (finished.status, "DRAINING" in finished.errors) == (0, True)
    assert items == {f"item-{n}" for n in range(20_000)}


def test_gateway_that_is_not_there_ends_the_import(
    events: Callable[[int], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After some attempts, each of which is told."""
    patience = Patience(attempts=3, base_s=0.01)
    monkeypatch.setattr(
        "gateway.cli.import_.Transmission", partial(Transmission, patience=patience)
    )
    arguments = ["events", str(events(10)), "--to", "127.0.0.1:1"]
    result = CliRunner().invoke(import_, arguments)
    assert result.exit_code == 2
    assert len(re.findall(r"Trying again in 0\.0 s\.", result.stderr)) == 2
    assert result.stderr.splitlines()[-1].startswith("Error: UNAVAILABLE: ")
    assert "--skip" not in result.stderr
