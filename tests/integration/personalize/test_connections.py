"""How connections are used: kept, bounded, renewed."""

import asyncio
from collections.abc import Callable
from typing import Any
from unittest import mock

import pytest

from gateway.errors import CallFailed, CallRefused
from gateway.personalize.call import Call
from gateway.personalize.curl_loop import CurlLoop
from gateway.personalize.data_plane import HttpDataPlane
from gateway.personalize.transfer import Transfer

MakeCall = Callable[..., Call]
Plane = Callable[..., HttpDataPlane]


async def answer_all(connection: Any) -> None:
    """Take everything."""
    while True:
        await connection.request()
        await connection.answer(200)


async def test_one_connection_serves_one_call_after_another(
    serve: Any, plane: Plane, call_to: MakeCall
) -> None:
    """A connection is kept, and every call is its own."""
    bodies = []

    async def answer_by_turns(connection: Any) -> None:
        while True:
            bodies.append((await connection.request()).body)
            await connection.answer(400 if len(bodies) % 2 == 0 else 200, b'{"code":"Bad"}')

    server = await serve(answer_by_turns)
    client = plane()
    sent = [f'{{"n":{n}}}'.encode() for n in range(6)]

    for number, body in enumerate(sent, start=1):
        if number % 2 == 0:
            with pytest.raises(CallRefused):
                await client.put(call_to(server.port, body=body))
        else:
            await client.put(call_to(server.port, body=body))

    assert (bodies, server.connections) == (sent, 1)


async def test_one_handle_serves_one_call_after_another(
    serve: Any, plane: Plane, call_to: MakeCall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a call needs of libcurl is set up once, and kept after a failure, too."""
    made = mock.Mock(wraps=Transfer)
    monkeypatch.setattr("gateway.personalize.curl_client.Transfer", made)

    async def fail_by_turns(connection: Any) -> None:
        await connection.request()
        await connection.answer(200)
        await connection.request()
        connection.reset()

    server = await serve(fail_by_turns)
    client = plane()

    for _ in range(3):
        await client.put(call_to(server.port))
        with pytest.raises(CallFailed):
            await client.put(call_to(server.port))

    assert (made.call_count, server.connections) == (1, 3)


async def test_a_hundred_calls_at_once_share_few_connections(
    serve: Any, plane: Plane, call_to: MakeCall
) -> None:
    """There are never more connections than allowed, and they are all used."""
    received = []
    full = asyncio.Event()

    async def answer_when_full(connection: Any) -> None:
        while True:
            request = await connection.request()
            received.append(request.body)
            if len(received) == 5:
                full.set()
            await full.wait()
            await connection.answer(200)

    server = await serve(answer_when_full)
    client = plane(max_connections=5)
    bodies = [str(n).encode() for n in range(100)]

    await asyncio.gather(*[client.put(call_to(server.port, body=body)) for body in bodies])

    assert sorted(received) == sorted(bodies)
    assert (server.connections, server.most_open) == (5, 5)


async def test_the_bound_holds_for_all_hosts_together(
    serve: Any, plane: Plane, call_to: MakeCall
) -> None:
    """An idle connection to one host makes room for one to another."""
    servers = [await serve(answer_all) for _ in range(3)]
    client = plane(max_connections=2)

    for server in servers * 2:
        await client.put(call_to(server.port))

    assert sum(server.connections for server in servers) > 3
    async with asyncio.timeout(60):
        while sum(server.open for server in servers) > 2:  # noqa: ASYNC110 - it has no event
            await asyncio.sleep(0.001)


async def test_a_connection_closed_while_idle_is_not_used(
    serve: Any, plane: Plane, call_to: MakeCall
) -> None:
    """A server may close an idle connection: the next call opens another and succeeds."""
    closed = asyncio.Queue[None]()

    async def answer_and_close(connection: Any) -> None:
        await connection.request()
        await connection.answer(200)
        await connection.close()
        closed.put_nowait(None)

    server = await serve(answer_and_close)
    client = plane()

    for _ in range(3):
        await client.put(call_to(server.port))
        await closed.get()

    assert server.connections == 3


async def test_the_end_of_an_idle_connection_keeps_nobody_busy(
    serve: Any, plane: Plane, call_to: MakeCall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is looked at once, however long no other call is made."""
    closed = asyncio.Event()
    looked = 0
    act = CurlLoop._act_on_sockets

    def count(loop: CurlLoop) -> None:
        nonlocal looked
        looked += 1
        act(loop)

    async def answer_and_close(connection: Any) -> None:
        await connection.request()
        await connection.answer(200)
        await connection.close()
        closed.set()

    monkeypatch.setattr(CurlLoop, "_act_on_sockets", count)
    server = await serve(answer_and_close)
    client = plane()
    await client.put(call_to(server.port))
    looked_before = looked

    await closed.wait()
    for _ in range(50):
        await asyncio.sleep(0)

    assert looked - looked_before <= 1


async def test_a_large_body_arrives_whole(serve: Any, plane: Plane, call_to: MakeCall) -> None:
    """Ten items of the largest size go in one call, and nothing asks leave for it."""
    # libcurl would ask, by "Expect: 100-continue", from a megabyte on.
    requests = []

    async def keep(connection: Any) -> None:
        requests.append(await connection.request())
        await connection.answer(200)

    server = await serve(keep)
    body = bytes(range(256)) * 8000

    await plane().put(call_to(server.port, body=body))

    assert [request.body for request in requests] == [body]
    assert "Expect" not in requests[0].headers


async def test_cancelled_calls_leave_the_others_alone(
    serve: Any, plane: Plane, call_to: MakeCall
) -> None:
    """A hundred calls of which half are cancelled in flight leave the others unharmed."""
    arrived = asyncio.Queue[None]()
    go_on = asyncio.Event()

    async def answer_later(connection: Any) -> None:
        while True:
            await connection.request()
            arrived.put_nowait(None)
            await go_on.wait()
            await connection.answer(200)

    server = await serve(answer_later)
    client = plane(max_connections=100)
    calls = [asyncio.create_task(client.put(call_to(server.port))) for _ in range(100)]
    for _ in calls:
        await arrived.get()

    for call in calls[::2]:
        call.cancel()
    go_on.set()
    outcomes = await asyncio.gather(*calls, return_exceptions=True)

    assert [type(outcome) for outcome in outcomes] == [asyncio.CancelledError, type(None)] * 50
    await client.put(call_to(server.port))
