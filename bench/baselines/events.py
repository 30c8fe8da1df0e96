"""The events that all benchmarks send, as the AWS SDKs take them."""

import json
import time
from typing import Any

SESSION_ID = "session-0123456789"
USER_ID = "user-0123456789"
EVENT_VALUE = 19.5
PROPERTIES: dict[str, str | int] = {"discount": "yes", "quantity": 3}
MAX_EVENTS = 10
"""What a call takes."""


def event_id(number: int) -> str:
    """Return the ID of an event: as long as those that the clients make."""
    return f"{number:032x}"


def event_time_s() -> int:
    """Return when the events are said to have happened: a moment ago."""
    return int(time.time()) - 60


def put_events(events: int) -> dict[str, Any]:
    """Return the arguments of a call of `put_events` with so many events of one session."""
    return {
        "trackingId": "00000000-0000-0000-0000-000000000000",
        "sessionId": SESSION_ID,
        "userId": USER_ID,
        "eventList": [_event(number) for number in range(events)],
    }


def _event(number: int) -> dict[str, Any]:
    return {
        "eventId": event_id(number),
        "eventType": "View",
        "itemId": f"item-{number:06}",
        "eventValue": EVENT_VALUE,
        "sentAt": event_time_s(),
        "properties": json.dumps(PROPERTIES),
    }
