"""The publisher for threads, on a channel that is none."""

import inspect
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Any

import pytest
from grpc import StatusCode
from personalize_gateway import (
    BufferFull,
    EventPublisher,
    GatewayClient,
    NotSendable,
    Options,
    PublisherOptions,
    Refused,
    WhenFull,
    aio,
    event,
    insecure,
    item,
)
from personalize_gateway.v1.error_reason_pb2 import ERROR_REASON_INVALID_FIELDS
from personalize_gateway.v1.ingest_service_pb2 import IngestRecord, Refusal

from tests.support.statuses import trailers
from tests.unit.client.conftest import FakeChannel

_HURRIED = Options(initial_backoff_s=0.001, max_backoff_s=0.002)


@dataclass(slots=True)
class _Told:
    """What a publisher has told."""

    confirmed: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    _confirmations: SimpleQueue[str] = field(default_factory=SimpleQueue)

    def next_confirmed(self) -> str:
        """Wait for a confirmation that was not waited for before."""
        return self._confirmations.get(timeout=60)

    def on_confirmed(self, record: IngestRecord) -> None:
        self.confirmed.append(record.event.event_id)
        self._confirmations.put(record.event.event_id)

    def on_refused(self, refused: Refused) -> None:
        self.refused.append((refused.record.event.event_id, refused.reason))


@contextmanager
def _publishing(fake: FakeChannel, **options: Any) -> Iterator[tuple[EventPublisher, _Told]]:
    """Return a publisher of batches of two that is closed, whatever the test has done."""
    client = GatewayClient("localhost:1", insecure("web"), _HURRIED, channel=fake.channel)
    settings: dict[str, Any] = {"batch_records": 2, "linger_s": 60} | options
    told = _Told()
    publisher = EventPublisher(
        client,
        PublisherOptions(**settings),
        on_confirmed=told.on_confirmed,
        on_refused=told.on_refused,
    )
    try:
        yield publisher, told
    finally:
        publisher.close(timeout_s=0)


def _publish(publisher: EventPublisher, *names: str) -> None:
    for name in names:
        assert publisher.publish(event("s", "View", event_id=name))


def test_events_are_confirmed_in_their_order(fake: FakeChannel) -> None:
    """A flush lets what lingers go, and returns when all is told."""
    with _publishing(fake) as (publisher, told):
        _publish(publisher, "a", "b", "c")
        stream = fake.stream()
        assert stream.metadata == {"x-caller": "web"}
        assert stream.request() == (1, ["a", "b"])
        flushed = fake.calling(publisher.flush)
        assert stream.request() == (2, ["c"])
        assert told.confirmed == []
        stream.acknowledge(2)
        assert flushed.result()
        assert told.confirmed == ["a", "b", "c"]


def test_what_was_not_acknowledged_is_sent_again(fake: FakeChannel) -> None:
    """With the same event IDs, in the same order, on a stream whose sequences begin anew."""
    with _publishing(fake) as (publisher, told):
        _publish(publisher, "a", "b", "c", "d")
        stream = fake.stream()
        assert [stream.request(), stream.request()] == [(1, ["a", "b"]), (2, ["c", "d"])]
        stream.acknowledge(1)
        assert [told.next_confirmed(), told.next_confirmed()] == ["a", "b"]
        drained = trailers(StatusCode.UNAVAILABLE, "DRAINING")
        stream.end(StatusCode.UNAVAILABLE, drained)
        again = fake.stream()
        assert again.request() == (1, ["c", "d"])
        again.acknowledge(1)
        assert publisher.flush(60)
        assert told.confirmed == ["a", "b", "c", "d"]
        counts = publisher.counts
        assert (counts.resent, counts.streams, counts.pending) == (2, 2, 0)


def test_refusals_are_told(fake: FakeChannel) -> None:
    """Of a record, and of all that is on a stream whose caller may not."""
    with _publishing(fake) as (publisher, told):
        _publish(publisher, "a", "b")
        stream = fake.stream()
        stream.request()
        refusal = Refusal(sequence=1, record_index=0, reason=ERROR_REASON_INVALID_FIELDS)
        stream.acknowledge(1, refusal)
        assert publisher.flush(60)
        assert (told.confirmed, told.refused) == (["b"], [("a", "INVALID_FIELDS")])
        _publish(publisher, "c", "d")
        stream.request()
        code = StatusCode.PERMISSION_DENIED
        stream.end(code, trailers(code, "ROUTE_MISSING"))
        assert publisher.flush(60)
        assert told.refused[1:] == [("c", "ROUTE_MISSING"), ("d", "ROUTE_MISSING")]


