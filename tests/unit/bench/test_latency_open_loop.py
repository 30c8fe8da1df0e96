import os
import socket
from collections.abc import AsyncIterator, Iterator
from functools import partial
from itertools import pairwise
from typing import Any

import grpc
import pytest

from bench import open_loop
from bench.open_loop import Load, Plan, percentile, serve, served
from bench.open_loop_grpc import GrpcConnection

FAILING = b"fail"


class Echo:
    """A connection that answers each call at once, one at a time."""

    def __init__(self, number: int, log: list[tuple[int, int, bytes]]) -> None:
        self._number = number
        self._log = log
        self._near, self._far = socket.socketpair()
        self._call: tuple[int, bytes] | None = None

    @property
    def free(self) -> bool:
        return self._call is None

    def fileno(self) -> int:
        return self._near.fileno()

    def send(self, number: int, body: bytes) -> None:
        assert self.free
        self._call = (number, body)
        self._log.append((self._number, number, body))
        self._far.send(b"x")

    def receive(self) -> Iterator[tuple[int, bool]]:
        assert self._near.recv(1)
        assert self._call is not None
        (number, body), self._call = self._call, None
        yield number, body != FAILING

    def close(self) -> None:
        self._near.close()
        self._far.close()


def test_a_plan_is_a_poisson_process_of_its_rate() -> None:
    """Gaps are as many and as uneven as those of independent callers; a seed repeats them."""
    due_s = Plan(1000.0, 20.0).due_s()
    gaps_s = [after - before for before, after in pairwise(due_s)]
    mean_s = sum(gaps_s) / len(gaps_s)
    squares = sum((gap_s - mean_s) ** 2 for gap_s in gaps_s) / len(gaps_s)
    assert mean_s == pytest.approx(0.001, rel=0.05)
    assert squares**0.5 == pytest.approx(mean_s, rel=0.05)
    assert list(due_s) == list(Plan(1000.0, 20.0).due_s())
    assert list(due_s) != list(Plan(1000.0, 20.0, seed=2).due_s())


def test_each_request_is_sent_once_and_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request waits for a connection that is free, and connections take turns."""
    monkeypatch.setattr(open_loop, "PATIENCE_S", 60.0)
    log: list[tuple[int, int, bytes]] = []
    numbers = iter(range(3))
    load = Load(Plan(20_000.0, 0.02), lambda: Echo(next(numbers), log), 3, [b"a", FAILING])
    done = serve(load)
    planned = len(load.plan.due_s())
    assert [number for _, number, _ in log] == list(range(planned))
    assert {connection for connection, _, _ in log} == {0, 1, 2}
    assert done.failed == sum(body == FAILING for _, _, body in log)
    assert len(done.latencies_s) == planned - done.failed
    assert len(done.late_s) == planned


def test_a_percentile_is_one_of_the_values() -> None:
    """At least so many values are not above it."""
    values = [float(value) for value in range(1, 1001)]
    assert [percentile(values, share) for share in (0.5, 0.99, 0.999, 1.0)] == [500, 990, 999, 1000]
    assert percentile([3.0], 0.5) == 3.0


@pytest.fixture
async def target() -> AsyncIterator[str]:
    """HOST:PORT of a server whose only method echoes, unless it is asked to fail."""

    async def echo(request: bytes, context: grpc.aio.ServicerContext[bytes, bytes]) -> bytes:
        assert ("x-caller", "bench") in tuple(context.invocation_metadata() or ())
        if request == FAILING:
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "asked for")
        return request * 100

    server = grpc.aio.server()
    handlers: dict[str, Any] = {"Echo": grpc.unary_unary_rpc_method_handler(echo)}
    server.add_registered_method_handlers("bench.Echo", handlers)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    yield f"127.0.0.1:{port}"
    await server.stop(None)


async def test_grpc_tells_a_message_from_an_error(
    target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The frames are taken by a real server; an answer without a message is a failure."""
    monkeypatch.setattr(open_loop, "LOAD_CORE", max(os.sched_getaffinity(0)))
    connect = partial(GrpcConnection, target, "/bench.Echo/Echo", {"x-caller": "bench"})
    plan = Plan(500.0, 0.5)
    good = await served(Load(plan, connect, 2, [b"hello" * 2000]))
    bad = await served(Load(plan, connect, 2, [FAILING]))
    planned = len(plan.due_s())
    assert (len(good.latencies_s), good.failed) == (planned, 0)
    assert (len(bad.latencies_s), bad.failed) == (0, planned)
