"""What delivery is told when the other side misbehaves, and whether it may have the records."""

import asyncio
import socket
from collections.abc import Callable
from typing import Any
from unittest import mock

import pycurl
import pytest

from gateway.errors import CallError, CallFailed, CallRefused, LaneBlocked
from gateway.personalize.call import Call, Endpoint, Operation
from gateway.personalize.data_plane import HttpDataPlane

MakeCall = Callable[..., Call]
Plane = Callable[..., HttpDataPlane]


async def failure_of(plane: HttpDataPlane, call: Call) -> tuple[type[CallError], str, bool]:
    """Return all that delivery decides on."""
    with pytest.raises(CallError) as failure:
        await plane.put(call)
    return type(failure.value), failure.value.code, failure.value.outcome_unknown


async def test_a_host_without_an_address_has_not_got_the_records(plane: Plane) -> None:
    """A name that does not resolve is a passing fault with a known outcome."""
    # A label of 64 letters is no name at all, so that nobody is asked for it.
    endpoint = Endpoint("eu-west-1", f"http://{'a' * 64}.invalid")
    call = Call(Operation.PUT_EVENTS, endpoint, b"{}")

    assert await failure_of(plane(), call) == (CallFailed, "HostNotResolved", False)


async def test_a_refused_connection_has_not_got_the_records(
    plane: Plane, call_to: MakeCall
) -> None:
    """A port on which nobody listens is a passing fault with a known outcome."""
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        port = unheard.getsockname()[1]

        assert await failure_of(plane(), call_to(port)) == (CallFailed, "ConnectionFailed", False)


async def test_a_handshake_that_never_ends_has_not_got_the_records(
    serve: Any, plane: Plane, call_to: MakeCall
) -> None:
    """A server that accepts and stays silent costs no more than the time-out for connecting."""

    async def stay_silent(connection: Any) -> None:
        await connection.reader.read()

    server = await serve(stay_silent)
    silent = call_to(server.port, scheme="https")

    assert await failure_of(plane(connect_timeout_s=0.1), silent) == (
        CallFailed,
        "ConnectTimeout",
        False,
    )


async def test_a_handshake_that_breaks_has_not_got_the_records(
    serve: Any, plane: Plane, call_to: MakeCall
) -> None:
    """What speaks no TLS is a passing fault with a known outcome."""

    async def speak_plainly(connection: Any) -> None:
        await connection.reader.readexactly(1)
        await connection.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    server = await serve(speak_plainly)

    assert await failure_of(plane(), call_to(server.port, scheme="https")) == (
        CallFailed,
        "TlsFailed",
        False,
    )


async def test_no_answer_leaves_the_outcome_unknown(
    serve: Any, plane: Plane, call_to: MakeCall
) -> None:
    """After the total time-out the records may have been taken."""

    async def never_answer(connection: Any) -> None:
        await connection.request()
        await connection.reader.read()

    server = await serve(never_answer)
    total_timeout_s = 0.1
    too_early: tuple[type[CallError], str, bool] = CallFailed, "ConnectTimeout", False
    found = too_early

    async with asyncio.timeout(60):
        # On a busy machine the time may be over before anything was sent.
        while found == too_early:
            client = plane(total_timeout_s=total_timeout_s)
            found = await failure_of(client, call_to(server.port))
            total_timeout_s *= 2

    assert found == (CallFailed, "Timeout", True)


@pytest.mark.parametrize("body_is_read", [True, False])
async def test_a_reset_leaves_the_outcome_unknown(
    serve: Any, plane: Plane, call_to: MakeCall, *, body_is_read: bool
) -> None:
    """Who resets the connection may have read the request before."""

    async def reset(connection: Any) -> None:
        if body_is_read:
            await connection.request()
        else:
            await connection.reader.readexactly(1)
        connection.reset()

    server = await serve(reset)

    assert await failure_of(plane(), call_to(server.port)) == (CallFailed, "ConnectionReset", True)
    assert server.connections == 1


