"""Publishes events, and prints what becomes of each: `publisher.py TARGET SECONDS RATE [asyncio]`.

A line is `confirmed EVENT_ID` or `refused EVENT_ID REASON`; the last one, `counts {…}`.
"""

import asyncio
import json
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict

from personalize_gateway import (
    Counts,
    EventPublisher,
    GatewayClient,
    PublisherOptions,
    Refused,
    aio,
    event,
)
from personalize_gateway.v1.event_pb2 import Event
from personalize_gateway.v1.ingest_service_pb2 import IngestRecord

_CLOSE_S = 60.0
_SESSIONS = 50
_BUFFERED = PublisherOptions(max_records=5000, batch_records=50, linger_s=0.02)

_printing = threading.Lock()


def main(target: str, seconds: str, rate: str, variant: str = "threads") -> None:
    """Publish, flush and close."""
    if variant == "asyncio":
        asyncio.run(_publish_in_asyncio(target, float(seconds), float(rate)))
    else:
        _publish(target, float(seconds), float(rate))


def _publish(target: str, seconds: float, rate: float) -> None:
    with GatewayClient(target) as client:
        publisher = EventPublisher(client, _BUFFERED, on_confirmed=_confirmed, on_refused=_refused)
        start_s = time.monotonic()
        for due_s, one in _events("python", seconds, rate):
            time.sleep(max(start_s + due_s - time.monotonic(), 0))
            publisher.publish(one)
        publisher.flush(_CLOSE_S)
        publisher.close()
        _finish(publisher.counts)


async def _publish_in_asyncio(target: str, seconds: float, rate: float) -> None:
    async with aio.GatewayClient(target) as client:
        publisher = aio.EventPublisher(
            client, _BUFFERED, on_confirmed=_confirmed, on_refused=_refused
        )
        start_s = time.monotonic()
        for due_s, one in _events("python-asyncio", seconds, rate):
            await asyncio.sleep(max(start_s + due_s - time.monotonic(), 0))
            await publisher.publish(one)
        await publisher.flush(_CLOSE_S)
        await publisher.close()
        _finish(publisher.counts)


def _events(prefix: str, seconds: float, rate: float) -> Iterator[tuple[float, Event]]:
    """Yield each event, and when it is to be published."""
    for number in range(int(seconds * rate)):
        session = f"{prefix}-session-{number % _SESSIONS}"
        one = event(session, "View", item_id="i1", event_id=f"{prefix}-{number}")
        yield number / rate, one


def _confirmed(record: IngestRecord) -> None:
    _say(f"confirmed {record.event.event_id}")


def _refused(refused: Refused) -> None:
    _say(f"refused {refused.record.event.event_id} {refused.reason}")


def _finish(counts: Counts) -> None:
    _say(f"counts {json.dumps(asdict(counts))}")


def _say(line: str) -> None:
    with _printing:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
