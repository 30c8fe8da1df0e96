"""The client that blocks, on a channel that is none."""

import inspect
from collections.abc import Callable
from typing import Any

import pytest
from grpc import StatusCode
from personalize_gateway import (
    GatewayClient,
    GatewayError,
    Options,
    Violation,
    action,
    action_interaction,
    aio,
    event,
    insecure,
    item,
    user,
)
from personalize_gateway.v1.acknowledgement_pb2 import ACK_LEVEL_DELIVERED, ACK_LEVEL_DURABLE
from personalize_gateway.v1.catalog_service_pb2 import (
    PutActionsResponse,
    PutItemsResponse,
    PutUsersResponse,
)
from personalize_gateway.v1.event_pb2 import Event
from personalize_gateway.v1.event_service_pb2 import (
    PutActionInteractionsResponse,
    PutEventsResponse,
)
from personalize_gateway.v1.ingest_service_pb2 import IngestBatchResponse

from tests.support.statuses import trailers
from tests.unit.client.conftest import FakeChannel

_CALLS: tuple[tuple[str, str, Callable[[GatewayClient], Any], Any], ...] = (
    ("PutEvents", "events", lambda c: c.put_events([event("s", "View")]), PutEventsResponse()),
    (
        "PutActionInteractions",
        "action_interactions",
        lambda c: c.put_action_interactions([action_interaction("s", "Taken", "a")]),
        PutActionInteractionsResponse(),
    ),
    ("PutItems", "items", lambda c: c.put_items([item("i")]), PutItemsResponse()),
    ("PutUsers", "users", lambda c: c.put_users([user("u")]), PutUsersResponse()),
    ("PutActions", "actions", lambda c: c.put_actions([action("a")]), PutActionsResponse()),
    ("IngestBatch", "records", lambda c: c.ingest_batch([item("i")]), IngestBatchResponse()),
)


@pytest.mark.parametrize(("method", "records", "call", "response"), _CALLS)
def test_each_method_sends_its_request(
    fake: FakeChannel, method: str, records: str, call: Callable[..., Any], response: Any
) -> None:
    """With the dataset group of the options, and who calls."""
    options = Options(dataset_group="shop")
    client = GatewayClient("localhost:1", insecure("web"), options, channel=fake.channel)
    answer = fake.calling(call, client)
    taken = fake.unary(method)
    taken.answer(response)
    assert answer.result() == response
    assert len(getattr(taken.request, records)) == 1
    assert (taken.request.dataset_group, taken.request.ack_level) == ("shop", ACK_LEVEL_DURABLE)
    assert taken.metadata == {"x-caller": "web"}


def test_a_call_may_say_otherwise(fake: FakeChannel) -> None:
    """Dataset group and level of acknowledgement."""
    client = GatewayClient("x:1", options=Options(dataset_group="shop"), channel=fake.channel)
    answer = fake.calling(
        client.put_events, [event("s", "View")], dataset_group="", ack_level=ACK_LEVEL_DELIVERED
    )
    taken = fake.unary("PutEvents")
    taken.answer(PutEventsResponse())
    answer.result()
    assert (taken.request.dataset_group, taken.request.ack_level) == ("", ACK_LEVEL_DELIVERED)


def test_an_exhausted_gateway_is_sent_the_same_event_again(fake: FakeChannel) -> None:
    """After the delay that it names; the ID was there before the first attempt."""
    options = Options(timeout_s=60, initial_backoff_s=0.001)
    client = GatewayClient("x:1", options=options, channel=fake.channel)
    answer = fake.calling(client.put_events, [Event(session_id="s")])
    first = fake.unary("PutEvents")
    code = StatusCode.RESOURCE_EXHAUSTED
    busy = trailers(code, "CALLER_LIMIT_REACHED", retry_after_s=0.001)
    first.answer(None, code, busy)
    second = fake.unary("PutEvents")
    second.answer(PutEventsResponse(event_ids=["e"]))
    assert answer.result().event_ids == ["e"]
    assert first.request.events[0].event_id
    assert first.request == second.request


def test_a_refusal_is_an_error_with_its_violations(fake: FakeChannel) -> None:
    """It is not sent again."""
    client = GatewayClient("x:1", channel=fake.channel)
    answer = fake.calling(client.put_events, [Event()])
    code = StatusCode.INVALID_ARGUMENT
    wrong = trailers(code, "INVALID_FIELDS", violations=(("events[0].session_id", "REQUIRED"),))
    fake.unary("PutEvents").answer(None, code, wrong)
    with pytest.raises(GatewayError) as caught:
        answer.result()
    assert (caught.value.code, caught.value.reason) == (code, "INVALID_FIELDS")
    assert caught.value.violations == (Violation("events[0].session_id", "REQUIRED", "is wrong"),)


def test_credentials_that_are_not_for_the_target_are_refused() -> None:
    """Before anything is sent."""
    with pytest.raises(ValueError, match="for loopback"):
        GatewayClient("gateway:50051", insecure("web"))


def test_both_clients_have_the_same_methods() -> None:
    """The one for asyncio differs in that it is awaited."""

    def shape(client: type) -> dict[str, Any]:
        public = inspect.getmembers(client, inspect.isfunction)
        return {n: inspect.signature(m).parameters.keys() for n, m in public if n[0] != "_"}

    assert shape(GatewayClient) == shape(aio.GatewayClient)