async def test_a_kept_connection_that_closes_leaves_the_outcome_unknown(
    serve: Any, plane: Plane, call_to: MakeCall
) -> None:
    """A request on a kept connection is never sent again behind delivery's back."""
    requests = []

    async def answer_once(connection: Any) -> None:
        requests.append(await connection.request())
        await connection.answer(200)
        requests.append(await connection.request())
        await connection.close()

    server = await serve(answer_once)
    client = plane()
    await client.put(call_to(server.port))

    assert await failure_of(client, call_to(server.port)) == (CallFailed, "ConnectionReset", True)
    assert (len(requests), server.connections) == (2, 1)


async def test_an_answer_cut_short_leaves_the_outcome_unknown(
    serve: Any, plane: Plane, call_to: MakeCall
) -> None:
    """Half an answer is none."""

    async def answer_half(connection: Any) -> None:
        await connection.request()
        await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")

    server = await serve(answer_half)

    assert await failure_of(plane(), call_to(server.port)) == (CallFailed, "ConnectionReset", True)


@pytest.mark.parametrize(
    "noise",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"\x00\xff\x00\xff" * 100,
        b"HTTP/9.9 200 OK\r\n\r\n",
        b"HTTP/1.1",
    ],
)
async def test_noise_leaves_the_outcome_unknown(
    serve: Any, plane: Plane, call_to: MakeCall, noise: bytes
) -> None:
    """What is no HTTP answer says nothing about the records."""

    async def make_noise(connection: Any) -> None:
        await connection.request()
        await connection.send(noise)

    server = await serve(make_noise)

    kind, code, unknown = await failure_of(plane(), call_to(server.port))
    assert (kind, unknown) == (CallFailed, True)
    assert code in {"NotHttp", "ConnectionReset"}


async def test_endless_headers_are_not_read(serve: Any, plane: Plane, call_to: MakeCall) -> None:
    """A head without an end is given up."""

    async def send_headers(connection: Any) -> None:
        await connection.request()
        await connection.send(b"HTTP/1.1 200 OK\r\n")
        while True:
            await connection.send(b"X-Filler: " + b"x" * 8000 + b"\r\n")

    server = await serve(send_headers)

    kind, _code, unknown = await failure_of(plane(), call_to(server.port))
    assert (kind, unknown) == (CallFailed, True)


async def send_without_end(connection: Any, status: int) -> None:
    """Answer with a body that has no end."""
    await connection.request()
    await connection.send(
        f"HTTP/1.1 {status} Because\r\nTransfer-Encoding: chunked\r\n"
        "x-amzn-ErrorType: InvalidInputException\r\n\r\n".encode()
    )
    while True:
        await connection.send(b"2000\r\n" + b"x" * 0x2000 + b"\r\n")


async def test_an_endless_body_does_not_hide_the_refusal(
    serve: Any, plane: Plane, call_to: MakeCall
) -> None:
    """Beyond the limit an answer's body is not read; status and headers decide."""
    server = await serve(lambda connection: send_without_end(connection, 400))

    assert await failure_of(plane(max_answer_bytes=10_000), call_to(server.port)) == (
        CallRefused,
        "InvalidInputException",
        False,
    )


async def test_an_endless_body_does_not_undo_success(
    serve: Any, plane: Plane, call_to: MakeCall
) -> None:
    """A call that is answered with success is taken, whatever follows."""
    server = await serve(lambda connection: send_without_end(connection, 200))

    await plane().put(call_to(server.port))


async def test_redirects_are_not_followed(serve: Any, plane: Plane, call_to: MakeCall) -> None:
    """Signed records go to nobody but the endpoint."""

    async def redirect(connection: Any) -> None:
        await connection.request()
        await connection.answer(307, Location="/elsewhere")

    server = await serve(redirect)

    assert await failure_of(plane(), call_to(server.port)) == (LaneBlocked, "Http307", False)
    assert server.connections == 1


