"""Who may send what where: identities, routes and kinds, on a real server with TLS."""

from collections.abc import Awaitable, Mapping
from itertools import product
from typing import Any

import grpc
import pytest
from google.protobuf.message import Message
from personalize_gateway.v1.catalog_service_pb2 import PutItemsRequest, PutUsersRequest
from personalize_gateway.v1.catalog_service_pb2_grpc import CatalogServiceStub
from personalize_gateway.v1.event_service_pb2 import PutEventsRequest
from personalize_gateway.v1.event_service_pb2_grpc import EventServiceStub
from personalize_gateway.v1.tracker_service_pb2 import ListEventTrackersRequest
from personalize_gateway.v1.tracker_service_pb2_grpc import TrackerServiceStub
from personalize_gateway.v1.user_pb2 import User

from gateway.identity.tokens import new_token
from tests.support.certificates import uri
from tests.support.identity import Metadata, Pki, serving
from tests.support.messages import event, item
from tests.support.refused import RefusedCall, refused

SHOP = "spiffe://example.org/ns/shop/sa/"
GROUPS = ("shop", "outlet", "none")
IMPORTER = new_token("importer")

ROUTES = """
dataset_groups:
  shop:
    arn: arn:aws:personalize:eu-west-1:123456789012:dataset-group/shop
    discover: false
    tracking_id: tracking-shop
    datasets:
      items: "arn:aws:personalize:eu-west-1:123456789012:dataset/shop/ITEMS"
      users: "arn:aws:personalize:eu-west-1:123456789012:dataset/shop/USERS"
  outlet:
    arn: arn:aws:personalize:eu-west-1:123456789012:dataset-group/outlet
    discover: false
    tracking_id: tracking-outlet
    datasets:
      items: "arn:aws:personalize:eu-west-1:123456789012:dataset/outlet/ITEMS"
routes:
  - {name: any-shop, callers: ["spiffe://example.org/ns/shop/sa/*"], kinds: [events],
     dataset_group: shop}
  - {name: web, callers: ["spiffe://example.org/ns/shop/sa/web"], kinds: [users],
     dataset_group: shop}
  - {name: catalogue, callers: [importer], kinds: [items], dataset_group: shop}
  - {name: outlet, callers: [importer], kinds: [items], dataset_group: outlet}
"""

ALLOWED: Mapping[str, frozenset[tuple[str, str]]] = {
    "web": frozenset({("events", "shop"), ("users", "shop")}),
    "app": frozenset({("events", "shop")}),
    "importer": frozenset({("items", "shop"), ("items", "outlet")}),
    "stranger": frozenset(),
}
"""What each caller may send where."""

TOLD = {
    "web": "its routes allow: events → shop, users → shop",
    "app": "its routes allow: events → shop",
    "importer": "its routes allow: items → outlet, items → shop",
    "stranger": "it has no route",
}


def sections(pki: Pki) -> str:
    """Return `server` and `identity`: a certificate for everybody, a token for some."""
    (pki.folder / "tokens").write_text(IMPORTER.line)
    return (
        f"server: {{tls: {{cert: {pki.folder}/tls.crt, key: {pki.folder}/tls.key,"
        f" client_ca: {pki.folder}/ca.crt}}}}\n"
        f"identity: {{from: [token, mtls], tokens: {{file: {pki.folder}/tokens}}}}\n"
        f'admins: ["{SHOP}web"]\n'
    )


def identity_of(caller: str) -> tuple[str, Metadata]:
    """Return the SPIFFE ID of a caller's certificate, and what it sends besides."""
    if caller == "importer":
        return "spiffe://example.org/mesh", (("authorization", f"Bearer {IMPORTER.token}"),)
    return (f"{SHOP}{caller}" if caller != "stranger" else "spiffe://example.org/stranger"), ()


async def sent(
    channel: grpc.aio.Channel, kind: str, dataset_group: str, metadata: Metadata
) -> RefusedCall | None:
    """Send one record; return what it is refused with, None where it is taken."""

    def call() -> Awaitable[Any]:
        put, request = _puts(channel, dataset_group)[kind]
        answer: Awaitable[Any] = put(request, metadata=tuple(metadata), timeout=30)
        return answer

    try:
        await call()
    except grpc.aio.AioRpcError:
        return await refused(call())
    return None


def _puts(channel: Any, dataset_group: str) -> Mapping[str, tuple[Any, Message]]:
    catalogue = CatalogServiceStub(channel)
    user = User(user_id="u1", properties={"age": 3})
    return {
        "events": (
            EventServiceStub(channel).PutEvents,
            PutEventsRequest(events=[event()], dataset_group=dataset_group),
        ),
        "items": (
            catalogue.PutItems,
            PutItemsRequest(items=[item("i1")], dataset_group=dataset_group),
        ),
        "users": (
            catalogue.PutUsers,
            PutUsersRequest(users=[user], dataset_group=dataset_group),
        ),
    }


@pytest.mark.parametrize("caller", ALLOWED)
async def test_each_caller_sends_what_its_routes_let_it(pki: Pki, caller: str) -> None:
    """And is told of the others exactly why not, and of no dataset group but its own."""
    spiffe_id, metadata = identity_of(caller)
    certificate = pki.clients.issue(uri(spiffe_id))
    async with (
        serving(sections(pki), ROUTES) as served,
        served.channel(pki.servers.trusting(certificate)) as channel,
    ):
        for kind, group in product(("events", "items", "users"), GROUPS):
            error = await sent(channel, kind, group, metadata)
            if (kind, group) in ALLOWED[caller]:
                assert error is None
            elif group == "none":
                assert error is not None
                assert (error.code, error.reason) == (
                    grpc.StatusCode.NOT_FOUND,
                    "DATASET_GROUP_UNKNOWN",
                )
            else:
                assert error is not None
                assert (error.code, error.reason) == (
                    grpc.StatusCode.PERMISSION_DENIED,
                    "ROUTE_MISSING",
                )
                assert error.message.endswith(TOLD[caller])


@pytest.mark.parametrize("caller", ALLOWED)
async def test_only_an_administrator_asks_for_trackers(pki: Pki, caller: str) -> None:
    """Whatever routes there are; who is one is told what is wrong with the request."""
    spiffe_id, metadata = identity_of(caller)
    certificate = pki.clients.issue(uri(spiffe_id))
    async with (
        serving(sections(pki), ROUTES, with_trackers=True) as served,
        served.channel(pki.servers.trusting(certificate)) as channel,
    ):
        error = await refused(
            TrackerServiceStub(channel).ListEventTrackers(
                ListEventTrackersRequest(dataset_group="none"),
                metadata=tuple(metadata),
                timeout=30,
            )
        )
    reason = "DATASET_GROUP_UNKNOWN" if caller == "web" else "ADMIN_REQUIRED"
    assert error.reason == reason
