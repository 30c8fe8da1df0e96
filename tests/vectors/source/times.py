"""Times: the first and the last, fractions, zones, other units, and what is none."""

from google.protobuf.timestamp_pb2 import Timestamp
from personalize_gateway.v1.action_interaction_pb2 import ActionInteraction
from personalize_gateway.v1.event_pb2 import Event
from personalize_gateway.v1.event_service_pb2 import (
    PutActionInteractionsRequest,
    PutEventsRequest,
)

from tests.vectors.source.case import (
    PLAIN,
    SENT_AT,
    Vectors,
    action_interaction,
    actions_call,
    event,
    events_call,
    numbered,
    put_action_interactions,
    put_events,
    sent,
    sent_action,
)

_TIMES = {
    "the first second": ("1970-01-01T00:00:01Z", 1),
    "the last moment": ("9999-12-31T23:59:59.999999999Z", 253402300799),
    "milliseconds": ("2026-09-20T12:00:00.999Z", SENT_AT),
    "microseconds": ("2026-09-20T12:00:00.000001Z", SENT_AT),
    "nanoseconds": ("2026-09-20T12:00:00.999999999Z", SENT_AT),
    "a zone to the east": ("2026-09-20T14:00:00+02:00", SENT_AT),
    "a zone to the west": ("2026-09-20T06:30:00.5-05:30", SENT_AT),
    "a leap day": ("2024-02-29T00:00:00Z", 1709164800),
    "beyond 32 bits": ("2106-02-07T06:28:16Z", 4294967296),
}
_TOO_EARLY = ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00.999999999Z", "1969-12-31T23:59:59Z",
              "0001-01-01T00:00:00Z")  # fmt: skip

_WIRE = {
    "milliseconds as seconds": (1789905600000, 0, "MILLISECONDS"),
    "milliseconds of the year 1990": (631152000000, 0, "MILLISECONDS"),
    "microseconds as seconds": (1789905600000000, 0, "MILLISECONDS"),
    "nanoseconds as seconds": (1789905600000000000, 0, "MILLISECONDS"),
    "the year 10000": (253402300800, 0, "TIMESTAMP"),
    "milliseconds of the year 2100": (4102444800000, 0, "TIMESTAMP"),
    "the largest int64": (9223372036854775807, 0, "TIMESTAMP"),
    "the smallest int64": (-9223372036854775808, 0, "TIMESTAMP"),
    "before the year 1": (-62135596801, 0, "TIMESTAMP"),
    "a billion nanoseconds": (SENT_AT, 1_000_000_000, "TIMESTAMP"),
    "two billion nanoseconds": (SENT_AT, 2_000_000_000, "TIMESTAMP"),
    "a nanosecond below zero": (SENT_AT, -1, "TIMESTAMP"),
    "no seconds at all": (0, 0, "RANGE"),
}


def times() -> Vectors:
    """Return the cases."""
    vectors = Vectors("times", "The first time and the last, fractions, other units.")
    for key, (name, (text, seconds)) in numbered("time", list(_TIMES.items())):
        vectors.takes(
            name,
            "PutEvents",
            put_events(event(key, eventTime=text)),
            events_call(sent(key, sentAt=seconds)),
        )
    vectors.takes(
        "the last moment of an action interaction",
        "PutActionInteractions",
        put_action_interactions(
            action_interaction("time-act", eventTime="9999-12-31T23:59:59.999999999Z")
        ),
        actions_call(sent_action("time-act", timestamp=253402300799)),
    )
    for text in _TOO_EARLY:
        vectors.refuses(
            f"too early: {text}",
            "PutEvents",
            put_events(event("time-early", eventTime=text)),
            ("events[0].event_time", "RANGE"),
        )
    for name, (seconds, nanos, rule) in _WIRE.items():
        _wire(vectors, name, Timestamp(seconds=seconds, nanos=nanos), rule)
    return vectors


def _wire(vectors: Vectors, name: str, time: Timestamp, rule: str) -> None:
    bad = Event(session_id="s", event_type="View", event_time=time)
    request = PutEventsRequest(dataset_group=PLAIN, events=[bad])
    vectors.refuses(name, "PutEvents", request, ("events[0].event_time", rule))
    acting = ActionInteraction(session_id="s", event_type="Taken", event_time=time, action_id="a1")
    vectors.refuses(
        f"{name}, of an action interaction",
        "PutActionInteractions",
        PutActionInteractionsRequest(dataset_group=PLAIN, action_interactions=[acting]),
        ("action_interactions[0].event_time", rule),
    )