async def test_interim_answers_are_not_the_answer(
    serve: Any, plane: Plane, call_to: MakeCall
) -> None:
    """Status and headers of a 1xx answer do not count."""

    async def answer_twice(connection: Any) -> None:
        await connection.request()
        await connection.send(b"HTTP/1.1 103 Early Hints\r\nx-amzn-ErrorType: Early\r\n\r\n")
        await connection.answer(400, b'{"__type":"InvalidInputException"}')

    server = await serve(answer_twice)

    assert await failure_of(plane(), call_to(server.port)) == (
        CallRefused,
        "InvalidInputException",
        False,
    )


async def test_an_answer_before_the_body_is_read_counts(
    serve: Any, plane: Plane, call_to: MakeCall
) -> None:
    """A server that refuses a large body before it has read it is heard."""

    async def refuse_early(connection: Any) -> None:
        await connection.reader.readuntil(b"\r\n\r\n")
        await connection.answer(413)
        await connection.reader.read()

    server = await serve(refuse_early)
    large = call_to(server.port, body=b"x" * 5_000_000)

    assert await failure_of(plane(), large) == (CallRefused, "Http413", False)


async def test_cancelling_a_call_closes_its_connection(
    serve: Any, plane: Plane, call_to: MakeCall
) -> None:
    """The server sees the connection end, and the next call has one of its own."""
    arrived = asyncio.Event()
    ended = asyncio.Event()

    async def answer_the_second(connection: Any) -> None:
        await connection.request()
        if not arrived.is_set():
            arrived.set()
            await connection.reader.read()
            ended.set()
        await connection.answer(200)

    server = await serve(answer_the_second)
    client = plane(max_connections=1)
    cancelled = asyncio.create_task(client.put(call_to(server.port)))
    await arrived.wait()

    cancelled.cancel()
    with pytest.raises(asyncio.CancelledError):
        await cancelled
    async with asyncio.timeout(60):
        await ended.wait()
        await client.put(call_to(server.port))

    assert server.connections == 2


async def test_closing_ends_calls_in_flight_and_those_that_wait(
    serve: Any, plane: Plane, call_to: MakeCall
) -> None:
    """In flight the outcome is unknown; what waited for a place, or comes later, was not sent."""
    arrived = asyncio.Event()

    async def never_answer(connection: Any) -> None:
        await connection.request()
        arrived.set()
        await connection.reader.read()

    server = await serve(never_answer)
    client = plane(max_connections=1)
    calls = [asyncio.create_task(client.put(call_to(server.port))) for _ in range(3)]
    await arrived.wait()

    await client.close()
    await client.close()
    in_flight, *waiting = await asyncio.gather(*calls, return_exceptions=True)

    assert isinstance(in_flight, CallFailed)
    assert (in_flight.code, in_flight.outcome_unknown) == ("Closed", True)
    for failure in waiting:
        assert isinstance(failure, CallFailed)
        assert (failure.code, failure.outcome_unknown) == ("Closed", False)
    assert await failure_of(client, call_to(server.port)) == (CallFailed, "Closed", False)


async def test_a_broken_libcurl_ends_all_calls(
    serve: Any, plane: Plane, call_to: MakeCall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the multi handle itself fails, no call waits for ever."""

    async def never_answer(connection: Any) -> None:
        await connection.request()
        await connection.reader.read()

    server = await serve(never_answer)
    client = plane()
    loop = client._client._loop
    broken = mock.Mock(wraps=loop._multi)
    broken.socket_action.side_effect = pycurl.error(4, "internal error")
    monkeypatch.setattr(loop, "_multi", broken)

    outcomes = await asyncio.gather(*[failure_of(client, call_to(server.port)) for _ in range(3)])

    assert outcomes == [(CallFailed, "CurlBroken", True)] * 3
