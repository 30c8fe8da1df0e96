"""Messages as callers send them, made in one line."""

from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp
from personalize_gateway.v1.event_pb2 import Event
from personalize_gateway.v1.item_pb2 import Item

AT = Timestamp(seconds=1_790_000_000, nanos=999_000_000)
"""When what is not said to have happened at another time happened."""


def event(**members: Any) -> Event:
    """Return a valid event with these members besides the usual ones."""
    usual: dict[str, Any] = {"session_id": "s1", "event_type": "View", "item_id": "i1"}
    return Event(**usual | {"event_time": AT} | members)


def item(item_id: str, **properties: Any) -> Item:
    """Return an item that fits the embedded emulator's schema, with these properties besides."""
    made = Item(item_id=item_id)
    made.properties.update({"price": 1.5, "category": "shoes", **properties})
    return made
