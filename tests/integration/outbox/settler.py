"""A delivery process for tests: settles record after record, and prints which.

    python settler.py DIRECTORY RECORDS

When it has settled so many, it waits to be killed.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path

import click

from gateway.outbox.interface import RecordRef, Settlement
from gateway.outbox.reader import ReaderSettings, SqliteReader


async def _open_records(reader: SqliteReader) -> AsyncIterator[tuple[RecordRef, str]]:
    for lane in await reader.lanes():
        for stored in await reader.read(lane, after=None, max_records=10**6, max_bytes=1 << 30):
            for index, record in enumerate(stored.chunk.records):
                if index not in stored.settled:
                    yield RecordRef(stored.position, index), record.record_id


async def _settle(path: Path, records: int) -> None:
    reader = SqliteReader.open(path, ReaderSettings(linger_s=0.0))
    numbers = count(1)
    async for ref, record_id in _open_records(reader):
        await reader.settle([Settlement(ref)])
        click.echo(record_id)
        if next(numbers) == records:
            await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_settle(Path(sys.argv[1]), int(sys.argv[2])))
