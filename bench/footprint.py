"""Group 6: how soon a gateway answers after its start, what memory it has, how large its image is.

Memory is PSS, of which pages that processes share count in part for each, so that the sum is what
the machine gives. A leak would show as growth over the second half of a long load.
"""

import asyncio
import json
import os
import statistics
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import grpc
from personalize_gateway.v1.event_service_pb2_grpc import EventServiceStub

from bench.effort import Effort
from bench.gateway import Running, gateway
from bench.load import load
from bench.messages import INGEST, put_events, stream
from bench.processes import memory_mib
from bench.results import Figure
from bench.rounds import Rounds
from bench.trial import Work, delivered
from bench.upstream import upstream

GROUP = "footprint"
ROLES = ("supervisor", "ingest", "delivery")
IMAGE = "localhost/personalize-gateway"
EVENTS = 1_080_000
"""An hour of 300 events a second."""

_EVENTS_A_STREAM = 54_000
_EVENTS_A_MESSAGE = 100
_SAMPLE_S = 0.5
_MB = {"KB": 0.001, "MB": 1.0, "GB": 1000.0}
_STAT_START = 21
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


class Sample(NamedTuple):
    """The memory of the processes at a time.

    Attributes:
        events: that had been delivered until then.
        pss_mib: of each process, by its role.
    """

    events: int
    pss_mib: Mapping[str, float]


async def measure(effort: Effort) -> list[Figure]:
    """Return start, memory and, where buildah knows an image of it, its size.

    Raises:
        LoadFailed, NotAsSent: not all that was sent was accepted.
        TimeoutError: not all was delivered.
    """
    rounds = Rounds(GROUP)
    for _ in range(effort.rounds):
        async with gateway() as running:
            rounds.add("start to first answered RPC", "s", await first_answer_s(running))
    await _memory(rounds, effort)
    for name, size_mb in (await image_sizes_mb()).items():
        rounds.add(f"image {name}", "MB", size_mb)
    return rounds.figures()


async def first_answer_s(running: Running) -> float:
    """Return the time from the start of a gateway's first process to its first answer."""
    async with grpc.aio.insecure_channel(running.target) as channel:
        await EventServiceStub(channel).PutEvents(put_events(1))
    return time.clock_gettime(time.CLOCK_BOOTTIME) - _started_s(running.supervisor)


def _started_s(pid: int) -> float:
    """Return when a process was started, in seconds since the machine was."""
    _, _, rest = Path(f"/proc/{pid}/stat").read_text().rpartition(")")
    return int(rest.split()[_STAT_START - 2]) / _TICKS_PER_S


async def _memory(rounds: Rounds, effort: Effort) -> None:
    streams = max(2, effort.of(EVENTS) // _EVENTS_A_STREAM)
    messages = stream(_EVENTS_A_STREAM // _EVENTS_A_MESSAGE, _EVENTS_A_MESSAGE)
    async with (
        upstream() as personalize,
        gateway(upstream=personalize) as running,
        load(INGEST, messages, connections=1, streams=1) as one,
    ):
        await first_answer_s(running)
        _add(rounds, "idle", _pss_mib(running))
        samples: list[Sample] = []
        sampling = asyncio.create_task(_sample(running, samples))
        for _ in range(streams):
            await delivered(running, Work(one, 1, _EVENTS_A_STREAM))
        sampling.cancel()
        for role in ROLES:
            rounds.add(
                f"{role}, at load, at most", "MiB", max(one.pss_mib[role] for one in samples)
            )
        _add(rounds, f"after {streams * _EVENTS_A_STREAM:,} events", _pss_mib(running))
        for role in ROLES:
            rounds.add(f"{role}, growth in the second half", "MiB/1M events", growth(samples, role))


def _add(rounds: Rounds, when: str, pss_mib: Mapping[str, float]) -> None:
    for role, mib in pss_mib.items():
        rounds.add(f"{role}, {when}", "MiB", mib)


def _pss_mib(running: Running) -> dict[str, float]:
    pids = (running.supervisor, *running.ingest, running.delivery)
    return {role: memory_mib(pid).pss for role, pid in zip(ROLES, pids, strict=True)}


async def _sample(running: Running, samples: list[Sample]) -> None:
    """Look again and again until cancelled."""
    while True:
        samples.append(Sample(await running.delivered(), _pss_mib(running)))
        await asyncio.sleep(_SAMPLE_S)


def growth(samples: Sequence[Sample], role: str) -> float:
    """Return by how much the memory of a process rose over the second half of all samples.

    In MiB a million events, by least squares: what goes up and down is no growth.
    """
    half = samples[len(samples) // 2 :]
    events = [sample.events / 1e6 for sample in half]
    return statistics.linear_regression(events, [sample.pss_mib[role] for sample in half]).slope


async def image_sizes_mb() -> dict[str, float]:
    """Return the size of each image of the gateway that buildah has here, by its tag, in MB."""
    try:
        listing = await asyncio.create_subprocess_exec(
            *("buildah", "images", "--json"), stdout=asyncio.subprocess.PIPE
        )
    except FileNotFoundError:
        return {}
    said, _ = await listing.communicate()
    return sizes_mb(said.decode()) if listing.returncode == 0 else {}


def sizes_mb(listing: str) -> dict[str, float]:
    """Return the size of each image of the gateway in what `buildah images --json` prints."""
    return {
        name.removeprefix("localhost/"): float(size) * _MB[unit]
        for image in json.loads(listing)
        for name in image["names"] or ()
        if name.startswith(f"{IMAGE}:")
        for size, unit in [image["size"].split()]
    }
