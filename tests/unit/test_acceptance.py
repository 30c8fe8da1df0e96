"""From a message to chunks: routed, validated, encoded, appended."""

from dataclasses import replace
from typing import Any

import pytest

from gateway.acceptance import Acceptance, InvalidRequest
from gateway.api import (
    AckLevel,
    Event,
    IngestBatchRequest,
    IngestRecord,
    Item,
    PutEventsRequest,
    User,
)
from gateway.config import Config, DatasetGroup, Datasets, Route
from gateway.encoding.event_id import derived_event_id
from gateway.outbox.interface import DELIVERED, PENDING, BudgetExhausted, RecordRef, Settlement
from gateway.outbox.memory import MemoryOutbox
from gateway.records import Kind, Lane
from gateway.routing.router import DatasetGroupAmbiguous, RouteMissing, Router
from gateway.validation.validator import Validator

_ARN = "arn:aws:personalize:eu-west-1:123456789012"


def _group(name: str) -> DatasetGroup:
    return DatasetGroup(
        arn=f"{_ARN}:dataset-group/{name}",
        tracking_id=f"{name}-events",
        datasets=Datasets(items=f"{_ARN}:dataset/{name}/ITEMS"),
    )


def _acceptance(outbox: MemoryOutbox) -> Acceptance:
    config = Config(
        dataset_groups={name: _group(name) for name in ("shop", "next", "outlet")},
        routes=(
            Route(
                name="storefront",
                callers=("web",),
                kinds=(Kind.EVENTS,),
                dataset_group="shop",
                mirror_to=("next",),
            ),
            Route(name="catalogue", callers=("web",), kinds=(Kind.ITEMS,), dataset_group="shop"),
            Route(name="a", callers=("both",), kinds=(Kind.EVENTS,), dataset_group="shop"),
            Route(name="b", callers=("both",), kinds=(Kind.EVENTS,), dataset_group="outlet"),
        ),
    )
    return Acceptance(Router(config.routes, config.dataset_groups), Validator(), outbox)


def _event(**members: Any) -> Event:
    event = Event(session_id="s", event_type="View", **members)
    event.event_time.seconds = 1_790_000_000
    return event


async def _chunks(outbox: MemoryOutbox, lane: Lane) -> list[tuple[str, str, list[str]]]:
    stored = await outbox.read(lane, after=None, max_records=100, max_bytes=1 << 20)
    return [
        (one.chunk.caller, one.chunk.route, [record.record_id for record in one.chunk.records])
        for one in stored
    ]


async def test_a_mirror_gets_a_copy() -> None:
    """Both dataset groups get the same records, under the same event IDs."""
    outbox = MemoryOutbox()
    acceptance = _acceptance(outbox)
    request = PutEventsRequest(events=[_event(), _event(event_id="e2")])
    prepared = acceptance.prepare_put("web", Kind.EVENTS, request, request.events)
    await acceptance.append(prepared).stored
    derived = derived_event_id("web", "shop", request.events[0])
    assert prepared.event_ids == [derived, "e2"]
    expected = [("web", "storefront", [derived, "e2"])]
    assert await _chunks(outbox, Lane("shop", Kind.EVENTS)) == expected
    assert await _chunks(outbox, Lane("next", Kind.EVENTS)) == expected


async def test_outcomes_are_those_of_the_own_dataset_group_in_the_order_of_the_request() -> None:
    """Mirrors never delay an answer; what was refused has no outcome."""
    outbox = MemoryOutbox()
    acceptance = _acceptance(outbox)
    request = IngestBatchRequest(
        records=[
            IngestRecord(item=Item(item_id="i1")),
            IngestRecord(user=User(user_id="u1")),
            IngestRecord(event=_event()),
            IngestRecord(item=Item(item_id="i2")),
        ]
    )
    prepared = acceptance.prepare_batch("web", request)
    admission = acceptance.append(prepared)
    items, events, _mirror = await admission.stored
    await outbox.settle([Settlement(RecordRef(items, 1)), Settlement(RecordRef(events, 0))])
    assert await acceptance.outcomes(admission, timeout_s=0.01) == [
        PENDING,
        None,
        DELIVERED,
        DELIVERED,
    ]
    (refused,) = prepared.refused
    assert (refused.index, type(refused.error)) == (1, RouteMissing)


async def test_a_caller_without_a_route_learns_nothing_of_the_rules() -> None:
    """What may be sent is decided before what was sent is looked at."""
    acceptance = _acceptance(MemoryOutbox())
    request = PutEventsRequest(events=[Event()])
    with pytest.raises(RouteMissing):
        acceptance.prepare_put("stranger", Kind.EVENTS, request, request.events)
    with pytest.raises(DatasetGroupAmbiguous):
        acceptance.prepare_put("both", Kind.EVENTS, request, request.events)
    with pytest.raises(InvalidRequest):
        acceptance.prepare_put("web", Kind.EVENTS, request, request.events)


async def test_a_request_of_nothing_but_refused_records_stores_nothing() -> None:
    """It is answered all the same."""
    outbox = MemoryOutbox()
    acceptance = _acceptance(outbox)
    request = IngestBatchRequest(
        records=[IngestRecord(), IngestRecord(event=Event())], ack_level=AckLevel.ACK_LEVEL_DURABLE
    )
    prepared = acceptance.prepare_batch("web", request)
    assert await acceptance.append(prepared).stored == ()
    assert [refused.index for refused in prepared.refused] == [0, 1]
    assert await outbox.lanes() == frozenset()


async def test_what_did_not_fit_the_budget_can_be_appended_later() -> None:
    """The prepared request is as it was."""
    outbox = MemoryOutbox({"shop": 400, "next": 10_000})
    acceptance = _acceptance(outbox)
    request = PutEventsRequest(events=[_event(item_id=f"i{n}") for n in range(3)])
    prepared = acceptance.prepare_put("web", Kind.EVENTS, request, request.events)
    first = acceptance.append(prepared)
    with pytest.raises(BudgetExhausted):
        acceptance.append(prepared)
    position, mirror = await first.stored
    await outbox.settle([Settlement(RecordRef(position, index)) for index in range(3)])
    again = acceptance.append(replace(prepared))
    assert (await again.stored)[0] > mirror
