"""A gateway and an emulator as real processes, with the dataset groups of the vectors."""

import asyncio
import json
import re
import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import grpc
from personalize_gateway.v1.route_service_pb2 import DescribeDatasetGroupRequest
from personalize_gateway.v1.route_service_pb2_grpc import RouteServiceStub

from gateway.personalize.emulator import DOCUMENTED_QUOTAS, Outline, Record
from tests.chaos import commands
from tests.chaos.gateway_process import Configuration, GatewayProcess
from tests.conformance.dataset_groups import DISCOVERED, configuration, seed_text
from tests.support.ports import reserved

_URL = re.compile(r"Personalize emulator at (http://[\w.]+:\d+) ")
_START_S = 60.0
_DISCOVERY_S = 60.0
_KINDS = 5


@dataclass(frozen=True, slots=True)
class _Written(Configuration):
    """A configuration whose text is written already."""

    document: str = ""

    def text(self) -> str:
        return self.document


class EmulatorProcess:
    """An emulator without quotas, as a process of its own; made by `emulator`."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.url = url
        self._session = session

    async def groups(self) -> Mapping[str, Outline]:
        """Return what its dataset groups are, by name."""
        async with self._session.get(f"{self.url}/_emulator/dataset_groups") as answer:
            outlines = [Outline(**shown) for shown in (await answer.json())["dataset_groups"]]
        return {outline.name: outline for outline in outlines}

    async def records(self, kind: str | None = None) -> Sequence[Record]:
        """Return what it has taken, in the order of arrival."""
        parameters = {"kind": kind} if kind else {}
        address = f"{self.url}/_emulator/records"
        async with self._session.get(address, params=parameters) as answer:
            answer.raise_for_status()
            return [_record(line) for line in (await answer.text()).split("\n") if line]


def _record(line: str) -> Record:
    shown = json.loads(line)
    return Record(**{**shown, "element": json.dumps(shown["element"])})


@dataclass(frozen=True, slots=True)
class Stand:
    """What a client is tried on.

    Attributes:
        target: HOST:PORT where it is called; the same after the gateway was started again.
        directory: for what it needs; removed at its end.
        way: what a client's name is followed by: how it calls, where that is not directly.
    """

    target: str
    gateway: GatewayProcess
    emulator: EmulatorProcess
    directory: Path
    way: str = ""


@asynccontextmanager
async def standing(routes: Sequence[str] | None = None) -> AsyncIterator[Stand]:
    """Run both until the block ends.

    Args:
        routes: names of those that the gateway has; None for all.

    Raises:
        DidNotStart: one of the two did not.
    """
    async with AsyncExitStack() as stack:
        directory = Path(tempfile.mkdtemp(prefix="personalize-gateway-conformance-"))
        stack.callback(shutil.rmtree, directory, ignore_errors=True)
        emulator = await stack.enter_async_context(_emulator(directory))
        target = stack.enter_context(reserved())
        document = configuration(
            await emulator.groups(),
            emulator.url,
            listen=target,
            routes=routes,
            outbox={"path": str(directory / "outbox")},
        )
        gateway = GatewayProcess(directory, _written(directory, document))
        stack.push_async_callback(gateway.end)
        await gateway.start()
        if routes is None:
            await _discovered(target)
        yield Stand(target, gateway, emulator, directory)


def _written(directory: Path, document: str) -> Configuration:
    return _Written(
        outbox=directory / "outbox",
        group={},
        endpoint_url="",
        workers=1,
        items_per_s=0,
        document=document,
    )


@asynccontextmanager
async def _emulator(directory: Path) -> AsyncIterator[EmulatorProcess]:
    seed, log = directory / "seed.json", directory / "emulator.log"
    seed.write_text(seed_text())
    arguments = ["emulator", "--listen", "127.0.0.1:0", "--seed", str(seed)]
    for operation in DOCUMENTED_QUOTAS:
        arguments += ["--quota", f"{operation}=none"]
    process = await commands.start(*arguments, log=log)
    try:
        url = await commands.said(process, log, _URL, _START_S)
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as session:
            yield EmulatorProcess(url, session)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _discovered(target: str) -> None:
    """Wait until the gateway knows the schemas."""
    async with grpc.aio.insecure_channel(target) as channel, asyncio.timeout(_DISCOVERY_S):
        while await schemas_known(channel) < _KINDS:  # noqa: ASYNC110 - it has no event
            await asyncio.sleep(0.02)


async def schemas_known(channel: grpc.aio.Channel) -> int:
    """Return how many schemas of the discovered dataset group the gateway knows."""
    request = DescribeDatasetGroupRequest(dataset_group=DISCOVERED)
    response = await RouteServiceStub(channel).DescribeDatasetGroup(request, wait_for_ready=True)
    return sum(bool(dataset.schema) for dataset in response.dataset_group.datasets)
