"""Numbers at the edge of float, double and int64."""

from google.protobuf.struct_pb2 import Struct, Value
from google.protobuf.timestamp_pb2 import Timestamp
from personalize_gateway.v1.event_pb2 import Event
from personalize_gateway.v1.event_service_pb2 import PutEventsRequest

from tests.vectors.source.case import (
    PLAIN,
    SENT_AT,
    Vectors,
    event,
    events_call,
    numbered,
    put_events,
    sent,
)

_EVENT_VALUES = (0, 1, -1, 0.1, 31.0, 5e-324, 3.4028234663852886e38, -3.4028234663852886e38,
                 9007199254740993.0, 0.30000000000000004)  # fmt: skip
_BEYOND_FLOAT = (3.402823466385289e38, -3.402823466385289e38, 1e300, 1.7976931348623157e308)

_PROPERTIES = (
    (0, "0"),
    (-0.0, "0"),
    (31, "31"),
    (31.0, "31"),
    (-7, "-7"),
    (0.1, "0.1"),
    (1.5, "1.5"),
    (0.30000000000000004, "0.30000000000000004"),
    (4503599627370495.5, "4503599627370495.5"),
    (9007199254740991, "9007199254740991"),
    (-9007199254740991, "-9007199254740991"),
    (5e-324, "5e-324"),
    (2.2250738585072014e-308, "2.2250738585072014e-308"),
    (123456789012.25, "123456789012.25"),
)
"""A number of `properties`, and what stands for it in JSON."""

_IMPRECISE = (9007199254740992, -9007199254740992, 9007199254740993, 1e16, 9223372036854775807,
              1e300, -1.7976931348623157e308)  # fmt: skip
_AS_TEXT = ("9007199254740993", "9223372036854775807", "-9223372036854775808", "1e400", "0x10")


def numbers() -> Vectors:
    """Return the cases."""
    vectors = Vectors("numbers", "Numbers at the edge of float, double and int64.")
    _event_values(vectors)
    _properties(vectors)
    _not_finite(vectors)
    return vectors


def _event_values(vectors: Vectors) -> None:
    for name, value in numbered("event-value", _EVENT_VALUES):
        vectors.takes(
            name,
            "PutEvents",
            put_events(event(name, eventValue=value)),
            events_call(sent(name, eventValue=float(value))),
        )
    negative = Event(
        event_id="event-value-negative-zero",
        session_id="s-event-value-negative-zero",
        event_type="View",
        event_time=Timestamp(seconds=SENT_AT),
        event_value=-0.0,  # JSON parsers differ in the sign of zero
    )
    vectors.takes(
        "event value of negative zero",
        "PutEvents",
        PutEventsRequest(dataset_group=PLAIN, events=[negative]),
        events_call(sent("event-value-negative-zero", eventValue=-0.0)),
    )
    for name, value in numbered("event-value-beyond", _BEYOND_FLOAT):
        vectors.refuses(
            name,
            "PutEvents",
            put_events(event(name, eventValue=value)),
            ("events[0].event_value", "RANGE"),
        )
    for word in ("NaN", "Infinity", "-Infinity"):
        vectors.refuses(
            f"event value {word}",
            "PutEvents",
            put_events(event("value-word", eventValue=word)),
            ("events[0].event_value", "FINITE"),
        )
    vectors.takes(
        "event value as a text of protobuf's JSON",
        "PutEvents",
        put_events(event("value-text", eventValue="2.5")),
        events_call(sent("value-text", eventValue=2.5)),
    )


def _properties(vectors: Vectors) -> None:
    for name, (number, text) in numbered("property", _PROPERTIES):
        vectors.takes(
            f"{name} {text}",
            "PutEvents",
            put_events(event(name, properties={"n": number})),
            events_call(sent(name, properties=f'{{"n":{text}}}')),
        )
    for name, number in numbered("property-imprecise", _IMPRECISE):
        vectors.refuses(
            name,
            "PutEvents",
            put_events(event(name, properties={"n": number})),
            ('events[0].properties["n"]', "PRECISION"),
        )
    for name, text in numbered("property-text", _AS_TEXT):
        vectors.takes(
            f"{name} {text}",
            "PutEvents",
            put_events(event(name, properties={"n": text})),
            events_call(sent(name, properties=f'{{"n":"{text}"}}')),
        )


def _not_finite(vectors: Vectors) -> None:
    """JSON has no such number, a Struct has."""
    for number in (float("nan"), float("inf"), float("-inf")):
        bad = Event(
            session_id="s",
            event_type="View",
            event_time=Timestamp(seconds=SENT_AT),
            properties=Struct(fields={"n": Value(number_value=number)}),
        )
        vectors.refuses(
            f"property {number}",
            "PutEvents",
            PutEventsRequest(dataset_group=PLAIN, events=[bad]),
            ('events[0].properties["n"]', "FINITE"),
        )
