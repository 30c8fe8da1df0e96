"""A configuration with routes of every sort, and a server of it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest
import yaml

from gateway.clock import SystemClock
from gateway.config import Config, load
from gateway.outbox.memory import MemoryOutbox
from gateway.routing.access import Access
from tests.integration.routing.gateway_process import server

_ARN = "arn:aws:personalize:eu-west-1:123456789012:"
_ROUTES = [
    {
        "name": "shop",
        "callers": ["spiffe://example.org/ns/shop/**"],
        "kinds": ["events", "users"],
        "dataset_group": "shop",
        "mirror_to": ["next", {"dataset_group": "lab", "when_full": "refuse"}],
    },
    {
        "name": "web",
        "callers": ["spiffe://example.org/ns/shop/sa/web"],
        "kinds": ["events"],
        "dataset_group": "shop",
        "limit": {"records_per_s": 0.001, "burst": 5, "in_flight_bytes": "1MiB"},
    },
    {"name": "import", "callers": ["import"], "kinds": ["items"], "dataset_group": "shop"},
    {"name": "import-next", "callers": ["import"], "kinds": ["items"], "dataset_group": "next"},
    {"name": "anyone", "callers": ["*"], "kinds": ["events"], "dataset_group": "lab"},
]


def _group(name: str) -> dict[str, Any]:
    datasets = {
        kind: f"{_ARN}dataset/{name}/{kind.upper()}" for kind in ("items", "users", "actions")
    }
    return {
        "arn": f"{_ARN}dataset-group/{name}",
        "tracking_id": f"{name}-events",
        "action_interactions_tracking_id": f"{name}-actions",
        "datasets": datasets,
    }


@pytest.fixture
def config_file(tmp_path: Path) -> Path:
    """Three dataset groups, five routes."""
    path = tmp_path / "gateway.yaml"
    groups = {name: _group(name) for name in ("shop", "next", "lab")}
    content = {"dataset_groups": groups, "routes": _ROUTES, "admins": ["ops"]}
    path.write_text(yaml.safe_dump(content, sort_keys=False))
    return path


@pytest.fixture
def config(config_file: Path) -> Config:
    """The same, read."""
    return load(config_file, {})


class Clock(SystemClock):
    """A clock that stands until it is moved."""

    now_s = 1000.0

    def monotonic(self) -> float:
        return self.now_s


@dataclass(frozen=True, slots=True)
class Served:
    """What a test talks to."""

    clock: Clock
    address: str
    channel: grpc.aio.Channel
    access: Access
    outbox: MemoryOutbox


@pytest.fixture
async def served(config: Config) -> AsyncIterator[Served]:
    """A server in this process, and a channel to it."""
    clock = Clock()
    made, access, outbox = server(config, clock=clock)
    (port,) = await made.start("127.0.0.1:0")
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield Served(clock, f"127.0.0.1:{port}", channel, access, outbox)
    finally:
        await made.stop(grace_s=0)
        await outbox.close()
