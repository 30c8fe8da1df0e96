"""The ports of the ingest processes."""

from collections.abc import Iterator

from gateway.config.problems import Finding
from gateway.config.server import Server

_MAX_PORT = 65535


def worker_ports(server: Server | None) -> Iterator[Finding]:
    """Yield what keeps each ingest process from having a port of its own."""
    if server is None or server.worker_port is None:
        return
    last = server.own_port(server.workers - 1)
    listened = int(server.listen.rpartition(":")[2])
    if last > _MAX_PORT:
        yield Finding(
            ("server", "worker_port"), f"leaves no port for the last of {server.workers} workers"
        )
    elif server.worker_port <= listened <= last:
        yield Finding(
            ("server", "worker_port"),
            f"takes the ports {server.worker_port} to {last}, and with them that of server.listen",
        )
