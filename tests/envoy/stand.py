"""A gateway behind Envoy, before an emulator, and what a test needs to call it."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest
import yaml

from gateway import embedded
from gateway.personalize.emulator import Emulator
from tests.envoy.sidecar import Sidecar
from tests.support.certificates import Authority, Issued
from tests.support.otlp import Received
from tests.support.served import Served, serving

_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "emulator", "AWS_SECRET_ACCESS_KEY": "emulator"}
_LISTENING = "0A"


@dataclass(frozen=True, slots=True)
class Stand:
    """What a test talks to.

    Attributes:
        workers: the addresses of the gateway's workers' own ports.
        sidecars: an Envoy of each configuration.
        collector: gets the spans of all of them.
        servers: issues the sidecars' certificates.
        clients: issues the callers'.
        token: that of the caller `shop`.
    """

    emulator: Emulator
    workers: Sequence[str]
    sidecars: Mapping[str, Sidecar]
    collector: Received
    servers: Authority
    clients: Authority
    token: str

    @property
    def authorization(self) -> tuple[tuple[str, str]]:
        """The metadata by which a call is known to be the shop's."""
        return (("authorization", f"Bearer {self.token}"),)

    def trusting(self, client: Issued | None = None) -> grpc.ChannelCredentials:
        """Return the credentials of a caller of `mtls`."""
        return self.servers.trusting(client)


def configuration(emulator: Emulator, outbox: Path, **server: Any) -> dict[str, Any]:
    """Return what stands in the configuration of a gateway that takes events of everybody."""
    (outline,) = emulator.seed(embedded.SEED)
    return {
        "server": {"listen": "127.0.0.1:0", "shutdown_notice": "500ms", **server},
        "admin": {"listen": "127.0.0.1:0"},
        "outbox": {"path": str(outbox)},
        "delivery": {"drain": "20s", "retry": {"base": "1ms", "max": "50ms"}},
        "dataset_groups": {"demo": {"arn": outline.arn, "endpoint_url": emulator.url}},
        "routes": [{"name": "all", "callers": ["*"], "kinds": ["events"], "dataset_group": "demo"}],
    }


def written(folder: Path, name: str, settings: Mapping[str, Any]) -> Path:
    """Write a configuration; return its file."""
    path = folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump(dict(settings)))
    return path


@asynccontextmanager
async def started(file: Path, **environ: str) -> AsyncIterator[Served]:
    """Run a gateway, with these variables in its environment alone."""
    async with AsyncExitStack() as stack:
        with pytest.MonkeyPatch.context() as patched:
            for name, value in (_CREDENTIALS | environ).items():
                patched.setenv(name, value)
            served = await stack.enter_async_context(serving(file))
        yield served


def worker_addresses(served: Served) -> list[str]:
    """Return the workers' own addresses: those on which they listen beside the shared one."""
    _, _, shared = served.address.rpartition(":")
    children = Path(f"/proc/{served.process.pid}/task/{served.process.pid}/children")
    ports = {port for pid in children.read_text().split() for port in _ports(int(pid))}
    return [f"127.0.0.1:{port}" for port in sorted(ports - {int(shared)})]


def _ports(pid: int) -> Iterator[int]:
    if b"ingest" not in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0"):
        return
    sockets = set()
    for file in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # It was closed meanwhile.
            sockets.add(str(file.readlink()))
    # gRPC listens by IPv6, also where the address is of IPv4.
    for line in Path(f"/proc/{pid}/net/tcp6").read_text().splitlines()[1:]:
        _, local, _, state, *_, inode = line.split()[:10]
        if state == _LISTENING and f"socket:[{inode}]" in sockets:
            yield int(local.rpartition(":")[2], 16)
