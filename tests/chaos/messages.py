"""What the load sends."""

import time
import zlib
from collections.abc import Sequence

from google.protobuf.timestamp_pb2 import Timestamp
from personalize_gateway.v1.event_pb2 import Event
from personalize_gateway.v1.item_pb2 import Item

from tests.chaos.ledger import Version

POISON = "poison"
"""Begins the ID of an event that kills whoever sends it."""

BAD = "bad"
"""Begins the ID of an event, or is the mark of an item, that the harness refuses."""

ADMIN = "operator"
"""The caller that may see dead letters."""

_SESSIONS = 20


def event(event_id: str) -> Event:
    """Return an event; few sessions share all events, so that calls fill up."""
    session = zlib.crc32(event_id.encode()) % _SESSIONS
    return Event(
        event_id=event_id,
        session_id=f"session-{session}",
        user_id=f"user-{session}",
        event_type="View",
        item_id="item-1",
        event_time=Timestamp(seconds=int(time.time())),
    )


def events(event_ids: Sequence[str]) -> list[Event]:
    """Return an event for each ID."""
    return [event(event_id) for event_id in event_ids]


def item(update: Version, *, bad: bool) -> Item:
    """Return an update of an item."""
    made = Item(item_id=update.item_id)
    made.properties.update({"version": update.version, "mark": BAD if bad else "good"})
    return made
