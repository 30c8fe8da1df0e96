"""Envoy as `deploy/envoy` configures it, on ports of its own."""

import asyncio
import shutil
import sysconfig
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import aiohttp
import grpc
import yaml

DEPLOY = Path(__file__).parents[2] / "deploy" / "envoy"
NAMES = ("mtls", "plain", "web")

ENVOY = Path(sysconfig.get_path("scripts")) / "envoy"
_NOWHERE = "127.0.0.1:1"
_PATIENCE = "60s"
_numbers = count()


@dataclass(frozen=True, slots=True)
class Sidecar:
    """An Envoy that runs.

    Attributes:
        address: HOST:PORT of its listener.
        admin: the URL of its own pages.
    """

    address: str
    admin: str

    @property
    def url(self) -> str:
        """The base URL for those who call by HTTP."""
        return f"http://{self.address}"

    def channel(self, credentials: grpc.ChannelCredentials | None = None) -> grpc.aio.Channel:
        """Return a connection of its own."""
        options = [("grpc.use_local_subchannel_pool", 1)]
        if credentials is None:
            return grpc.aio.insecure_channel(self.address, options)
        return grpc.aio.secure_channel(self.address, credentials, options)

    async def sends_to(self, addresses: set[str]) -> None:
        """Wait until it takes these gateways for healthy, and no others."""
        async with asyncio.timeout(60):
            while await self._healthy() != addresses:  # noqa: ASYNC110 - Envoy has no event
                await asyncio.sleep(0.01)

    async def _healthy(self) -> set[str]:
        return {
            _address(host["address"])
            for host in await self._gateways()
            if not host["health_status"].get("failed_active_health_check")
        }

    async def calls(self) -> dict[str, int]:
        """Return how many calls it has sent to each gateway, health checks aside."""
        return await self._by_gateway("rq_total")

    async def waits_for(self, address: str, calls: int) -> None:
        """Wait until this gateway has so many calls that it has not answered."""
        async with asyncio.timeout(60):
            while (await self._by_gateway("rq_active"))[address] < calls:  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.01)

    async def _by_gateway(self, name: str) -> dict[str, int]:
        return {
            _address(host["address"]): int(stat.get("value", 0))
            for host in await self._gateways()
            for stat in host["stats"]
            if stat["name"] == name
        }

    async def counter(self, name: str) -> int:
        """Return one of its counters; 0 where it has not counted yet."""
        found = await self._get(f"/stats?format=json&filter=^{name}$")
        return sum(stat["value"] for stat in found["stats"] if stat.get("name") == name)

    async def _gateways(self) -> Sequence[Mapping[str, Any]]:
        clusters = (await self._get("/clusters?format=json"))["cluster_statuses"]
        (hosts,) = [one["host_statuses"] for one in clusters if one["name"] == "gateway"]
        return list(hosts)

    async def _get(self, path: str) -> Any:
        async with aiohttp.ClientSession() as session, session.get(self.admin + path) as response:
            return await response.json(content_type=None)


@asynccontextmanager
async def sidecar(
    name: str,
    folder: Path,
    *gateways: str,
    otlp: str = _NOWHERE,
    calls_per_connection: int = 10_000,
) -> AsyncIterator[Sidecar]:
    """Run Envoy with a configuration of `deploy/envoy`, and end it.

    Args:
        name: of the configuration.
        folder: what `/etc/envoy` is in it; see `laid_out`.
        gateways: the addresses of the gateways before which it stands.
        otlp: where it sends its spans.
        calls_per_connection: how many it lets through; more are not allowed while a test lasts.
    """
    config = adapted(folder / f"{name}.yaml", gateways, otlp)
    bucket = {"max_tokens": calls_per_connection, "tokens_per_fill": 1, "fill_interval": "3600s"}
    filters = {one["name"]: one["typed_config"] for one in _connections(config)["http_filters"]}
    filters["envoy.filters.http.local_ratelimit"]["token_bucket"] = bucket
    file = folder / f"{name}-{next(_numbers)}.yaml"
    file.write_text(yaml.safe_dump(config))
    told, log = file.with_suffix(".admin"), file.with_suffix(".log")
    process = await asyncio.create_subprocess_exec(
        *(ENVOY, "--config-path", file, "--admin-address-path", told, "--log-path", log),
        *("--concurrency", "1", "--disable-hot-restart", "--log-level", "warning"),
        stdin=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(60):
            started = await _started(process, told, log)
        yield started
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _started(process: asyncio.subprocess.Process, told: Path, log: Path) -> Sidecar:
    while not (where := _text(told)):
        assert process.returncode is None, _text(log)
        await asyncio.sleep(0.01)
    admin = f"http://{where}"
    async with aiohttp.ClientSession() as session:
        while True:
            async with session.get(f"{admin}/ready") as response:
                if response.status == 200:
                    break
            await asyncio.sleep(0.01)
        async with session.get(f"{admin}/listeners?format=json") as response:
            (listener,) = (await response.json(content_type=None))["listener_statuses"]
    return Sidecar(_address(listener["local_address"]), admin)


def _text(file: Path) -> str:
    return file.read_text() if file.exists() else ""


def _address(address: Mapping[str, Any]) -> str:
    found = address["socket_address"]
    return f"{found['address']}:{found['port_value']}"


def laid_out(folder: Path) -> Path:
    """Copy `deploy/envoy` to a folder, which its files name instead of `/etc/envoy`; return it."""
    shutil.copytree(DEPLOY, folder, dirs_exist_ok=True)
    for file in folder.rglob("*.yaml"):
        file.write_text(file.read_text().replace("/etc/envoy", str(folder)))
    (folder / "certificates").mkdir(exist_ok=True)
    return folder


def adapted(file: Path, gateways: Sequence[str], otlp: str) -> dict[str, Any]:
    """Return a configuration with other addresses, and with nothing to wait for.

    Who answers late on a busy machine is neither taken for dead nor left without its spans.
    """
    config: dict[str, Any] = yaml.safe_load(file.read_text())
    resources = config["static_resources"]
    config["admin"]["address"] = _socket("127.0.0.1:0")
    (listener,) = resources["listeners"]
    listener["address"] = _socket("127.0.0.1:0")
    gateway, collector = resources["clusters"]
    gateway["load_assignment"]["endpoints"] = _endpoints(*gateways)
    gateway["health_checks"][0].update(
        interval="0.2s", no_traffic_interval="0.2s", timeout=_PATIENCE
    )
    collector["load_assignment"]["endpoints"] = _endpoints(otlp)
    tracing = _connections(config)["tracing"]["provider"]["typed_config"]
    tracing["grpc_service"]["timeout"] = _PATIENCE
    flush = {"tracing.opentelemetry.flush_interval_ms": 50}
    config["layered_runtime"] = {"layers": [{"name": "test", "static_layer": flush}]}
    return config


def _connections(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return the HTTP connection manager of a configuration."""
    (listener,) = config["static_resources"]["listeners"]
    (chain,) = listener["filter_chains"]
    (manager,) = chain["filters"]
    found: dict[str, Any] = manager["typed_config"]
    return found


def _endpoints(*addresses: str) -> list[dict[str, Any]]:
    return [{"lb_endpoints": [{"endpoint": {"address": _socket(one)}} for one in addresses]}]


def _socket(address: str) -> dict[str, Any]:
    host, _, port = address.rpartition(":")
    return {"socket_address": {"address": host, "port_value": int(port)}}
