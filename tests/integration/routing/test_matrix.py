"""Every identity by every kind: what the routes allow, and how exactly the rest is refused."""

from itertools import product

import grpc
import pytest
from google.rpc.error_details_pb2 import QuotaFailure, ResourceInfo, RetryInfo
from personalize_gateway.v1.catalog_service_pb2 import PutItemsRequest, PutUsersRequest
from personalize_gateway.v1.catalog_service_pb2_grpc import CatalogServiceStub
from personalize_gateway.v1.event_service_pb2 import PutEventsRequest
from personalize_gateway.v1.event_service_pb2_grpc import EventServiceStub
from personalize_gateway.v1.ingest_service_pb2 import IngestBatchRequest, IngestRecord
from personalize_gateway.v1.ingest_service_pb2_grpc import IngestServiceStub
from personalize_gateway.v1.item_pb2 import Item
from personalize_gateway.v1.user_pb2 import User

from gateway.telemetry.metrics import LIMITS_EXCEEDED
from tests.integration.routing.conftest import Served
from tests.support.messages import event
from tests.support.refused import RefusedCall, refused

WEB = "spiffe://example.org/ns/shop/sa/web"
APP = "spiffe://example.org/ns/shop/sa/app"
BANK = "spiffe://example.org/ns/bank/sa/web"
IDENTITIES = (WEB, APP, BANK, "import", "ops")
KINDS = ("events", "items", "users")
NAMES = ("", "shop", "next", "lab", "shpo")

ROUTES_OF = {
    WEB: "events → lab, events → shop, users → shop",
    APP: "events → lab, events → shop, users → shop",
    BANK: "events → lab",
    "import": "events → lab, items → next, items → shop",
    "ops": "events → lab",
}
ALLOWED = {
    **{(WEB, "events", name): {"shop"} for name in ("", "shop")},
    **{(APP, "events", name): {"shop", "next", "lab"} for name in ("", "shop")},
    **{
        (who, "users", name): {"shop", "next", "lab"} for who in (WEB, APP) for name in ("", "shop")
    },
    **{(who, "events", "lab"): {"lab"} for who in IDENTITIES},
    **{(who, "events", ""): {"lab"} for who in (BANK, "import", "ops")},
    ("import", "items", "shop"): {"shop"},
    ("import", "items", "next"): {"next"},
}
"""Where a request leads to, copies included; all others are refused."""


async def put(channel: grpc.aio.Channel, caller: str, kind: str, name: str, count: int = 1) -> None:
    """Send valid records of a kind."""
    metadata = (("x-caller", caller),)
    if kind == "events":
        events = [event(event_id=f"e{n}") for n in range(count)]
        request = PutEventsRequest(dataset_group=name, events=events)
        await EventServiceStub(channel).PutEvents(request, metadata=metadata)
    elif kind == "items":
        items = PutItemsRequest(dataset_group=name, items=[Item(item_id="i1")])
        await CatalogServiceStub(channel).PutItems(items, metadata=metadata)
    else:
        users = PutUsersRequest(dataset_group=name, users=[User(user_id="u1")])
        await CatalogServiceStub(channel).PutUsers(users, metadata=metadata)


def expected(caller: str, kind: str, name: str) -> RefusedCall:
    """Return the refusal of what is not allowed."""
    if name == "shpo":
        routes = [entry.split(" → ") for entry in ROUTES_OF[caller].split(", ")]
        choices = ", ".join(group for sent, group in routes if sent == kind)
        instead = f"; name one of {choices}" if choices else ", and no route to another"
        message = f"there is no dataset group 'shpo'{instead}"
        info = ResourceInfo(
            resource_type="dataset_group", resource_name="shpo", description=message
        )
        return RefusedCall(
            grpc.StatusCode.NOT_FOUND,
            message,
            "DATASET_GROUP_UNKNOWN",
            others={"ResourceInfo": info},
        )
    if (caller, kind, name) == ("import", "items", ""):
        several = "caller 'import' may send items to several dataset groups; name one of next, shop"
        return RefusedCall(
            grpc.StatusCode.INVALID_ARGUMENT,
            several,
            "DATASET_GROUP_AMBIGUOUS",
            {"choices": "next,shop"},
        )
    where = f" to dataset group '{name}'" if name else ""
    message = f"no route lets caller '{caller}' send {kind}{where}"
    return RefusedCall(
        grpc.StatusCode.PERMISSION_DENIED,
        f"{message}; its routes allow: {ROUTES_OF[caller]}",
        "ROUTE_MISSING",
    )


@pytest.mark.parametrize(("caller", "kind", "name"), list(product(IDENTITIES, KINDS, NAMES)))
async def test_a_request_goes_where_the_routes_lead(
    served: Served, caller: str, kind: str, name: str
) -> None:
    """And nowhere else; a refusal says what would be needed, and stores nothing."""
    allowed = ALLOWED.get((caller, kind, name))
    if allowed is not None:
        await put(served.channel, caller, kind, name)
    else:
        found = await refused(put(served.channel, caller, kind, name))
        assert {**vars_of(found), "trailer_bytes": 0} == vars_of(expected(caller, kind, name))
    lanes = await served.outbox.lanes()
    assert {lane.dataset_group for lane in lanes} == (allowed or set())


def vars_of(refusal: RefusedCall) -> dict[str, object]:
    """Return the attributes of a refusal."""
    return {name: getattr(refusal, name) for name in RefusedCall.__dataclass_fields__}


@pytest.mark.parametrize("batch", [False, True])
async def test_past_its_limit_a_caller_is_told_when_to_come_again(
    served: Served, *, batch: bool
) -> None:
    """Only on the route that has the limit; what was refused is not stored, and is counted."""
    LIMITS_EXCEEDED.values.clear()
    await put(served.channel, WEB, "events", "", count=5)
    if batch:
        request = IngestBatchRequest(records=[IngestRecord(event=event())])
        stub = IngestServiceStub(served.channel)
        found = await refused(stub.IngestBatch(request, metadata=(("x-caller", WEB),)))
    else:
        found = await refused(put(served.channel, WEB, "events", ""))
    retry, quota = found.others["RetryInfo"], found.others["QuotaFailure"]
    assert isinstance(retry, RetryInfo)
    assert isinstance(quota, QuotaFailure)
    message = f"caller '{WEB}' has reached the limit of route 'web': 0.001 records a second"
    assert (found.code, found.reason, found.message, found.metadata) == (
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        "CALLER_LIMIT_REACHED",
        message,
        {"route": "web", "limit": "records_per_s"},
    )
    assert [(one.subject, one.description) for one in quota.violations] == [
        ("route:web/records_per_s", message)
    ]
    assert 900 < retry.retry_delay.seconds <= 1000
    assert LIMITS_EXCEEDED.values == {("web", "records_per_s"): 1}
    await put(served.channel, WEB, "users", "")
    await put(served.channel, APP, "events", "")
