"""Records taken out of the outbox without being delivered."""

from collections.abc import Callable

from gateway.outbox.interface import OutboxReader, Position, RecordRef, Settlement
from gateway.records import Lane, Record
from gateway.telemetry.metrics import RECORDS_SETTLED

_READ_RECORDS = 2_000
_READ_BYTES = 16 * 1024 * 1024


async def discard(outbox: OutboxReader, lane: Lane, is_chosen: Callable[[Record], bool]) -> int:
    """Settle records of a lane as discarded; return how many those were.

    Nobody may deliver from the lane meanwhile.

    Raises:
        OutboxUnavailable: not all of them were taken out.
    """
    discarded = 0
    after: Position | None = None
    while chunks := await outbox.read(
        lane, after=after, max_records=_READ_RECORDS, max_bytes=_READ_BYTES
    ):
        after = chunks[-1].position
        chosen = [
            Settlement(RecordRef(chunk.position, index), discarded=True)
            for chunk in chunks
            for index, record in enumerate(chunk.chunk.records)
            if index not in chunk.settled and is_chosen(record)
        ]
        if chosen:
            await outbox.settle(chosen)
            RECORDS_SETTLED.add(len(chosen), lane.dataset_group, lane.kind.value, "discarded")
        discarded += len(chosen)
    return discarded
