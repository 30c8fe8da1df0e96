"""A replay whose process is killed before it deletes the dead letter."""

import asyncio
import signal
import sys
from pathlib import Path

from gateway.clock import SystemClock
from gateway.dead_letters.replay import Replayed
from gateway.dead_letters.service import DeadLetterService
from gateway.outbox.sqlite import SqliteOutbox
from gateway.records import Kind, Lane
from tests.support.dead_letters import ALL, RENEW, VALIDATOR

_KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from gateway.api import Item
from gateway.clock import SystemClock
from gateway.dead_letters.service import DeadLetterService
from gateway.encoding.element import encode
from gateway.outbox.interface import DeadLetterCause, RecordRef, Settlement
from gateway.outbox.sqlite import SqliteOutbox
from gateway.records import Chunk, Kind, Lane
from tests.support.dead_letters import ALL, RENEW, VALIDATOR

class KilledAtDelete:
    def __init__(self, dead_letters):
        self.find, self.totals = dead_letters.find, dead_letters.totals

    async def replayed(self, ids):
        os.kill(os.getpid(), signal.SIGKILL)

async def main():
    outbox = SqliteOutbox.open(Path(sys.argv[1]), {})
    item = encode(Kind.ITEMS, Item(item_id="i1"))
    chunk = Chunk(Lane("shop", Kind.ITEMS), "web", "storefront", (item,))
    (position,) = await outbox.append([chunk])
    cause = DeadLetterCause("InvalidInputException", "it is bad", 1)
    await outbox.settle([Settlement(RecordRef(position, 0), dead_letter=cause)])
    kept = KilledAtDelete(outbox.dead_letters)
    await DeadLetterService(kept, outbox, VALIDATOR, RENEW, SystemClock()).replay(ALL, 60)

asyncio.run(main())
"""


async def test_nothing_is_lost_between_storing_and_deleting(tmp_path: Path) -> None:
    """Afterwards the record is in the outbox and a dead letter, and can be replayed again."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", _KILLED, str(tmp_path))
    assert await process.wait() == -signal.SIGKILL
    outbox = SqliteOutbox.open(tmp_path, {})
    lane = Lane("shop", Kind.ITEMS)
    (dead_letter,) = (await outbox.dead_letters.find()).dead_letters
    (stored,) = await outbox.read(lane, after=None, max_records=9, max_bytes=1 << 20)
    assert stored.chunk.records == (dead_letter.record,)
    service = DeadLetterService(outbox.dead_letters, outbox, VALIDATOR, RENEW, SystemClock())
    assert await service.replay(ALL, 60) == Replayed(replayed=1)
    assert (await outbox.dead_letters.totals()).count == 0
    assert len(await outbox.read(lane, after=None, max_records=9, max_bytes=1 << 20)) == 2
    await outbox.close()