def test_close_sends_everything_and_ends_the_stream(fake: FakeChannel) -> None:
    """Then nothing more is taken."""
    with _publishing(fake) as (publisher, told):
        _publish(publisher, "a")
        closed = fake.calling(publisher.close)
        stream = fake.stream()
        assert stream.request() == (1, ["a"])
        stream.closed()
        stream.acknowledge(1)
        stream.end()
        assert closed.result() is True
        assert told.confirmed == ["a"]
        with pytest.raises(RuntimeError, match="closed"):
            publisher.publish(event("s", "View"))
        assert publisher.close() is True


def test_what_is_not_settled_in_time_is_told(fake: FakeChannel) -> None:
    """It may have been taken: the event ID makes it safe to send it again."""
    with _publishing(fake) as (publisher, told):
        _publish(publisher, "a", "b", "c")
        fake.stream().request()
        assert publisher.close(timeout_s=0.01) is False
        assert told.refused == [(name, "UNSETTLED") for name in "abc"]
        assert publisher.counts.pending == 0


def test_a_full_buffer_drops_or_raises(fake: FakeChannel) -> None:
    """And counts."""
    with _publishing(fake, max_records=2, when_full=WhenFull.DROP_NEWEST) as (publisher, _):
        _publish(publisher, "a", "b")
        assert publisher.publish(event("s", "View")) is False
        assert publisher.counts.dropped == 1
    with _publishing(fake, max_records=2, when_full=WhenFull.RAISE) as (publisher, _):
        _publish(publisher, "a", "b")
        with pytest.raises(BufferFull, match="2 records"):
            publisher.publish(event("s", "View"))
        assert publisher.counts.dropped == 1


def test_a_full_buffer_blocks_until_there_is_room(fake: FakeChannel) -> None:
    """Or until the publisher is closed."""
    with _publishing(fake, max_records=2) as (publisher, _):
        _publish(publisher, "a", "b")
        waiting = fake.calling(_publish, publisher, "c", "d")
        stream = fake.stream()
        assert stream.request() == (1, ["a", "b"])
        assert not waiting.done()
        stream.acknowledge(1)
        waiting.result()
        assert stream.request() == (2, ["c", "d"])
        stuck = fake.calling(_publish, publisher, "e")
        publisher.close(timeout_s=0)
        with pytest.raises(RuntimeError, match="closed"):
            stuck.result()


def test_a_record_that_no_request_can_hold_is_refused_at_once(fake: FakeChannel) -> None:
    """It would never be sent."""
    with (
        _publishing(fake, max_bytes=1000) as (publisher, _),
        pytest.raises(NotSendable, match="of at most 1,000"),
    ):
        publisher.publish(item("i", {"description": "x" * 1000}))


def test_a_callback_that_fails_stops_nothing(
    fake: FakeChannel, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged; so is a refusal that nobody wants to hear of."""

    def fail(_: IngestRecord) -> None:
        raise ValueError("a fault of the caller's")

    client = GatewayClient("localhost:1", options=_HURRIED, channel=fake.channel)
    publisher = EventPublisher(client, PublisherOptions(linger_s=0), on_confirmed=fail)
    with caplog.at_level(logging.WARNING):
        _publish(publisher, "a")
        stream = fake.stream()
        stream.request()
        stream.acknowledge(1)
        assert publisher.flush(60)
        _publish(publisher, "b")
        stream.request()
        stream.acknowledge(2)
        assert publisher.flush(60)
        assert publisher.counts.confirmed == 2
        _publish(publisher, "c")
        publisher.close(timeout_s=0)
    assert [record.levelname for record in caplog.records] == ["ERROR", "ERROR", "WARNING"]


def test_a_token_that_cannot_be_had_is_asked_for_again(fake: FakeChannel) -> None:
    """The publisher waits for it, as for a gateway."""
    failed = threading.Event()

    def token() -> str:
        if not failed.is_set():
            failed.set()
            raise OSError("no token")
        return "secret"

    client = GatewayClient("localhost:1", insecure("", token), _HURRIED, channel=fake.channel)
    with EventPublisher(client, PublisherOptions(linger_s=0)) as publisher:
        _publish(publisher, "a")
        stream = fake.stream()
        assert stream.metadata == {"authorization": "Bearer secret"}
        stream.request()
        stream.acknowledge(1)
        assert publisher.flush(60)
        closed = fake.calling(publisher.close)
        stream.closed()
        stream.end()
        assert closed.result()


def test_both_publishers_have_the_same_methods() -> None:
    """The one for asyncio differs in that it is awaited."""

    def shape(publisher: type) -> dict[str, Any]:
        public = inspect.getmembers(publisher, inspect.isfunction)
        return {n: inspect.signature(m).parameters.keys() for n, m in public if n[0] != "_"}

    assert shape(EventPublisher) == shape(aio.EventPublisher)
