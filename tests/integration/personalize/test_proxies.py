"""Proxies, by the usual variables."""

import asyncio
import contextlib
import ssl
from collections.abc import Callable
from typing import Any

import pytest

from gateway.errors import CallFailed
from gateway.personalize.call import Call
from gateway.personalize.data_plane import HttpDataPlane

MakeCall = Callable[..., Call]
Plane = Callable[..., HttpDataPlane]


async def answer_all(connection: Any) -> None:
    """Take everything."""
    while True:
        await connection.request()
        await connection.answer(200)


class Proxy:
    """Lets CONNECT through to this machine, or refuses it."""

    def __init__(self, status: int = 200) -> None:
        """Answer each CONNECT with `status`."""
        self.status = status
        self.requests: list[Any] = []

    async def serve(self, connection: Any) -> None:
        """Serve one connection."""
        request = await connection.request()
        self.requests.append(request)
        # The code must not be taken for Personalize's.
        await connection.send(
            f"HTTP/1.1 {self.status} Because\r\nx-amzn-ErrorType: ProxyCode\r\n\r\n".encode()
        )
        if self.status != 200:
            return
        port = int(request.line.split(" ")[1].rpartition(":")[2])
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            async with asyncio.TaskGroup() as both_ways:
                both_ways.create_task(pump(connection.reader, writer))
                both_ways.create_task(pump(reader, connection.writer))
        finally:
            writer.transport.abort()


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass on what is read, and the end of it."""
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()


@pytest.fixture(params=["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
async def proxy(
    request: pytest.FixtureRequest, serve: Any, monkeypatch: pytest.MonkeyPatch
) -> Proxy:
    """A proxy that a variable names."""
    made = Proxy()
    server = await serve(made.serve)
    monkeypatch.setenv(request.param, f"http://127.0.0.1:{server.port}")
    return made


async def test_https_goes_through_the_proxy(
    serve: Any,
    proxy: Proxy,
    trusting: HttpDataPlane,
    secure_call_to: MakeCall,
    tls: ssl.SSLContext,
) -> None:
    """One tunnel is opened and kept; the proxy sees neither signature nor records."""
    server = await serve(answer_all, tls)

    for _ in range(2):
        await trusting.put(secure_call_to(server.port))

    connect = f"CONNECT localhost:{server.port} HTTP/1.1"
    assert [request.line for request in proxy.requests] == [connect]
    assert set(proxy.requests[0].headers) == {"Host", "User-Agent", "Proxy-Connection"}


@pytest.mark.usefixtures("proxy")
async def test_an_answer_through_a_tunnel_is_personalizes(
    serve: Any, trusting: HttpDataPlane, secure_call_to: MakeCall, tls: ssl.SSLContext
) -> None:
    """The proxy's answer to CONNECT is not mixed up with the answer to the call."""

    async def fail(connection: Any) -> None:
        await connection.request()
        await connection.answer(500)

    server = await serve(fail, tls)

    with pytest.raises(CallFailed) as failure:
        await trusting.put(secure_call_to(server.port))

    assert (failure.value.code, failure.value.outcome_unknown) == ("Http500", True)


@pytest.mark.parametrize("variable", ["NO_PROXY", "no_proxy"])
async def test_no_proxy_is_heeded(
    serve: Any, plane: Plane, call_to: MakeCall, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    """A host that the variable names is called directly."""
    server = await serve(answer_all)
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv(variable, "example.org,localhost")

    await plane().put(call_to(server.port, host="localhost"))

    with pytest.raises(CallFailed):
        await plane().put(call_to(server.port, host="127.0.0.1"))


@pytest.mark.parametrize("status", [403, 407, 503])
async def test_a_proxy_that_refuses_has_not_passed_on_the_records(
    serve: Any, plane: Plane, call_to: MakeCall, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    """What a proxy answers to CONNECT is a passing fault with a known outcome."""
    proxy_server = await serve(Proxy(status).serve)
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy_server.port}")

    with pytest.raises(CallFailed) as failure:
        await plane().put(call_to(9, scheme="https", host="localhost"))

    assert (failure.value.code, failure.value.outcome_unknown) == ("ProxyFailed", False)


async def test_plain_http_goes_through_its_own_proxy(
    serve: Any, plane: Plane, call_to: MakeCall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proxy of plain HTTP, as for an emulator, gets the whole URL and the signed host."""
    requests = []

    async def be_proxy(connection: Any) -> None:
        requests.append(await connection.request())
        await connection.answer(200)

    proxy_server = await serve(be_proxy)
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy_server.port}")

    await plane().put(call_to(81, host="emulator.example"))

    assert requests[0].line == "POST http://emulator.example:81/events HTTP/1.1"
    assert requests[0].headers["Host"] == "emulator.example:81"
