"""The put RPC of each kind, as a client calls it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import grpc
from google.protobuf.message import Message
from personalize_gateway.v1 import catalog_service_pb2 as catalog
from personalize_gateway.v1 import event_service_pb2 as event
from personalize_gateway.v1.catalog_service_pb2_grpc import CatalogServiceStub
from personalize_gateway.v1.event_service_pb2_grpc import EventServiceStub

from gateway.records import Kind

Channel = grpc.Channel | grpc.aio.Channel


@dataclass(frozen=True, slots=True)
class PutRpc:
    """A put RPC.

    Attributes:
        request: the type of its request.
        stub: makes the stub of its service for a channel.
        method: its name.
    """

    request: type[Message]
    stub: Callable[[Any], Any]
    method: str

    def call(self, channel: Channel, request: Message, **how: Any) -> Any:  # noqa: ANN401 - of any kind
        """Call it with the arguments of stubs; return what they return on such a channel."""
        return getattr(self.stub(channel), self.method)(request, **how)


PUT_RPCS: Mapping[Kind, PutRpc] = {
    Kind.EVENTS: PutRpc(event.PutEventsRequest, EventServiceStub, "PutEvents"),
    Kind.ACTION_INTERACTIONS: PutRpc(
        event.PutActionInteractionsRequest, EventServiceStub, "PutActionInteractions"
    ),
    Kind.ITEMS: PutRpc(catalog.PutItemsRequest, CatalogServiceStub, "PutItems"),
    Kind.USERS: PutRpc(catalog.PutUsersRequest, CatalogServiceStub, "PutUsers"),
    Kind.ACTIONS: PutRpc(catalog.PutActionsRequest, CatalogServiceStub, "PutActions"),
}
