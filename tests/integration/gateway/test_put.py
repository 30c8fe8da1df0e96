"""A service calls over gRPC, and Personalize has the record."""

import asyncio
import json
from typing import Any

import grpc
import pytest
from personalize_gateway.v1.acknowledgement_pb2 import (
    ACK_LEVEL_DELIVERED,
    ACK_LEVEL_DURABLE,
    OUTCOME_STATE_DEAD_LETTERED,
    OUTCOME_STATE_DELIVERED,
    OUTCOME_STATE_PENDING,
)
from personalize_gateway.v1.action_interaction_pb2 import ActionInteraction
from personalize_gateway.v1.action_pb2 import Action
from personalize_gateway.v1.catalog_service_pb2 import (
    PutActionsRequest,
    PutItemsRequest,
    PutUsersRequest,
)
from personalize_gateway.v1.catalog_service_pb2_grpc import CatalogServiceStub
from personalize_gateway.v1.event_pb2 import Event
from personalize_gateway.v1.event_service_pb2 import (
    PutActionInteractionsRequest,
    PutEventsRequest,
)
from personalize_gateway.v1.event_service_pb2_grpc import EventServiceStub
from personalize_gateway.v1.user_pb2 import User

from gateway import embedded, rules
from gateway.config import Config
from gateway.personalize.emulator import Answer, Emulator, Fault
from gateway.rpc import acknowledgement
from tests.support.messages import AT, event, item
from tests.support.refused import refused
from tests.support.running import Running, patient


def _records(emulator: Emulator, kind: str) -> list[dict[str, Any]]:
    """Return what arrived of a kind, its properties parsed."""
    found = [json.loads(record.element) for record in emulator.records(kind, "demo")]
    for element in found:
        if "properties" in element:
            element["properties"] = json.loads(element["properties"])
    return found


async def test_an_event_arrives_with_every_member(running: Running) -> None:
    """All that a caller can say of an event is in Personalize afterwards."""
    said = event(
        user_id="u1",
        event_id="e1",
        event_value=12.5,
        recommendation_id="RID-1",
        impression=["i1", "i2"],
        event_attribution_source="newsletter",
    )
    said.properties.update({"discount": "Ja, süß 🦊", "quantity": 3})
    response = await EventServiceStub(running.channel).PutEvents(
        PutEventsRequest(events=[said], ack_level=ACK_LEVEL_DELIVERED)
    )
    assert (response.ack_level, list(response.event_ids)) == (ACK_LEVEL_DELIVERED, ["e1"])
    assert [outcome.state for outcome in response.outcomes] == [OUTCOME_STATE_DELIVERED]
    (record,) = running.emulator.records("events")
    assert (record.session_id, record.user_id) == ("s1", "u1")
    assert _records(running.emulator, "events") == [
        {
            "eventId": "e1",
            "eventType": "View",
            "eventValue": 12.5,
            "itemId": "i1",
            "sentAt": 1_790_000_000,
            "recommendationId": "RID-1",
            "impression": ["i1", "i2"],
            "metricAttribution": {"eventAttributionSource": "newsletter"},
            "properties": {"discount": "Ja, süß 🦊", "quantity": 3},
        }
    ]


async def test_the_other_four_kinds_arrive(running: Running) -> None:
    """Each put operation of Personalize is reached by its own RPC."""
    events, catalog = EventServiceStub(running.channel), CatalogServiceStub(running.channel)
    interaction = ActionInteraction(
        session_id="s", user_id="u", event_type="Taken", action_id="a1", event_time=AT
    )
    user, action = User(user_id="u1"), Action(action_id="a1")
    user.properties.update({"age": 31, "membership": "gold"})
    action.properties.update({"value": 7, "channel": ["mail", "push"]})
    asked: dict[str, Any] = {"ack_level": ACK_LEVEL_DELIVERED}
    responses: list[Any] = [
        await events.PutActionInteractions(
            PutActionInteractionsRequest(action_interactions=[interaction], **asked)
        ),
        await catalog.PutItems(PutItemsRequest(items=[item("i1", promoted=True)], **asked)),
        await catalog.PutUsers(PutUsersRequest(users=[user], **asked)),
        await catalog.PutActions(PutActionsRequest(actions=[action], **asked)),
    ]
    assert [response.ack_level for response in responses] == [ACK_LEVEL_DELIVERED] * 4
    (arrived,) = _records(running.emulator, "action_interactions")
    assert arrived.pop("eventId") == responses[0].event_ids[0]
    assert arrived == {
        "actionId": "a1",
        "userId": "u",
        "sessionId": "s",
        "timestamp": 1_790_000_000,
        "eventType": "Taken",
    }
    assert _records(running.emulator, "items") == [
        {"itemId": "i1", "properties": {"category": "shoes", "price": 1.5, "promoted": True}}
    ]
    assert _records(running.emulator, "users") == [
        {"userId": "u1", "properties": {"age": 31, "membership": "gold"}}
    ]
    assert _records(running.emulator, "actions") == [
        {"actionId": "a1", "properties": {"channel": "mail|push", "value": 7}}
    ]


