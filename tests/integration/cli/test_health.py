import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import grpc
import pytest
from click.testing import CliRunner
from grpc_health.v1.health import HealthServicer
from grpc_health.v1.health_pb2 import HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import add_HealthServicer_to_server

from gateway.cli.health import health

SERVING = HealthCheckResponse.SERVING
NOT_SERVING = HealthCheckResponse.NOT_SERVING


@contextmanager
def server_with(**statuses: int) -> Iterator[str]:
    """Run a server of grpc.health.v1 alone; keys are services, `server` is the whole server."""
    servicer = HealthServicer()
    for service, status in statuses.items():
        servicer.set("" if service == "server" else service, status)
    server = grpc.server(ThreadPoolExecutor(max_workers=1))
    add_HealthServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(grace=None).wait()


def outcome(*arguments: str) -> tuple[int, str]:
    """Run `health` with time for a busy machine; return its exit status and what it prints."""
    result = CliRunner().invoke(health, [*arguments, "--timeout", "60"])
    return result.exit_code, result.output


@pytest.mark.parametrize(
    ("status", "expected"),
    [(SERVING, (0, "SERVING\n")), (NOT_SERVING, (1, "NOT_SERVING\n"))],
)
def test_exit_status_follows_the_servers_answer(status: int, expected: tuple[int, str]) -> None:
    """Only a server that serves is healthy."""
    with server_with(server=status) as address:
        assert outcome("--to", address) == expected


def test_one_service_is_asked_for_by_name() -> None:
    """A service's own status counts, not the server's."""
    with server_with(server=SERVING, events=NOT_SERVING) as address:
        assert outcome("--to", address, "--service", "events") == (1, "NOT_SERVING\n")


def test_unknown_service_is_not_healthy() -> None:
    """A service that the server does not have answers NOT_FOUND."""
    with server_with(server=SERVING) as address:
        assert outcome("--to", address, "--service", "nobody") == (1, "NOT_FOUND\n")


def test_absent_server_is_not_healthy() -> None:
    """Where nobody listens, no answer comes."""
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{unheard.getsockname()[1]}"
        assert outcome("--to", address) == (1, "UNAVAILABLE\n")


def test_proxy_of_the_environment_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The health of a server is asked of the server itself."""
    for name in ("no_proxy", "no_grpc_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with server_with(server=SERVING) as address:
        assert outcome("--to", address) == (0, "SERVING\n")
