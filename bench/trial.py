"""One measurement: a load is sent, what came of it is checked, and its cost returned."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bench.gateway import Cpu, Running
from bench.load import Load
from bench.processes import cpu_us
from bench.servers import Server


class NotAsSent(Exception):
    """Unexpected error: what a server counted is not what was sent."""


@dataclass(frozen=True, slots=True)
class Work:
    """What is sent in a round.

    Attributes:
        load: the request.
        requests: how often.
        events: how many each has.
    """

    load: Load
    requests: int
    events: int

    @property
    def all_events(self) -> int:
        """How many events all requests have."""
        return self.requests * self.events


@dataclass(frozen=True, slots=True)
class Spent:
    """What it took.

    Attributes:
        cpu: of the gateway, until the last event was accepted, or delivered.
        wall_s: likewise.
        events: how many there were.
    """

    cpu: Cpu
    wall_s: float
    events: int

    @property
    def busy(self) -> float:
        """The share of a core that was used: far below 1, something else was the limit."""
        return self.cpu.total_us / 1e6 / self.wall_s


async def accepted(gateway: Running, work: Work) -> Spent:
    """Have a gateway accept some work.

    Raises:
        LoadFailed, NotAsSent: not all was accepted.
    """
    async with _checked(gateway, work):
        before, start_s = gateway.cpu(), time.monotonic()
        await work.load.send(gateway.target, work.requests)
        return _spent(gateway, work, before, start_s)


async def delivered(gateway: Running, work: Work) -> Spent:
    """Have a gateway accept and deliver some work, and wait until its outbox is empty.

    Raises:
        LoadFailed, NotAsSent: not all was accepted.
        TimeoutError: not all was delivered.
    """
    async with _checked(gateway, work):
        done = await gateway.delivered()
        before, start_s = gateway.cpu(), time.monotonic()
        await work.load.send(gateway.target, work.requests)
        await gateway.until_delivered(done + work.all_events)
        return _spent(gateway, work, before, start_s)


def _spent(gateway: Running, work: Work, before: Cpu, start_s: float) -> Spent:
    return Spent(gateway.cpu().since(before), time.monotonic() - start_s, work.all_events)


@asynccontextmanager
async def _checked(gateway: Running, work: Work) -> AsyncIterator[None]:
    """Ask the gateway before and after what it has done: the answers say nothing to h2load."""
    method = work.load.method
    answered, taken = await gateway.answered(method), await gateway.accepted()
    yield
    check("RPCs answered OK", await gateway.answered(method) - answered, work.requests)
    check("events accepted", await gateway.accepted() - taken, work.all_events)


def check(what: str, found: int, expected: int) -> None:
    """Raise NotAsSent where a count is not what it should be."""
    if found != expected:
        raise NotAsSent(f"{what}: {found}, not {expected}")


async def echo_us(echo: Server, load: Load, requests: int) -> float:
    """Send a load to `bench.baselines.echo`; return the CPU time of a request.

    Raises:
        LoadFailed, NotAsSent: not all was answered with what was sent.
    """
    before_us = cpu_us(echo.pid)
    summary = await load.send(echo.target, requests)
    spent_us = cpu_us(echo.pid) - before_us
    check("bytes echoed", summary.answer_bytes, requests * load.body.stat().st_size)
    return spent_us / requests