async def test_a_retry_is_the_same_event(running: Running) -> None:
    """Without an event ID of the caller's, the same content gets the same one."""
    stub = EventServiceStub(running.channel)
    request = PutEventsRequest(events=[event(), event(item_id="i2")])
    first = await stub.PutEvents(request)
    second = await stub.PutEvents(request)
    assert first.event_ids == second.event_ids
    assert len(set(first.event_ids)) == 2
    assert first.ack_level == ACK_LEVEL_DURABLE


class TestShared:
    """A gateway where a record waits for as many others as a call takes."""

    @pytest.fixture
    def config(self, emulator: Emulator) -> Config:
        """For a minute: what fills a call does not wait."""
        whole = patient(embedded.configuration(emulator, "127.0.0.1:0"))
        delivery = whole.delivery.model_copy(update={"linger_s": 60.0})
        return whole.model_copy(update={"delivery": delivery})

    async def test_callers_share_calls(self, running: Running) -> None:
        """Ten records of ten requests make one call."""
        stub = CatalogServiceStub(running.channel)
        calls = [
            stub.PutItems(
                PutItemsRequest(items=[item(f"i{n}")], ack_level=ACK_LEVEL_DELIVERED),
                metadata=(("x-caller", f"service-{n % 3}"),),
            )
            for n in range(10)
        ]
        for call in calls:
            await call
        stats = running.emulator.stats()["operations"]["PutItems"]
        assert (stats["calls"], stats["records"]) == (1, 10)


