"""`make bench`, second part: the CPU time of an RPC with tracing off, of 1 % and of all requests.

Three gateways run at the same time, each with an ingest process of its own, and are called in
turns: read the ratios, which come from one run. What is measured is the ingest process, with the
export of its spans to a collector that drops them. Personalize is away: records stay in the outbox.
"""

import asyncio
import json
import os
import re
import statistics
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import grpc
from personalize_gateway.v1.event_service_pb2_grpc import EventServiceStub
from rich.console import Console
from rich.table import Table

from gateway.api import PutEventsRequest

ROUNDS = 5
RPCS = 1_000
IN_FLIGHT = 16
EXPORT_S = 1.1
BASELINE = "off"
SHARES = {BASELINE: None, "1 %": "0.01", "100 %": "1.0"}


@dataclass
class _Gateway:
    pid: int
    channel: grpc.aio.Channel
    costs_us: list[float] = field(default_factory=list)


def main() -> None:
    """Measure and print."""
    medians = asyncio.run(_measured())
    table = Table("requests that are traced", "µs an RPC", f"of {BASELINE}", title="Tracing")
    for name, cost_us in medians.items():
        table.add_row(name, f"{cost_us:.0f}", f"{cost_us / medians[BASELINE]:.2f}")
    Console().print(table)


async def _measured() -> dict[str, float]:
    async with AsyncExitStack() as running:
        collector = await running.enter_async_context(_collector())
        gateways = {
            name: await running.enter_async_context(_gateway(collector, share))
            for name, share in SHARES.items()
        }
        for number in range(ROUNDS + 1):
            for gateway in gateways.values():
                cost_us = await _round(gateway)
                if number:  # The first warms up.
                    gateway.costs_us.append(cost_us)
    return {name: statistics.median(one.costs_us) for name, one in gateways.items()}


async def _round(gateway: _Gateway) -> float:
    """Send a round of requests; return the CPU time of each, in microseconds."""
    stub, left = EventServiceStub(gateway.channel), iter(range(RPCS))
    request = PutEventsRequest()
    event = request.events.add(session_id="session", event_type="View", item_id="item")
    event.event_time.seconds = 1_790_000_000

    async def send() -> None:
        for _ in left:
            await stub.PutEvents(request)

    before_us = _cpu_us(gateway.pid)
    await asyncio.gather(*(send() for _ in range(IN_FLIGHT)))
    await asyncio.sleep(EXPORT_S)
    return (_cpu_us(gateway.pid) - before_us) / RPCS


def _cpu_us(pid: int) -> float:
    """Return the CPU time of all threads of a process so far."""
    threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(thread.read_text().split()[0]) for thread in threads) / 1000


@asynccontextmanager
async def _collector() -> AsyncIterator[str]:
    """Take spans and drop them; yield the URL."""

    async def export(_: bytes, __: object) -> bytes:
        return b""

    service = "opentelemetry.proto.collector.trace.v1.TraceService"
    methods: dict[str, Any] = {"Export": grpc.unary_unary_rpc_method_handler(export)}
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, methods),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        await server.stop(None)


@asynccontextmanager
async def _gateway(collector: str, share: str | None) -> AsyncIterator[_Gateway]:
    """Run a gateway that traces a share of its requests; None for none of them."""
    tracing = {
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": collector,
        "OTEL_TRACES_SAMPLER": "parentbased_traceidratio",
        "OTEL_TRACES_SAMPLER_ARG": share or "",
        "OTEL_BSP_SCHEDULE_DELAY": "1000",
    }
    with TemporaryDirectory() as directory:
        config = Path(directory) / "gateway.yaml"
        config.write_text(json.dumps(_config(directory)))
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", "from gateway.cli import main; main()"),
            *("serve", "--config", str(config)),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={**os.environ, **(tracing if share else {})},
        )
        try:
            yield await _started(process)
        finally:
            process.kill()
            await process.wait()


async def _started(process: asyncio.subprocess.Process) -> _Gateway:
    assert process.stdout is not None
    said = re.search(r"gateway at (\S+),", (await process.stdout.readline()).decode())
    assert said is not None, "the gateway did not start"
    return _Gateway(_ingest(process.pid), grpc.aio.insecure_channel(said[1]))


def _ingest(supervisor: int) -> int:
    children = Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text().split()
    (found,) = [pid for pid in children if b"ingest" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    return int(found)


def _config(directory: str) -> dict[str, object]:
    group = "arn:aws:personalize:eu-west-1:123456789012:dataset-group/shop"
    nowhere = {
        "arn": group,
        "discover": False,
        "tracking_id": "t",
        "endpoint_url": "http://[::1]:9",
    }
    route = {"name": "all", "callers": ["*"], "kinds": ["events"], "dataset_group": "shop"}
    return {
        "server": {"listen": "127.0.0.1:0"},
        "admin": {"listen": "127.0.0.1:0"},
        "outbox": {"path": f"{directory}/outbox"},
        "dataset_groups": {"shop": nowhere},
        "routes": [route],
    }
