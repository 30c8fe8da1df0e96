"""A gateway under test: supervisor, ingest and delivery, with an outbox on disk."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from bench.ports import free_ports
from bench.processes import SERVER_CORE, children, cpu_us, python, started
from bench.upstream import Upstream
from gateway import embedded
from gateway.personalize.emulator import Emulator, EmulatorConfig
from gateway.records import Kind

_NOWHERE = "http://[::1]:9"
_UNLIMITED = 1_000_000
_ROUTE: Mapping[str, Any] = {"name": "all", "callers": ["*"], "dataset_group": "shop"}
_KEY, _SECRET = next(iter(EmulatorConfig().credentials.items()))
AWS_ENVIRONMENT: Mapping[str, str] = {
    "AWS_ACCESS_KEY_ID": _KEY,
    "AWS_SECRET_ACCESS_KEY": _SECRET,
    "AWS_REGION": EmulatorConfig().region,
    "AWS_DEFAULT_REGION": EmulatorConfig().region,
    "AWS_EC2_METADATA_DISABLED": "true",
}
"""What an AWS SDK needs to sign calls that the emulator takes, and to look nowhere else."""

_PAUSE_S = 0.05
_PATIENCE_S = 120.0


class Cpu(NamedTuple):
    """CPU time of a gateway, in microseconds.

    The supervisor's is left out: it only waits.
    """

    ingest_us: float
    delivery_us: float

    @property
    def total_us(self) -> float:
        """That of all its processes."""
        return self.ingest_us + self.delivery_us

    def since(self, before: "Cpu") -> "Cpu":
        """Return what has been used since an earlier look."""
        return Cpu(self.ingest_us - before.ingest_us, self.delivery_us - before.delivery_us)

    def each(self, count: int) -> "Cpu":
        """Return the share of one of so many."""
        return Cpu(self.ingest_us / count, self.delivery_us / count)


@dataclass(frozen=True, slots=True)
class Running:
    """A gateway that serves.

    Attributes:
        target: HOST:PORT of its gRPC server.
        supervisor: its PID.
        ingest: the PIDs of its ingest processes.
        delivery: the PID of its delivery process.
        metrics_url: where its metrics are.
        outbox: the folder of its files.
    """

    target: str
    supervisor: int
    ingest: tuple[int, ...]
    delivery: int
    metrics_url: str
    outbox: Path

    def cpu(self) -> Cpu:
        """Return the CPU time used so far."""
        return Cpu(sum(map(cpu_us, self.ingest)), cpu_us(self.delivery))

    async def metric(self, name: str, **labels: str) -> float:
        """Return the sum of a metric's samples that have these labels.

        Args:
            name: as Prometheus knows the sample, with `_total`, `_count` and the like.
            labels: their values; other labels may have any.
        """
        async with aiohttp.ClientSession() as session, session.get(self.metrics_url) as answer:
            families = text_string_to_metric_families(await answer.text())
        samples = [sample for family in families for sample in family.samples]
        return sum(
            sample.value
            for sample in samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )

    async def answered(self, method: str, code: str = "OK") -> int:
        """Return how many RPCs of a method ended in a code.

        Args:
            method: its full name, without a slash before it.
            code: the name of gRPC's code.
        """
        labels = {"rpc_method": method, "rpc_response_status_code": code}
        return int(await self.metric("rpc_server_call_duration_seconds_count", **labels))

    async def accepted(self) -> int:
        """Return how many records were accepted."""
        return int(await self.metric("gateway_records_accepted_total"))

    async def calls(self) -> int:
        """Return how many calls its upstream has answered with success."""
        return int(
            await self.metric("gateway_personalize_call_duration_seconds_count", outcome="ok")
        )

    async def delivered(self) -> int:
        """Return how many records were delivered."""
        return int(await self.metric("gateway_records_settled_total", outcome="delivered"))

    async def until_delivered(self, records: int) -> None:
        """Wait until so many records were delivered since the start.

        Raises:
            TimeoutError: for a long time they were not.
        """
        async with asyncio.timeout(_PATIENCE_S):
            while await self.delivered() < records:  # noqa: ASYNC110 - of another process
                await asyncio.sleep(_PAUSE_S)


@asynccontextmanager
async def gateway(
    *,
    upstream: Upstream | Emulator | None = None,
    workers: int = 1,
    core: int = SERVER_CORE,
    environment: Mapping[str, str] | None = None,
    **config: Mapping[str, Any],
) -> AsyncIterator[Running]:
    """Run a gateway until the block ends: `personalize-gateway serve` with a file.

    An emulator tells it of its dataset group, so records are checked against a schema. Callers are
    known by a header, the cheapest of the identities. Its log is shown where
    it does not start.

    Args:
        upstream: where its calls go; None for where nobody listens, so that records stay.
        workers: how many ingest processes it has.
        core: where all its processes run.
        environment: more variables.
        config: keys of sections of its configuration that are to differ.
    """
    async with AsyncExitStack() as running:
        enter = running.enter_async_context
        emulator = upstream if isinstance(upstream, Emulator) else await enter(Emulator())
        folder = Path(running.enter_context(TemporaryDirectory()))
        (metrics_port,) = free_ports(1)
        settings = _settings(emulator, _url(upstream), folder / "outbox", metrics_port)
        settings["server"]["workers"] = workers
        for section, keys in config.items():
            settings[section] = {**settings.get(section, {}), **keys}
        file = folder / "gateway.yaml"
        file.write_text(json.dumps({**settings, "routes": [_ROUTE]}))
        process = await enter(
            started(
                *python("-c", "from gateway.cli import main; main()", "serve"),
                *("--config", str(file)),
                core=core,
                environment={**AWS_ENVIRONMENT, **_trust(upstream), **(environment or {})},
                log=folder / "log",
            )
        )
        yield await _running(process, f"http://127.0.0.1:{metrics_port}/metrics", folder)


def _settings(
    emulator: Emulator, url: str, outbox: Path, metrics_port: int
) -> dict[str, dict[str, Any]]:
    (group,) = emulator.seed(embedded.SEED)
    return {
        "server": {"listen": "127.0.0.1:0"},
        "admin": {"listen": f"127.0.0.1:{metrics_port}"},
        "outbox": {"path": str(outbox)},
        "delivery": {"quotas": dict.fromkeys(Kind, _UNLIMITED), "drain": "0s"},
        "dataset_groups": {
            _ROUTE["dataset_group"]: {
                "arn": group.arn,
                "endpoint_url": url,
                "control_endpoint_url": emulator.url,
                "budget": "64GiB",
            }
        },
    }


def _url(upstream: Upstream | Emulator | None) -> str:
    return _NOWHERE if upstream is None else upstream.url


def _trust(upstream: Upstream | Emulator | None) -> Mapping[str, str]:
    return {"AWS_CA_BUNDLE": str(upstream.ca_bundle)} if isinstance(upstream, Upstream) else {}


async def _running(process: asyncio.subprocess.Process, metrics_url: str, folder: Path) -> Running:
    assert process.stdout is not None
    said = re.search(r"gateway at (\S+),", (await process.stdout.readline()).decode())
    assert said is not None, (folder / "log").read_text()
    ingest = children(process.pid, "ingest")
    (delivery,) = children(process.pid, "delivery")
    return Running(said[1], process.pid, ingest, delivery, metrics_url, folder / "outbox")