async def test_a_request_that_breaks_rules_is_refused_whole(running: Running) -> None:
    """Every violation has its path and rule, and nothing of the request is stored."""
    bad = event(user_id="", session_id="null")
    bad.properties.update({"timestamp": 5, "nested": {"a": 1}})
    answer = await refused(
        EventServiceStub(running.channel).PutEvents(PutEventsRequest(events=[event(), bad]))
    )
    assert (answer.code, answer.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELDS")
    assert sorted(answer.violations) == [
        ('events[1].properties["nested"]', "NESTED_PROPERTY"),
        ('events[1].properties["timestamp"]', "RESERVED_PROPERTY"),
        ("events[1].session_id", "PLACEHOLDER_ID"),
        ("events[1].user_id", "MIN_LENGTH"),
    ]
    assert answer.metadata == {"violations": "4"}
    assert running.emulator.records() == []


async def test_a_trailer_stays_small_however_much_is_wrong(running: Running) -> None:
    """GRPC ends at 8 KiB of trailers: at most 20 violations and 4 KiB, and the total is told."""
    request = PutEventsRequest(events=[Event(impression=[""] * 25)] * 500)
    answer = await refused(EventServiceStub(running.channel).PutEvents(request))
    assert len(answer.violations) <= 20
    assert answer.trailer_bytes <= 5 * 1024
    assert int(answer.metadata["violations"]) == 500 * (4 + 25)
    assert answer.violations[1][0].startswith("events[1]")


async def test_bytes_that_are_no_message_are_the_callers_fault(running: Running) -> None:
    """INVALID_ARGUMENT with the path, not UNKNOWN."""
    put: Any = running.channel.unary_unary("/personalize_gateway.v1.EventService/PutEvents")
    data = PutEventsRequest(events=[event(), event(session_id="xx")]).SerializeToString()
    answer = await refused(put(data.replace(b"xx", b"\xff\xfe")))
    assert (answer.code, answer.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "MALFORMED_MESSAGE")
    assert answer.violations == [("events[1].session_id", "")]
    assert "not valid UTF-8" in answer.message
    answer = await refused(put(data[:-1]))
    assert answer.reason == "MALFORMED_MESSAGE"


async def test_a_message_beyond_the_limit_is_told_the_limit(running: Running) -> None:
    """RESOURCE_EXHAUSTED names 4 MiB."""
    put: Any = running.channel.unary_unary("/personalize_gateway.v1.EventService/PutEvents")
    answer = await refused(put(b"\0" * (4 * 1024 * 1024 + 1)))
    assert (answer.code, answer.reason) == (
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        "MESSAGE_TOO_LARGE",
    )
    assert answer.metadata == {"limit_bytes": str(4 * 1024 * 1024)}


async def test_an_unknown_dataset_group_is_not_found(running: Running) -> None:
    """NOT_FOUND with the name."""
    answer = await refused(
        EventServiceStub(running.channel).PutEvents(
            PutEventsRequest(dataset_group="shpo", events=[event()])
        )
    )
    assert (answer.code, answer.reason) == (grpc.StatusCode.NOT_FOUND, "DATASET_GROUP_UNKNOWN")
    assert set(answer.others) == {"ResourceInfo"}


async def test_who_waits_for_delivery_is_answered_before_the_deadline(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While Personalize is away the answer is OK: durable and pending; later the event arrives."""
    margin_s = 30.0  # no machine is too busy to answer in that time
    monkeypatch.setattr(acknowledgement, "DEADLINE_MARGIN_S", margin_s)
    running.emulator.faults.add(Fault(answer=Answer.UNAVAILABLE))
    stub = EventServiceStub(running.channel)
    response = await stub.PutEvents(
        PutEventsRequest(events=[event()], ack_level=ACK_LEVEL_DELIVERED), timeout=margin_s + 0.3
    )
    assert response.ack_level == ACK_LEVEL_DURABLE
    assert [outcome.state for outcome in response.outcomes] == [OUTCOME_STATE_PENDING]
    running.emulator.faults.clear()
    last = event(item_id="i2")
    await stub.PutEvents(PutEventsRequest(events=[last], ack_level=ACK_LEVEL_DELIVERED))
    assert {record["itemId"] for record in _records(running.emulator, "events")} == {"i1", "i2"}


async def test_who_waits_for_delivery_is_answered_when_the_gateway_stops(running: Running) -> None:
    """OK and pending: UNAVAILABLE would mean that nothing was stored."""
    running.emulator.faults.add(Fault(answer=Answer.UNAVAILABLE))
    waiting = asyncio.ensure_future(
        EventServiceStub(running.channel).PutEvents(
            PutEventsRequest(events=[event()], ack_level=ACK_LEVEL_DELIVERED)
        )
    )
    async with asyncio.timeout(60):
        while "PutEvents" not in running.emulator.stats()["operations"]:  # noqa: ASYNC110 - no event
            await asyncio.sleep(0.01)
    stopping = asyncio.create_task(running.gateway.stop())
    response = await waiting
    assert response.ack_level == ACK_LEVEL_DURABLE
    assert [outcome.state for outcome in response.outcomes] == [OUTCOME_STATE_PENDING]
    running.emulator.faults.clear()
    await stopping
    assert len(running.emulator.records("events")) == 1


class TestCounted:
    """A route that counts wrong types and refuses nothing for them."""

    @pytest.fixture
    def config(self, emulator: Emulator) -> Config:
        """The rule is on the route."""
        whole = patient(embedded.configuration(emulator, "127.0.0.1:0"))
        route = whole.routes[0].model_copy(update={"rules": {"PROPERTY_TYPE": rules.Action.COUNT}})
        return whole.model_copy(update={"routes": (route,)})

    async def test_what_personalize_refuses_is_told_to_who_waits_for_delivery(
        self, running: Running
    ) -> None:
        """One bad record of three is a dead letter with its reason; the others are delivered."""
        wrong = item("i2", price="not a price")
        response = await CatalogServiceStub(running.channel).PutItems(
            PutItemsRequest(items=[item("i1"), wrong, item("i3")], ack_level=ACK_LEVEL_DELIVERED)
        )
        assert response.ack_level == ACK_LEVEL_DELIVERED
        assert [outcome.state for outcome in response.outcomes] == [
            OUTCOME_STATE_DELIVERED,
            OUTCOME_STATE_DEAD_LETTERED,
            OUTCOME_STATE_DELIVERED,
        ]
        assert response.outcomes[1].reason == "InvalidInputException"
        assert response.outcomes[1].dead_letter_id
        assert {record["itemId"] for record in _records(running.emulator, "items")} == {"i1", "i3"}
