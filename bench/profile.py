"""Where the CPU time goes: how much of it each library takes, and the kernel.

perf samples the processes while they work; what a second trial costs, without perf, is shared out
by the samples. perf's own work is among the kernel's, more of it where threads often take turns. An
echo of the same messages is beside the gateway, so what gRPC takes without us is known.
"""

import asyncio
import re
import signal
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.baselines import echo
from bench.effort import Effort
from bench.gateway import Running, gateway
from bench.load import Load, load
from bench.messages import INGEST, PUT_EVENTS, put_events, stream
from bench.processes import LOAD_CORE, started
from bench.results import Figure
from bench.rounds import Rounds, in_turn
from bench.servers import Server, server
from bench.trial import Work, delivered, echo_us
from bench.upstream import upstream

GROUP = "profile"
_PERF = "perf"

_RPCS = 10_000
_STREAMS, _MESSAGES, _EVENTS = 4, 250, 100
_ECHO_STREAMS = 10 * _STREAMS
"""An echo is through with a stream before it was sampled often."""

_SAMPLES_PER_S = 997
_PATIENCE_S = 10.0

_PARTS = {
    "Python": r"/(lib)?python3[^/]*$",
    "gRPC": r"/cygrpc\.",
    "protobuf": r"/_message\.",
    "asyncio and uvloop": r"/uvloop/|/_asyncio\.",
    "SQLite": r"sqlite3",
    "curl and TLS": r"/(lib(curl|ssl|crypto)|pycurl)[-.]",
    "kernel": r"^\[",
}
"""By what is found in the path of the library; all others are the rest."""

_SAMPLE = re.compile(r"^\s*(\d+)\s.*\((.+)\)$", re.MULTILINE)
"""A process, and the library that it was in."""


class NotSampled(Exception):
    """Expected error: perf took no samples of a process. It may not be allowed to."""


async def measure(effort: Effort) -> Sequence[Figure]:
    """Measure the group; `bench/README.md` says what the figures mean."""
    async with upstream() as its_own, gateway(upstream=its_own) as ours, server("echo") as other:
        return (await in_turn(partial(_round, ours, other), effort, GROUP, {})).figures()


async def _round(ours: Running, other: Server, rounds: Rounds, effort: Effort) -> None:
    rpcs, messages = effort.of(_RPCS), effort.of(_MESSAGES)
    one = [put_events(1).SerializeToString()]
    many = list(stream(messages, _EVENTS))
    async with load(PUT_EVENTS, one) as unary, load(echo.PARSED, one) as unary_echo:
        spent = _Shared(rounds, "unary, 1 event", "µs an RPC")
        await spent.by_echo(other, unary_echo, rpcs, of=1)
        await spent.by_gateway(ours, Work(unary, rpcs, 1), of=rpcs)
    to_stream = partial(load, messages=many, connections=_STREAMS, streams=1)
    async with to_stream(INGEST) as ingest, to_stream(echo.STREAM) as stream_echo:
        spent = _Shared(rounds, f"stream, {_EVENTS} events a message", "µs an event")
        await spent.by_echo(other, stream_echo, _ECHO_STREAMS, of=messages * _EVENTS)
        work = Work(ingest, _STREAMS, messages * _EVENTS)
        await spent.by_gateway(ours, work, of=work.all_events)


class _Shared:
    """Adds to rounds what libraries take of the cost of some work.

    Args:
        rounds: what is added to.
        work: its name.
        unit: of the cost.
    """

    def __init__(self, rounds: Rounds, work: str, unit: str) -> None:
        self._rounds = rounds
        self._work = work
        self._unit = unit

    async def by_echo(self, server: Server, load: Load, requests: int, *, of: int) -> None:
        """Measure the echo, whose request has so many units."""
        async with _sampled(server.pid) as samples:
            await echo_us(server, load, requests)
        spent_us = await echo_us(server, load, requests)
        self._add("echo", samples[server.pid], spent_us / of)

    async def by_gateway(self, gateway: Running, work: Work, *, of: int) -> None:
        """Measure the gateway until so many units are accepted and delivered."""
        (ingest,) = gateway.ingest
        async with _sampled(ingest, gateway.delivery) as samples:
            await delivered(gateway, work)
        cpu = (await delivered(gateway, work)).cpu.each(of)
        self._add("ingest", samples[ingest], cpu.ingest_us)
        self._add("delivery", samples[gateway.delivery], cpu.delivery_us)

    def _add(self, process: str, parts: Mapping[str, int], spent_us: float) -> None:
        samples = sum(parts.values())
        if not samples:
            raise NotSampled(f"{self._work}: {process}")
        for part in (*_PARTS, "rest"):
            part_us = spent_us * parts.get(part, 0) / samples
            self._rounds.add(f"{self._work}: {part}: {process}", self._unit, part_us)


@asynccontextmanager
async def _sampled(*pids: int) -> AsyncIterator[Mapping[int, Counter[str]]]:
    """Sample processes until the block ends; after it, what it yields has their samples by part."""
    samples: dict[int, Counter[str]] = {pid: Counter() for pid in pids}
    with TemporaryDirectory() as folder:
        file = Path(folder) / "samples"
        record = (
            *(_PERF, "record", "--quiet", "--event", "cpu-clock", "--output", str(file)),
            *("--freq", str(_SAMPLES_PER_S), "--pid", ",".join(map(str, pids))),
        )
        async with started(*record, core=LOAD_CORE, log=Path(folder) / "log") as process:
            async with asyncio.timeout(_PATIENCE_S):
                while not file.exists():  # noqa: ASYNC110 - perf tells nobody that it has begun
                    await asyncio.sleep(0.01)
            yield samples
            process.send_signal(signal.SIGINT)
            await process.wait()
        script = (_PERF, "script", "--input", str(file), "--fields", "pid,ip,dso")
        async with started(*script, core=LOAD_CORE, log=Path(folder) / "log") as process:
            said, _ = await process.communicate()
    for pid, library in _SAMPLE.findall(said.decode()):
        samples[int(pid)][_part(library)] += 1


def _part(library: str) -> str:
    found = (part for part, pattern in _PARTS.items() if re.search(pattern, library))
    return next(found, "rest")
