"""The events that all benchmarks send, as callers build them, and as bytes on the wire."""

from collections.abc import Iterator

from personalize_gateway.v1.acknowledgement_pb2 import AckLevel
from personalize_gateway.v1.event_pb2 import Event
from personalize_gateway.v1.event_service_pb2 import PutEventsRequest
from personalize_gateway.v1.ingest_service_pb2 import IngestRecord, IngestRequest

from bench.baselines.events import (
    EVENT_VALUE,
    PROPERTIES,
    SESSION_ID,
    USER_ID,
    event_id,
    event_time_s,
)

PUT_EVENTS = "personalize_gateway.v1.EventService/PutEvents"
INGEST = "personalize_gateway.v1.IngestService/Ingest"


def event(number: int, session_id: str = SESSION_ID) -> Event:
    """Return an event with an ID: every client of the gateway gives it one before it is sent."""
    found = Event(
        event_id=event_id(number),
        session_id=session_id,
        user_id=USER_ID,
        event_type="View",
        item_id=f"item-{number:06}",
        event_value=EVENT_VALUE,
    )
    found.event_time.seconds = event_time_s()
    found.properties.update(PROPERTIES)
    return found


def put_events(events: int, first: int = 0, *, delivered: bool = False) -> PutEventsRequest:
    """Return a request with so many events of one session.

    Args:
        events: how many.
        first: number of the first; events of the same number are the same.
        delivered: whether it is answered only when they are delivered.
    """
    level = AckLevel.ACK_LEVEL_DELIVERED if delivered else AckLevel.ACK_LEVEL_DURABLE
    found = [event(number) for number in range(first, first + events)]
    return PutEventsRequest(events=found, ack_level=level)


def ingest_request(sequence: int, events: int, first: int = 0) -> IngestRequest:
    """Return a message of a stream with so many events of one session; see `put_events`."""
    records = [IngestRecord(event=event(number)) for number in range(first, first + events)]
    return IngestRequest(sequence=sequence, records=records)


def stream(messages: int, events: int) -> Iterator[bytes]:
    """Yield the messages of a stream, serialised, each with so many events of one session."""
    message = ingest_request(1, events)
    for sequence in range(1, messages + 1):
        message.sequence = sequence
        yield message.SerializeToString()


def frame(message: bytes) -> bytes:
    """Return a message as gRPC has it in the body of an HTTP/2 request: not compressed."""
    return b"\0" + len(message).to_bytes(4, "big") + message
