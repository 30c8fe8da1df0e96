"""Servers on loopback that do what a test tells them; every test here runs on both event loops."""

import asyncio
import contextlib
import functools
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio
import trustme
import uvloop

from gateway.personalize.call import Call, Endpoint, Operation
from gateway.personalize.credentials import Credentials, StaticCredentials
from gateway.personalize.data_plane import HttpDataPlane
from gateway.personalize.transfer import ConnectionSettings

PROXY_VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Run each test on asyncio's own loop and on the service's."""
    return {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide this machine's own proxies."""
    for name in PROXY_VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@dataclass(frozen=True)
class Request:
    """A request as it was on the wire."""

    line: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Connection:
    """The server's end of one connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def request(self) -> Request:
        """Read one request, all of it."""
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
        line, *lines = head.rstrip("\r\n").split("\r\n")
        headers = dict(text.split(": ", 1) for text in lines)
        body = await self.reader.readexactly(int(headers.get("Content-Length", "0")))
        return Request(line, headers, body)

    async def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        """Write one answer that keeps the connection open."""
        fields = {"Content-Length": str(len(body))} | headers
        lines = "".join(f"{name.replace('_', '-')}: {fields[name]}\r\n" for name in fields)
        await self.send(f"HTTP/1.1 {status} Because\r\n{lines}\r\n".encode() + body)

    async def send(self, data: bytes) -> None:
        """Write bytes."""
        self.writer.write(data)
        await self.writer.drain()

    def reset(self) -> None:
        """Close so that the client sees a reset."""
        linger = struct.pack("ii", 1, 0)
        sock: socket.socket = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.writer.transport.abort()

    async def close(self) -> None:
        """Close in good order, and return when it is done."""
        self.writer.close()
        with contextlib.suppress(ConnectionError, TimeoutError):
            await self.writer.wait_closed()


@dataclass
class Server:
    """A server whose every connection is served by `script`; what ends it is the client's going."""

    script: Callable[[Connection], Awaitable[None]]
    port: int = 0
    connections: int = 0
    open: int = 0
    most_open: int = 0
    failures: list[BaseException] = field(default_factory=list)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    writers: list[asyncio.StreamWriter] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        task = asyncio.current_task()
        assert task is not None
        self.tasks.add(task)
        self.writers.append(writer)
        self.connections += 1
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            await self.script(Connection(reader, writer))
        except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            pass
        except asyncio.CancelledError:
            pass
        except Exception as error:  # noqa: BLE001 - the fixture raises it in the test
            self.failures.append(error)
        finally:
            self.open -= 1
            self.tasks.discard(task)
            writer.close()


Serve = Callable[..., Awaitable[Server]]


@pytest_asyncio.fixture
async def serve() -> AsyncIterator[Serve]:
    """Return a function that starts a server with a script, on a port of its own."""
    async with contextlib.AsyncExitStack() as stack:

        async def start(
            script: Callable[[Connection], Awaitable[None]], tls: ssl.SSLContext | None = None
        ) -> Server:
            server = Server(script)
            # libcurl does not answer the goodbye of TLS on an idle connection.
            options: dict[str, Any] = {"ssl": tls, "ssl_shutdown_timeout": 0.05} if tls else {}
            listener = await asyncio.start_server(server.serve, "127.0.0.1", 0, **options)
            server.port = listener.sockets[0].getsockname()[1]
            stack.push_async_callback(_stop, server, listener)
            return server

        yield start


async def _stop(server: Server, listener: asyncio.Server) -> None:
    # The clients have gone: by then the loop has come to know of it, also in handshakes.
    for _ in range(20):
        await asyncio.sleep(0)
    listener.close()
    tasks = list(server.tasks)
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks)
    for writer in server.writers:
        writer.transport.abort()
    # Nothing of a connection may be left when the loop is closed.
    await asyncio.gather(
        *(writer.wait_closed() for writer in server.writers), return_exceptions=True
    )
    assert not server.failures, server.failures


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """A certificate authority that only these tests know."""
    return trustme.CA()


@pytest.fixture(scope="session")
def tls(authority: trustme.CA) -> ssl.SSLContext:
    """TLS of a server that is called localhost."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    return context


@pytest.fixture(scope="session")
def ca_bundle(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The path of the authority's certificate."""
    path = tmp_path_factory.mktemp("tls") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


Plane = Callable[..., HttpDataPlane]
MakeCall = Callable[..., Call]

CREDENTIALS = Credentials("AKIAEXAMPLE", "secret", "token")


@pytest_asyncio.fixture
async def plane() -> AsyncIterator[Plane]:
    """Return a function that makes a data plane with static credentials and these settings."""
    planes: list[HttpDataPlane] = []

    def make(**settings: object) -> HttpDataPlane:
        defaults = {"connect_timeout_s": 60.0, "total_timeout_s": 60.0}
        made = HttpDataPlane(
            StaticCredentials(CREDENTIALS),
            ConnectionSettings(**(defaults | settings)),  # type: ignore[arg-type]  # as the test has it
        )
        planes.append(made)
        return made

    yield make
    for made in planes:
        await made.close()


@pytest.fixture
def trusting(plane: Plane, ca_bundle: str) -> HttpDataPlane:
    """A data plane that trusts the tests' authority."""
    return plane(ca_bundle=ca_bundle)


@pytest.fixture
def call_to() -> MakeCall:
    """Return a function that makes a call to a port of this machine."""

    def make(
        port: int, *, scheme: str = "http", host: str = "127.0.0.1", body: bytes = b"{}"
    ) -> Call:
        endpoint = Endpoint("eu-west-1", f"{scheme}://{host}:{port}")
        return Call(Operation.PUT_EVENTS, endpoint, body)

    return make


@pytest.fixture
def secure_call_to(call_to: MakeCall) -> MakeCall:
    """Return a function that makes a call by TLS to a port of this machine."""
    return functools.partial(call_to, scheme="https", host="localhost")
