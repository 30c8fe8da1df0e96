"""The publisher for asyncio, on real streams."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from grpc import StatusCode
from personalize_gateway import (
    BufferFull,
    NotSendable,
    Options,
    PublisherOptions,
    Refused,
    Violation,
    WhenFull,
    event,
    insecure,
    item,
)
from personalize_gateway.aio import EventPublisher, GatewayClient
from personalize_gateway.v1.ingest_service_pb2 import IngestRecord

from tests.integration.client.scripted import End, Script, scripted
from tests.support.received import received
from tests.support.running import Running

_OPTIONS = Options(initial_backoff_s=0.01, max_backoff_s=0.02)
_SELDOM = Options(initial_backoff_s=60, max_backoff_s=60)
"""Waits for a minute at most: chance decides for how long."""

_GONE = [End(StatusCode.UNAVAILABLE)] * 1000
"""How every call of a gateway ends that takes nothing."""


@dataclass(slots=True)
class _Told:
    """What a publisher has told."""

    confirmed: list[str] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)

    def on_confirmed(self, record: IngestRecord) -> None:
        self.confirmed.append(record.event.event_id)

    @property
    def reasons(self) -> list[tuple[str, str]]:
        return [(one.record.event.event_id, one.reason) for one in self.refused]


@asynccontextmanager
async def _publishing(
    target: str, options: Options = _OPTIONS, **settings: Any
) -> AsyncIterator[tuple[EventPublisher, _Told]]:
    """Return a publisher of batches of two that is closed, whatever the test has done."""
    told, usual = _Told(), {"batch_records": 2, "linger_s": 0}
    async with GatewayClient(target, insecure("web"), options) as client:
        publisher = EventPublisher(
            client,
            PublisherOptions(**usual | settings),
            on_confirmed=told.on_confirmed,
            on_refused=told.refused.append,
        )
        try:
            yield publisher, told
        finally:
            await publisher.close(timeout_s=0)


async def _publish(publisher: EventPublisher, *names: str) -> None:
    for name in names:
        assert await publisher.publish(event("s", "View", event_id=name))


async def test_a_gateway_confirms_and_refuses(running: Running) -> None:
    """What is confirmed arrives; what is refused comes with its violations."""
    async with _publishing(running.address, dataset_group="plain") as (publisher, told):
        await _publish(publisher, "a", "b")
        await publisher.publish(event("s", "View", event_id="c", user_id="null"))
        await _publish(publisher, "d")
        assert await publisher.flush(60)
        assert told.confirmed == ["a", "b", "d"]
        assert told.reasons == [("c", "INVALID_FIELDS")]
        ((violation,),) = [one.violations for one in told.refused]
        assert isinstance(violation, Violation)
        assert violation.rule == "PLACEHOLDER_ID"
        assert await publisher.close()
    records = await received(running.emulator, "events", 3)
    assert sorted(record.parsed()["eventId"] for record in records) == ["a", "b", "d"]


async def test_what_was_not_acknowledged_is_sent_again() -> None:
    """On the next stream, in its order."""
    script = Script([End(StatusCode.UNAVAILABLE, "DRAINING", acknowledged=1, taken=1)])
    async with scripted(script) as target, _publishing(target) as (publisher, told):
        await _publish(publisher, "a", "b", "c", "d", "e")
        assert await publisher.flush(60)
        assert told.confirmed == list("abcde")
        assert script.events[:2] == [["a", "b"], ["c", "d"]]
        assert script.events[2:] == [["c", "d"], ["e"]]
        assert [one["x-caller"] for one in script.metadata] == ["web", "web"]


@pytest.mark.parametrize(
    ("code", "reason", "refused"),
    [
        (StatusCode.UNAUTHENTICATED, "CALLER_UNKNOWN", "abcd"),
        (StatusCode.NOT_FOUND, "DATASET_GROUP_UNKNOWN", "abcd"),
        (StatusCode.INVALID_ARGUMENT, "INVALID_FIELDS", "ab"),
        (StatusCode.RESOURCE_EXHAUSTED, "MESSAGE_TOO_LARGE", "ab"),
    ],
)
async def test_an_error_that_is_final_refuses_what_it_is_about(
    code: StatusCode, reason: str, refused: str
) -> None:
    """All that is on the stream, or the oldest request; the rest gets on."""
    script = Script([End(code, reason, taken=2)])
    async with (
        scripted(script) as target,
        _publishing(target, max_unacknowledged=2, linger_s=60) as (publisher, told),
    ):
        await _publish(publisher, *"abcdef")
        assert await publisher.flush(60)
        assert told.reasons == [(name, reason) for name in refused]
        assert told.confirmed == [name for name in "abcdef" if name not in refused]


async def test_what_is_not_settled_in_time_is_told() -> None:
    """The publisher does not wait for ever for a gateway that is not there."""
    async with scripted(Script(_GONE)) as target, _publishing(target, _SELDOM) as (publisher, told):
        await _publish(publisher, "a", "b", "c")
        assert await publisher.flush(0.01) is False
        assert await publisher.close(timeout_s=0.01) is False
        assert told.reasons == [(name, "UNSETTLED") for name in "abc"]
        with pytest.raises(RuntimeError, match="closed"):
            await publisher.publish(event("s", "View"))


async def test_a_full_buffer_drops_raises_or_blocks() -> None:
    """And counts."""
    async with scripted(Script(_GONE)) as target:
        drop: dict[str, Any] = {"max_records": 1, "when_full": WhenFull.DROP_NEWEST}
        async with _publishing(target, _SELDOM, **drop) as (publisher, _):
            await _publish(publisher, "a")
            assert await publisher.publish(event("s", "View")) is False
            assert publisher.counts.dropped == 1
        fail: dict[str, Any] = {"max_records": 1, "when_full": WhenFull.RAISE}
        async with _publishing(target, _SELDOM, **fail) as (publisher, _):
            await _publish(publisher, "a")
            with pytest.raises(BufferFull):
                await publisher.publish(event("s", "View"))
    async with (
        scripted(Script(_GONE[:1])) as target,
        _publishing(target, max_records=1) as (publisher, told),
    ):
        await asyncio.wait_for(_publish(publisher, *"abcdef"), 60)
        assert await publisher.flush(60)
        assert told.confirmed == list("abcdef")


async def test_a_record_that_no_request_can_hold_is_refused_at_once() -> None:
    """It would never be sent."""
    async with scripted(Script()) as target, _publishing(target, max_bytes=1000) as (publisher, _):
        with pytest.raises(NotSendable, match="of at most 1,000"):
            await publisher.publish(item("i", {"description": "x" * 1000}))
