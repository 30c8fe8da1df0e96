"""An ingest process for tests: appends without end, and prints what was answered.

    python appender.py DIRECTORY SLOT PREFIX [LARGEST FILE IN BYTES]

A line `PREFIX-NUMBER` says that this record's append was answered,
`refused` that one was not taken.
"""

import asyncio
import resource
import sys
from collections.abc import Sequence
from itertools import count
from pathlib import Path

import click

from gateway.outbox.commit_queue import WriterSettings
from gateway.outbox.interface import OutboxUnavailable, Outcome, Position
from gateway.outbox.writer import SqliteWriter
from gateway.records import Chunk, Kind, Lane, Record

_LANES = [Lane("shop", Kind.ITEMS), Lane("shop", Kind.EVENTS)]
_CONCURRENT = 20


class _Nobody:
    """Knows no outcomes: nobody asks."""

    async def outcomes(self, positions: Sequence[Position]) -> list[tuple[Outcome, ...]]:
        raise NotImplementedError

    outcomes_so_far = outcomes


async def _append(path: Path, slot: int, prefix: str, segment_bytes: int) -> None:
    settings = WriterSettings(linger_s=0.001, segment_bytes=segment_bytes, probe_interval_s=0.01)
    writer = SqliteWriter.open(path, slot, {}, _Nobody(), settings)
    numbers = count()

    async def one_after_another() -> None:
        while True:
            number = next(numbers)
            records = (Record(f"{prefix}-{number}", b"x" * 500),)
            try:
                await writer.append([Chunk(_LANES[number % 2], "web", "route", records)])
            except OutboxUnavailable:
                click.echo("refused")
                await asyncio.sleep(0.01)
            else:
                click.echo(records[0].record_id)

    await asyncio.gather(*(one_after_another() for _ in range(_CONCURRENT)))


if __name__ == "__main__":
    bytes_of_segment = 256 * 1024
    if sys.argv[4:]:
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[4]),) * 2)
        bytes_of_segment = 2 * int(sys.argv[4])
    asyncio.run(_append(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], bytes_of_segment))
