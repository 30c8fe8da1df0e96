"""What accepting, reading and settling cost with more and more records waiting in the outbox.

    python -m bench.outbox_backlog [--records 5000000] [--per-chunk 10] [--directory DIR]

Prints for each size of the backlog the CPU time of an append, in this process and thread by thread
together, and its ratio to that with an empty outbox; at the end how long delivery takes to find its
place in the whole backlog, what reading and settling cost then, and its memory. Figures of one run
compare with each other; those of two runs or machines do not.
"""

import argparse
import asyncio
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from gateway.outbox.claim import Claim
from gateway.outbox.commit_queue import WriterSettings
from gateway.outbox.interface import Outcome, Position, RecordRef, Settlement
from gateway.outbox.reader import SqliteReader
from gateway.outbox.writer import SqliteWriter
from gateway.records import Chunk, Kind, Lane, Record

_LANES = [Lane("shop", Kind.EVENTS), Lane("shop", Kind.ITEMS), Lane("outlet", Kind.EVENTS)]
_SAMPLE_APPENDS = 5_000
_CONCURRENT = 200
_READ_RECORDS = 100_000


class _NobodyAsks:
    """No outcomes: nobody asks for any here."""

    async def outcomes(self, positions: list[Position]) -> list[tuple[Outcome, ...]]:
        raise NotImplementedError

    outcomes_so_far = outcomes


def _chunks(per_chunk: int) -> Iterator[Chunk]:
    number = 0
    while True:
        records = tuple(
            Record(
                f"{number:012}-{index:04}",
                b'{"eventType":"click","properties":"' + b"x" * 200 + b'"}',
                f"session-{number % 1000}",
                f"user-{number % 1000}",
            )
            for index in range(per_chunk)
        )
        yield Chunk(_LANES[number % len(_LANES)], "web", "storefront", records)
        number += 1


async def _append(writer: SqliteWriter, chunks: Iterator[Chunk], count: int) -> float:
    """Append chunks, a fixed number at a time; return the CPU time of one, in µs."""
    began_s = time.process_time()
    for _ in range(count // _CONCURRENT):
        await asyncio.gather(*(writer.append([next(chunks)]) for _ in range(_CONCURRENT)))
    return (time.process_time() - began_s) / count * 1e6


async def _fill(path: Path, records: int, per_chunk: int) -> None:
    writer = SqliteWriter.open(path, 0, {"shop": 1 << 50, "outlet": 1 << 50}, _NobodyAsks())
    chunks = _chunks(per_chunk)
    await _append(writer, chunks, _SAMPLE_APPENDS)  # Warm.
    first_us, appended = 0.0, _SAMPLE_APPENDS
    for backlog in (0, records // 100, records // 10, records):
        missing = backlog // per_chunk - appended
        if missing > 0:
            await _append(writer, chunks, missing)
            appended += missing
        took_us = await _append(writer, chunks, _SAMPLE_APPENDS)
        appended += _SAMPLE_APPENDS
        first_us = first_us or took_us
        print(
            f"{appended * per_chunk:>9} records wait: an append of {per_chunk} costs "
            f"{took_us:6.1f} µs of CPU, {took_us / first_us:.2f} of the first"
        )
    await writer.close()


async def _deliver(path: Path) -> None:
    began_s = time.perf_counter()
    reader = SqliteReader.open(path)
    lanes = await reader.lanes()
    first_s = time.perf_counter() - began_s
    while not await _is_settled(reader):
        lanes = await reader.lanes()
    print(f"delivery: first records after {first_s:.2f} s, all found after "
          f"{time.perf_counter() - began_s:.1f} s")
    began_s, count = time.process_time(), 0
    for lane in lanes:
        stored = await reader.read(lane, after=None, max_records=10**9, max_bytes=32 << 20)
        count += sum(len(one.chunk.records) for one in stored)
    read_us = (time.process_time() - began_s) / count * 1e6
    began_s = time.process_time()
    refs = [RecordRef(one.position, i) for one in stored for i in range(len(one.chunk.records))]
    for start in range(0, len(refs), 1000):
        await reader.settle([Settlement(ref) for ref in refs[start : start + 1000]])
    settle_us = (time.process_time() - began_s) / len(refs) * 1e6
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"delivery: reading costs {read_us:.1f} µs a record, settling {settle_us:.1f}; "
          f"peak memory {peak_mib:.0f} MiB with {count} records in hand")
    await reader.close()


async def _is_settled(reader: SqliteReader) -> bool:
    try:
        async with asyncio.timeout(0.5):
            await reader.appended()
    except TimeoutError:
        return True
    return False


def main() -> None:
    """Run it in a directory of its own, filling and delivering in processes of their own."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--records", type=int, default=5_000_000)
    parser.add_argument("--per-chunk", type=int, default=10)
    parser.add_argument("--directory", type=Path, help="where to make it; default: that of tempfile")
    parser.add_argument("--part", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.part == "fill":
        asyncio.run(_fill(arguments.directory, arguments.records, arguments.per_chunk))
    elif arguments.part == "deliver":
        asyncio.run(_deliver(arguments.directory))
    else:
        _run(arguments)


def _run(arguments: argparse.Namespace) -> None:
    path = Path(tempfile.mkdtemp(dir=arguments.directory))
    try:
        claim = Claim.take(path / "outbox")
        for part in ("fill", "deliver"):
            command = [sys.executable, "-m", "bench.outbox_backlog", "--part", part]
            command += ["--directory", str(path / "outbox"), "--records", str(arguments.records)]
            subprocess.run([*command, "--per-chunk", str(arguments.per_chunk)], check=True)
        claim.close()
        began_s = time.perf_counter()
        Claim.take(path / "outbox").close()
        print(f"start: all files checked in {time.perf_counter() - began_s:.1f} s")
    finally:
        shutil.rmtree(path)


if __name__ == "__main__":
    main()
