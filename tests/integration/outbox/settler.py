"""A delivery process for tests: settles record after record, and prints which.

python settler.py DIRECTORY
"""

import asyncio
import sys
from pathlib import Path

import click

from gateway.outbox.interface import RecordRef, Settlement
from gateway.outbox.reader import ReaderSettings, SqliteReader


async def _settle_all(path: Path) -> None:
    reader = SqliteReader.open(path, ReaderSettings(linger_s=0.0))
    for lane in await reader.lanes():
        for stored in await reader.read(lane, after=None, max_records=10**6, max_bytes=1 << 30):
            for index, record in enumerate(stored.chunk.records):
                if index not in stored.settled:
                    await reader.settle([Settlement(RecordRef(stored.position, index))])
                    click.echo(record.record_id)


if __name__ == "__main__":
    asyncio.run(_settle_all(Path(sys.argv[1])))
