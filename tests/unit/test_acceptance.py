"""From a message to chunks: routed, validated, encoded, appended."""

from collections.abc import Mapping
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
    PutItemsRequest,
    Rule,
    User,
)
from gateway.config import Config, DatasetGroup, Datasets, Route
from gateway.dataset_group import DatasetFacts, DatasetGroupFacts, TrackerFacts
from gateway.dataset_schema import DatasetSchema
from gateway.encoding.element import encode
from gateway.encoding.event_id import derived_event_id
from gateway.encoding.inverse import decode
from gateway.outbox.interface import DELIVERED, PENDING, BudgetExhausted, RecordRef, Settlement
from gateway.outbox.memory import MemoryOutbox
from gateway.records import Kind, Lane
from gateway.routing.router import DatasetGroupAmbiguous, RouteMissing, Router
from gateway.targets import EventsNotTaken, KindNotAvailable
from gateway.telemetry.metrics import RULES_BROKEN
from gateway.validation.validator import Validator
from gateway.validation.violation import Violation
from tests.support.schemas import optional, schema

_ARN = "arn:aws:personalize:eu-west-1:123456789012"


def _group(name: str) -> DatasetGroup:
    return DatasetGroup(
        arn=f"{_ARN}:dataset-group/{name}",
        tracking_id=f"{name}-events",
        action_interactions_tracking_id=f"{name}-interactions",
        datasets=Datasets(items=f"{_ARN}:dataset/{name}/ITEMS"),
    )


def _router(**storefront: Any) -> Router:
    web: dict[str, Any] = {"callers": ("web",), "dataset_group": "shop"}
    routes = [
        web | {"name": "storefront", "kinds": ["events"], "mirror_to": ["next"]} | storefront,
        web | {"name": "catalogue", "kinds": ["items"], "mirror_to": ["next"]},
        {"name": "a", "callers": ["both"], "kinds": ["events"], "dataset_group": "shop"},
        {"name": "b", "callers": ["both"], "kinds": ["events"], "dataset_group": "outlet"},
    ]
    config = Config(
        dataset_groups={name: _group(name) for name in ("shop", "next", "outlet")},
        routes=tuple(map(Route.model_validate, routes)),
    )
    return Router(config.routes, config.dataset_groups)


