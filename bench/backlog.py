"""`python -m bench backlog`: what a backlog costs, in time to accept and in memory to deliver.

Accepting is measured in rounds that take an outbox with ten records and one with the whole backlog
in turn: read the ratio. Delivery's memory is that of a process that opens the backlog as it is on
disk, finds all of it, and reads ahead in every lane until there is no more room.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from itertools import count
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from gateway.delivery.lane import LaneState
from gateway.delivery.open_time import OpenTime
from gateway.delivery.pace import Pace, PaceSettings
from gateway.delivery.queues import queue_of
from gateway.delivery.quota import Quota
from gateway.delivery.refusals import Refusals, RefusalSettings
from gateway.delivery.room import Room
from gateway.delivery.steps import LaneLimits, LookAhead, Read
from gateway.outbox.claim import Claim
from gateway.outbox.commit_queue import WriterSettings
from gateway.outbox.interface import Outcome, Position
from gateway.outbox.reader import SqliteReader
from gateway.outbox.writer import SqliteWriter
from gateway.records import Chunk, Kind, Lane, Record

ROUNDS = 15
APPENDS = 2_000
FEW = 10
_BUILD_AT_ONCE = 10_000
_MIB = 1024 * 1024

# Of ten records so many are of each kind, one request each: the most chunks that there can be.
_MIX = (*[Kind.EVENTS] * 6, *[Kind.ITEMS] * 2, Kind.USERS, Kind.ACTION_INTERACTIONS)


def main(arguments: Sequence[str]) -> None:
    """Build a backlog, measure and print."""
    parser = argparse.ArgumentParser(prog="bench backlog", description=__doc__)
    parser.add_argument("--records", type=int, default=200_000, help="how many, up to 5,000,000")
    parser.add_argument("--directory", help="a folder on the disk to be used")
    options = parser.parse_args(arguments)
    records = max(FEW, min(options.records, 5_000_000))
    with tempfile.TemporaryDirectory(dir=options.directory) as folder:
        Console().print(asyncio.run(_measured(Path(folder), records)))


async def _measured(folder: Path, records: int) -> Table:
    table = Table("", "", title=f"{records:,} records wait")
    with _opened(folder / "few") as few, _opened(folder / "many") as many:
        started_s = time.monotonic()
        await _append(few, FEW)
        await _append(many, records)
        table.add_row("to build it", f"{time.monotonic() - started_s:.0f} s")
        few_us, many_us = await _accept_us(few, many)
        await asyncio.gather(few.close(), many.close())
        table.add_row(f"to accept one, {FEW} waiting", f"{few_us:.1f} µs of CPU")
        table.add_row(f"to accept one, {records:,} waiting", f"{many_us:.1f} µs of CPU")
        table.add_row("ratio", f"{many_us / few_us:.2f}")
        for name, size_bytes in _sizes_bytes(folder / "many").items():
            table.add_row(name, f"{size_bytes / _MIB:,.0f} MiB")
        with ProcessPoolExecutor(1, get_context("spawn")) as fresh:
            for name, value in fresh.submit(delivery_memory, folder / "many").result():
                table.add_row(name, value)
    return table


@contextmanager
def _opened(path: Path) -> Iterator[SqliteWriter]:
    claim = Claim.take(path)
    settings = WriterSettings(linger_s=0.0)
    try:
        yield SqliteWriter.open(path, 0, {}, _NoOutcomes(), settings)
    finally:
        claim.close()


class _NoOutcomes:
    """Nobody asks."""

    async def outcomes(self, positions: Sequence[Position]) -> list[tuple[Outcome, ...]]:
        raise NotImplementedError

    async def outcomes_so_far(self, positions: Sequence[Position]) -> list[tuple[Outcome, ...]]:
        raise NotImplementedError


async def _accept_us(few: SqliteWriter, many: SqliteWriter) -> tuple[float, float]:
    """Return what a record costs each, in microseconds of CPU: medians of all rounds."""
    costs_us: dict[SqliteWriter, list[float]] = {few: [], many: []}
    for _ in range(ROUNDS):
        for writer, found in costs_us.items():
            start_s = time.process_time()
            await _append(writer, APPENDS)
            found.append((time.process_time() - start_s) / APPENDS * 1e6)
    return statistics.median(costs_us[few]), statistics.median(costs_us[many])


_NUMBERS = count()


async def _append(writer: SqliteWriter, records: int) -> None:
    for left in range(records, 0, -_BUILD_AT_ONCE):
        appends = [writer.append([_chunk()]) for _ in range(min(left, _BUILD_AT_ONCE))]
        await asyncio.gather(*appends)


def _chunk() -> Chunk:
    number = next(_NUMBERS)
    kind = _MIX[number % len(_MIX)]
    element = b'{"itemId":"item-%d","properties":"{\\"channel\\":\\"web\\",\\"n\\":%d}"}' % (
        number % 1_000_000,
        number,
    )
    record_id = f"{number % 1_000_000:032x}" if kind.replaces else f"{number:032x}"
    record = Record(record_id, element, f"session-{number // 20}", f"user-{number // 50}")
    return Chunk(Lane("shop", kind), f"caller-{number % 5}", "storefront", (record,))


def _sizes_bytes(path: Path) -> Mapping[str, int]:
    """Return how much the files of an outbox have, by what they are."""
    sizes: dict[str, int] = {}
    for file in path.iterdir():
        name = "segments" if ".segment" in file.name else file.name
        sizes[name] = sizes.get(name, 0) + file.stat().st_size
    return {name: size for name, size in sorted(sizes.items()) if size >= _MIB}


class Memory(NamedTuple):
    """What a process has in memory, in MiB: now, and at most so far."""

    now: float
    peak: float

    @classmethod
    def of_this_process(cls) -> "Memory":
        """Return that of this process."""
        lines = Path("/proc/self/status").read_text().splitlines()
        kib = {name: line.split() for line in lines for name in [line.split(":")[0]]}
        return cls(int(kib["VmRSS"][1]) / 1024, int(kib["VmHWM"][1]) / 1024)

    def __str__(self) -> str:
        return f"{self.now:,.0f} MiB, at most {self.peak:,.0f} MiB"


def delivery_memory(path: Path) -> list[tuple[str, str]]:
    """Return the memory of this process, by what it has done as delivery does it."""
    return asyncio.run(_delivery_memory(path))


async def _delivery_memory(path: Path) -> list[tuple[str, str]]:
    found = [("delivery, before it opens the outbox", str(Memory.of_this_process()))]
    reader = SqliteReader.open(path)
    started_s = time.monotonic()
    await reader.caught_up()
    found.append(("to find all of it", f"{time.monotonic() - started_s:.0f} s"))
    found.append(("delivery, when all is found", str(Memory.of_this_process())))
    room = Room()
    lanes = {lane: _lane_state(lane.kind, room) for lane in sorted(await reader.lanes())}
    for number, (lane, state) in enumerate(lanes.items(), 1):
        ahead = await _read_ahead(reader, lane, state)
        what = f"delivery, {number} lanes read ahead ({lane.kind}: {ahead:,} records)"
        found.append((what, str(Memory.of_this_process())))
    await reader.close()
    return found


def _lane_state(kind: Kind, room: Room) -> LaneState:
    return LaneState(
        queue_of(kind, 0.02),
        Quota(1.0, now_s=0.0),
        Pace(PaceSettings(), Random(1)),
        Refusals(RefusalSettings()),
        OpenTime(1, now_s=0.0),
        LaneLimits(LookAhead(), max_age_s=1e9, unknown_hold_s=1.0),
        room=room,
    )


async def _read_ahead(reader: SqliteReader, lane: Lane, state: LaneState) -> int:
    """Read until the lane has no room for more; return how many records it holds."""
    while isinstance(step := state.next_step(-1.0), Read):
        after: Position | None = step.after
        chunks = await reader.read(
            lane, after=after, max_records=step.max_records, max_bytes=step.max_bytes
        )
        state.add(chunks, 0.0)
    return state.status().records_ahead
