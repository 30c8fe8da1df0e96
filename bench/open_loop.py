"""Open-loop load: a request leaves when its time has come, whether or not others were answered.

A latency counts from the time at which its request was due, so a server that stalls, a generator
that is late and a pool without a free connection all make it longer. A closed loop sends nothing
while it waits, and so leaves out just those requests that would have waited: coordinated omission.

One thread of a process of its own does all of it, on the core that is not the server's.
"""

import asyncio
import math
import os
import select
import time
from array import array
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from multiprocessing import get_context
from random import Random
from typing import Protocol

from bench.processes import LOAD_CORE

PATIENCE_S = 10.0
"""How long after the last request was due its answer is waited for."""


class Connection(Protocol):
    """A connection to the server under test. Sending and receiving never block."""

    @property
    def free(self) -> bool:
        """Whether it can take a request now."""

    def fileno(self) -> int:
        """Return its socket, which is readable when there is something to receive."""

    def send(self, number: int, body: bytes) -> None:
        """Send a request, whose answer will be known by this number."""

    def receive(self) -> Iterable[tuple[int, bool]]:
        """Return the number of each request that was answered, and whether with success.

        Raises:
            ConnectionError: the server ended the connection.
        """

    def close(self) -> None:
        """Let go of it."""


@dataclass(frozen=True)
class Plan:
    """When requests are due: a Poisson process, as of many callers that know nothing of each other.

    Attributes:
        rate_per_s: how many a second, on average.
        duration_s: for how long.
        seed: plans of the same seed are the same.
    """

    rate_per_s: float
    duration_s: float
    seed: int = 1

    def due_s(self) -> Sequence[float]:
        """Return when each request is due, in seconds from the start."""
        random, due_s, at_s = Random(self.seed), array("d"), 0.0
        while (at_s := at_s + random.expovariate(self.rate_per_s)) < self.duration_s:
            due_s.append(at_s)
        return due_s


@dataclass(frozen=True)
class Load:
    """What is sent.

    Attributes:
        plan: when.
        connect: makes a connection; it must be possible to pickle it.
        connections: how many of them are made.
        bodies: what requests carry: each one of these, drawn at random.
    """

    plan: Plan
    connect: Callable[[], Connection]
    connections: int
    bodies: Sequence[bytes]


@dataclass(frozen=True)
class Served:
    """What became of a load.

    Attributes:
        latencies_s: of each request that was answered with success, from when it was due.
        late_s: of each request, how much later than due the generator took it up.
        failed: how many were answered otherwise, or not in time.
    """

    latencies_s: Sequence[float]
    late_s: Sequence[float]
    failed: int


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest of the values that at least a share of them do not exceed."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


async def served(load: Load) -> Served:
    """Send a load, from a process of its own, and return what became of it.

    Raises:
        OSError: the server is not there, or ended a connection.
    """
    with ProcessPoolExecutor(
        1, get_context("spawn"), initializer=os.sched_setaffinity, initargs=(0, {LOAD_CORE})
    ) as process:
        return await asyncio.get_running_loop().run_in_executor(process, serve, load)


def serve(load: Load) -> Served:
    """Send a load from this process; each request takes the connection that was free for longest.

    Raises:
        OSError: the server is not there, or ended a connection.
    """
    with ExitStack() as stack:
        made = [stack.enter_context(closing(load.connect())) for _ in range(load.connections)]
        epoll = stack.enter_context(select.epoll())
        return _Run(load, made, epoll).served()


class _Run:
    def __init__(self, load: Load, connections: Sequence[Connection], epoll: select.epoll) -> None:
        self._due_s = load.plan.due_s()
        self._bodies = load.bodies
        self._random = Random(load.plan.seed)
        self._epoll = epoll
        self._by_fd = {connection.fileno(): connection for connection in connections}
        for fd in self._by_fd:
            epoll.register(fd, select.EPOLLIN)
        self._free = deque(connections)
        self._waiting: deque[int] = deque()
        self._late_s = array("d")
        self._latencies_s = array("d")
        self._answered = 0
        self._start_s = time.monotonic()

    def served(self) -> Served:
        end_s = self._due_s[-1] + PATIENCE_S
        while self._answered < len(self._due_s) and (now_s := self._now_s()) < end_s:
            self._take_up(now_s)
            self._send()
            self._wait()
            self._receive()
        failed = len(self._due_s) - len(self._latencies_s)
        return Served(self._latencies_s, self._late_s, failed)

    def _now_s(self) -> float:
        return time.monotonic() - self._start_s

    def _take_up(self, now_s: float) -> None:
        while (number := len(self._late_s)) < len(self._due_s) and self._due_s[number] <= now_s:
            self._late_s.append(now_s - self._due_s[number])
            self._waiting.append(number)

    def _send(self) -> None:
        while self._waiting and self._free:
            connection, number = self._free.popleft(), self._waiting.popleft()
            connection.send(number, self._random.choice(self._bodies))
            if connection.free:
                self._free.append(connection)

    def _wait(self) -> None:
        number = len(self._late_s)
        wait_s = self._due_s[number] - self._now_s() if number < len(self._due_s) else 0.1
        # epoll's own time-out is in milliseconds, this one in microseconds.
        select.select([self._epoll], [], [], max(0.0, wait_s))

    def _receive(self) -> None:
        for fd, _ in self._epoll.poll(0):
            connection = self._by_fd[fd]
            was_free = connection.free
            for number, succeeded in connection.receive():
                self._answered += 1
                if succeeded:
                    self._latencies_s.append(self._now_s() - self._due_s[number])
            if connection.free and not was_free:
                self._free.append(connection)