def _acceptance(
    outbox: MemoryOutbox, facts: Mapping[str, DatasetGroupFacts] | None = None, **storefront: Any
) -> Acceptance:
    RULES_BROKEN.values.clear()
    return Acceptance(_router(**storefront), Validator(), outbox, facts or {})


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
    items, events = await admission.stored
    await outbox.settle([Settlement(RecordRef(items, 1)), Settlement(RecordRef(events, 0))])
    assert await acceptance.outcomes_so_far(admission) == [
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
    (position,) = await first.stored
    await outbox.settle([Settlement(RecordRef(position, index)) for index in range(3)])
    again = acceptance.append(prepared._replace())
    assert (await again.stored)[0] > position


_INTERACTIONS = schema("USER_ID", "ITEM_ID", optional("DISCOUNT", "string"))
_PRODUCTS = schema("ITEM_ID", {"name": "PRICE", "type": "float"})


def _facts(
    name: str,
    items: DatasetSchema | None = None,
    events: DatasetSchema | None = None,
    status: str = "ACTIVE",
) -> DatasetGroupFacts:
    datasets = {
        Kind.ITEMS: DatasetFacts(f"arn:{name}/items", "ACTIVE", schema=items),
        Kind.EVENTS: DatasetFacts(f"arn:{name}/events", "ACTIVE", schema=events),
    }
    tracker = TrackerFacts("t", "arn:t", "tracking-id", status)
    return DatasetGroupFacts(name, f"arn:{name}", tracker, datasets, 1.0)


async def _elements(outbox: MemoryOutbox, lane: Lane) -> list[bytes]:
    stored = await outbox.read(lane, after=None, max_records=100, max_bytes=1 << 20)
    return [record.element for one in stored for record in one.chunk.records]


async def test_each_dataset_group_gets_records_of_its_own_schema() -> None:
    """A mirror with another schema is not judged by it; what does not fit goes as it was sent."""
    outbox = MemoryOutbox()
    other = schema("ITEM_ID", {"name": "PRICE", "type": "string"}, "REQUIRED")
    facts = {"shop": _facts("shop", _PRODUCTS), "next": _facts("next", other)}
    acceptance = _acceptance(outbox, facts)
    request = PutItemsRequest(items=[Item(item_id="i", properties={"PRICE": 31})])
    prepared = acceptance.prepare_put("web", Kind.ITEMS, request, request.items)
    await acceptance.append(prepared).stored
    assert await _elements(outbox, Lane("shop", Kind.ITEMS)) == [
        b'{"itemId":"i","properties":"{\\"price\\":31.0}"}'
    ]
    assert await _elements(outbox, Lane("next", Kind.ITEMS)) == [
        b'{"itemId":"i","properties":"{\\"price\\":\\"31\\"}"}'
    ]


def test_a_record_is_encoded_once_for_each_schema() -> None:
    """Dataset groups of equal schemas get the same records, of another one their own."""
    request = PutItemsRequest(items=[Item(item_id="i", properties={"price": 31})])
    same = schema("ITEM_ID", {"name": "PRICE", "type": "float"})
    for of_mirror, is_shared in ((same, True), (schema("ITEM_ID", "PRICE"), False), (None, False)):
        facts = {"shop": _facts("shop", _PRODUCTS), "next": _facts("next", of_mirror)}
        acceptance = _acceptance(MemoryOutbox(), facts)
        prepared = acceptance.prepare_put("web", Kind.ITEMS, request, request.items)
        (own,), (mirror,) = prepared.own, prepared.mirrors
        assert (own.records is mirror.records) is is_shared


def test_a_mirror_that_does_not_shed_is_stored_with_the_request() -> None:
    """It stands behind the request's own chunks, and is no part of what callers are limited by."""
    refusing: dict[str, Any] = {"mirror_to": [{"dataset_group": "next", "when_full": "refuse"}]}
    for storefront, chunks, mirrors in (({}, ["shop"], ["next"]), (refusing, ["shop", "next"], [])):
        acceptance = _acceptance(MemoryOutbox(), **storefront)
        request = PutEventsRequest(events=[_event()])
        prepared = acceptance.prepare_put("web", Kind.EVENTS, request, request.events)
        assert [chunk.lane.dataset_group for chunk in prepared.chunks] == chunks
        assert [chunk.lane.dataset_group for chunk in prepared.mirrors] == mirrors
        assert [chunk.lane.dataset_group for chunk in prepared.own] == ["shop"]


def test_an_event_keeps_its_id_when_the_schema_changes() -> None:
    """A retry after a refresh is the same event, though it is encoded in another way."""
    request = PutEventsRequest(events=[_event(item_id="i", properties={"DISCOUNT": 5})])
    found = []
    for events in (None, _INTERACTIONS, schema("ITEM_ID", optional("DISCOUNT", "int"))):
        acceptance = _acceptance(MemoryOutbox(), {"shop": _facts("shop", events=events)})
        prepared = acceptance.prepare_put("web", Kind.EVENTS, request, request.events)
        found.append(
            (prepared.event_ids[0], prepared.own[0].records[0].element.rpartition(b",")[2])
        )
    (event_id,) = {event_id for event_id, _ in found}
    assert event_id == derived_event_id("web", "shop", request.events[0])
    assert [properties for _, properties in found] == [
        b'"properties":"{\\"DISCOUNT\\":5}"}',
        b'"properties":"{\\"discount\\":\\"5\\"}"}',
        b'"properties":"{\\"discount\\":5}"}',
    ]


def _unknown() -> PutEventsRequest:
    return PutEventsRequest(events=[_event(item_id="i", properties={"colour": "red"})])


def test_a_route_says_whether_a_rule_refuses() -> None:
    """What is only counted is taken as it was sent; other rules refuse as ever."""
    facts = {"shop": _facts("shop", events=_INTERACTIONS)}
    request = _unknown()
    with pytest.raises(InvalidRequest) as caught:
        _acceptance(MemoryOutbox(), facts).prepare_put("web", Kind.EVENTS, request, request.events)
    assert [violation.rule for violation in caught.value.violations] == [Rule.RULE_UNKNOWN_PROPERTY]
    assert RULES_BROKEN.values == {("storefront", "UNKNOWN_PROPERTY", "refused"): 1}
    lenient = _acceptance(MemoryOutbox(), facts, rules={"UNKNOWN_PROPERTY": "count"})
    prepared = lenient.prepare_put("web", Kind.EVENTS, request, request.events)
    assert prepared.own[0].records[0].element.endswith(b'"{\\"colour\\":\\"red\\"}"}')
    assert RULES_BROKEN.values == {("storefront", "UNKNOWN_PROPERTY", "counted"): 1}
    request.events[0].session_id = ""
    with pytest.raises(InvalidRequest) as caught:
        lenient.prepare_put("web", Kind.EVENTS, request, request.events)
    assert [violation.rule for violation in caught.value.violations] == [Rule.RULE_REQUIRED]


def test_records_of_a_batch_are_judged_by_the_routes_of_their_kinds() -> None:
    """Each record by its own schema and strictness; one without a kind has no route."""
    facts = {"shop": _facts("shop", items=_PRODUCTS, events=_INTERACTIONS)}
    acceptance = _acceptance(MemoryOutbox(), facts, rules={"UNKNOWN_PROPERTY": "count"})
    request = IngestBatchRequest(
        records=[
            IngestRecord(event=_unknown().events[0]),
            IngestRecord(item=Item(item_id="i", properties={"colour": "red", "price": 1})),
            IngestRecord(item=Item(item_id="i", properties={"price": 1})),
            IngestRecord(),
            IngestRecord(user=User(user_id="u")),
        ]
    )
    prepared = acceptance.prepare_batch("web", request)
    assert [[*indices] for indices in prepared.indices] == [[0], [2]]
    said = [
        [violation.field for violation in refused.error.violations]
        if isinstance(refused.error, InvalidRequest)
        else type(refused.error)
        for refused in prepared.refused
    ]
    assert said == [['records[1].item.properties["colour"]'], ["records[3].kind"], RouteMissing]
    assert RULES_BROKEN.values == {
        ("storefront", "UNKNOWN_PROPERTY", "counted"): 1,
        ("catalogue", "UNKNOWN_PROPERTY", "refused"): 1,
        ("", "KIND", "refused"): 1,
    }


def test_a_batch_that_breaks_a_rule_itself_is_counted_without_a_route() -> None:
    """It is refused whole."""
    acceptance = _acceptance(MemoryOutbox())
    with pytest.raises(InvalidRequest) as caught:
        acceptance.prepare_batch("web", IngestBatchRequest())
    assert caught.value.violations == [
        Violation(
            "records", Rule.RULE_MIN_ITEMS, "must have a number of entries of at least 1", None
        )
    ]
    assert RULES_BROKEN.values == {("", "MIN_ITEMS", "refused"): 1}


def test_what_nothing_takes_is_refused_before_it_is_looked_at() -> None:
    """AWS has no such dataset or tracker."""
    facts = {"shop": DatasetGroupFacts("shop", "arn:shop", refreshed_at_s=1.0)}
    acceptance = _acceptance(MemoryOutbox(), facts)
    with pytest.raises(KindNotAvailable):
        acceptance.prepare_put("web", Kind.EVENTS, PutEventsRequest(), [])
    batch = IngestBatchRequest(records=[IngestRecord(item=Item()), IngestRecord(event=Event())])
    refused = acceptance.prepare_batch("web", batch).refused
    assert [type(one.error) for one in refused] == [KindNotAvailable] * 2
    assert RULES_BROKEN.values == {}


def test_events_before_their_tracker_is_active_are_taken_unless_the_route_says_no() -> None:
    """Delivery holds them; either is counted."""
    facts = {"shop": _facts("shop", status="CREATE IN_PROGRESS")}
    request = PutEventsRequest(events=[_event(), _event(item_id="i")])
    acceptance = _acceptance(MemoryOutbox(), facts)
    assert acceptance.prepare_put("web", Kind.EVENTS, request, request.events).own
    assert RULES_BROKEN.values == {("storefront", "TRACKER_NOT_ACTIVE", "counted"): 2}
    strict = _acceptance(MemoryOutbox(), facts, rules={"TRACKER_NOT_ACTIVE": "refuse"})
    with pytest.raises(EventsNotTaken):
        strict.prepare_put("web", Kind.EVENTS, request, request.events)
    assert RULES_BROKEN.values == {("storefront", "TRACKER_NOT_ACTIVE", "refused"): 1}


def test_event_types_beyond_the_limit_are_counted_in_accepted_requests() -> None:
    """The metadata column of the schema takes one of the ten; what is refused does not count."""
    acceptance = _acceptance(MemoryOutbox(), {"shop": _facts("shop", events=_INTERACTIONS)})
    events = [_event(item_id="i") for _ in range(10)]
    for number, event in enumerate(events):
        event.event_type = f"type-{number}"
    bad = _event()
    bad.event_type = "of a request that is refused"
    with pytest.raises(InvalidRequest):
        acceptance.prepare_put("web", Kind.EVENTS, PutEventsRequest(events=[bad]), [bad])
    RULES_BROKEN.values.clear()
    acceptance.prepare_put("web", Kind.EVENTS, PutEventsRequest(events=events), events)
    assert RULES_BROKEN.values == {("storefront", "EVENT_TYPES", "counted"): 1}


def test_a_reconfigured_acceptance_goes_by_what_it_was_given() -> None:
    """Routes and facts are replaced together; what was prepared before stays as it is."""
    acceptance = _acceptance(MemoryOutbox())
    request = _unknown()
    before = acceptance.prepare_put("web", Kind.EVENTS, request, request.events)
    acceptance.reconfigure(
        _router(name="new", mirror_to=[]), {"shop": _facts("shop", events=_INTERACTIONS)}
    )
    with pytest.raises(InvalidRequest):
        acceptance.prepare_put("web", Kind.EVENTS, request, request.events)
    assert RULES_BROKEN.values == {("new", "UNKNOWN_PROPERTY", "refused"): 1}
    assert (before.own[0].route, len(before.mirrors)) == ("storefront", 1)


def test_a_record_is_renewed_by_the_schema_of_its_lane() -> None:
    """With the strictness of the route, where it still leads there, and else with the usual."""
    facts = {"shop": _facts("shop", items=_PRODUCTS, events=_INTERACTIONS)}
    acceptance = _acceptance(MemoryOutbox(), facts, rules={"UNKNOWN_PROPERTY": "count"})
    lane = Lane("shop", Kind.ITEMS)
    item = Item(item_id="i", properties={"PRICE": "31"})
    old = encode(Kind.ITEMS, item)
    renewed = acceptance.renew(lane, "web", decode(Kind.ITEMS, old))
    assert renewed == encode(Kind.ITEMS, item, schema=_PRODUCTS)
    assert renewed.element == b'{"itemId":"i","properties":"{\\"price\\":31.0}"}'
    event = _unknown().events[0]
    found = acceptance.renew(Lane("shop", Kind.EVENTS), "web", IngestRecord(event=event))
    assert found == encode(
        Kind.EVENTS, event, derived_event_id("web", "shop", event), _INTERACTIONS
    )
    for caller, record in (("gone", IngestRecord(event=event)), ("web", IngestRecord(item=Item()))):
        with pytest.raises(InvalidRequest):
            acceptance.renew(Lane("shop", Kind.EVENTS), caller, record)
    with pytest.raises(InvalidRequest) as caught:
        acceptance.renew(lane, "web", IngestRecord(item=Item(item_id="i")))
    (violation,) = caught.value.violations
    assert violation.field == 'records[0].item.properties["price"]'
