"""The client for asyncio."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from types import TracebackType
from typing import Self, TypeVar

import grpc
from google.protobuf.message import Message

from personalize_gateway import requests
from personalize_gateway.attempts import Attempts
from personalize_gateway.credentials import Credentials, insecure
from personalize_gateway.errors import GatewayError
from personalize_gateway.options import Options, channel_options
from personalize_gateway.records import Record
from personalize_gateway.v1.acknowledgement_pb2 import ACK_LEVEL_DURABLE, AckLevel
from personalize_gateway.v1.action_interaction_pb2 import ActionInteraction
from personalize_gateway.v1.action_pb2 import Action
from personalize_gateway.v1.catalog_service_pb2 import (
    PutActionsResponse,
    PutItemsResponse,
    PutUsersResponse,
)
from personalize_gateway.v1.catalog_service_pb2_grpc import CatalogServiceStub
from personalize_gateway.v1.dead_letter_service_pb2_grpc import DeadLetterServiceStub
from personalize_gateway.v1.event_pb2 import Event
from personalize_gateway.v1.event_service_pb2 import (
    PutActionInteractionsResponse,
    PutEventsResponse,
)
from personalize_gateway.v1.event_service_pb2_grpc import EventServiceStub
from personalize_gateway.v1.ingest_service_pb2 import IngestBatchResponse, IngestRecord
from personalize_gateway.v1.ingest_service_pb2_grpc import IngestServiceStub
from personalize_gateway.v1.item_pb2 import Item
from personalize_gateway.v1.route_service_pb2_grpc import RouteServiceStub
from personalize_gateway.v1.tracker_service_pb2_grpc import TrackerServiceStub
from personalize_gateway.v1.user_pb2 import User

Response = TypeVar("Response")


class GatewayClient:
    """Sends records to a gateway, and tries again what may be tried again.

    It belongs to one event loop, and is closed when its block ends. All methods that put raise
    `GatewayError`.

    Args:
        target: HOST:PORT, or another name that gRPC resolves.
        credentials: who calls; None for nobody in particular, without TLS.
        options: None for the defaults.
        channel: to use instead of a new one; whoever made it closes it.

    Raises:
        ValueError: the credentials are not for such a target.

    Attributes:
        channel: of all stubs.
        credentials: likewise.
        options: likewise.
        events: the generated stub of EventService; stubs know no default deadline, nor credentials
            of calls: see `metadata`. Likewise `catalog`, `ingest`, `routes`, `trackers` and
            `dead_letters`.
    """

    def __init__(
        self,
        target: str,
        credentials: Credentials | None = None,
        options: Options | None = None,
        *,
        channel: grpc.aio.Channel | None = None,
    ) -> None:
        self.credentials = credentials or insecure()
        self.options = options or Options()
        self.credentials.check(target)
        self._owns_channel = channel is None
        self.channel = channel or open_channel(target, self.credentials, self.options)
        self.events = EventServiceStub(self.channel)
        self.catalog = CatalogServiceStub(self.channel)
        self.ingest = IngestServiceStub(self.channel)
        self.routes = RouteServiceStub(self.channel)
        self.trackers = TrackerServiceStub(self.channel)
        self.dead_letters = DeadLetterServiceStub(self.channel)

    async def put_events(
        self,
        events: Iterable[Event],
        *,
        dataset_group: str | None = None,
        ack_level: AckLevel = ACK_LEVEL_DURABLE,
        timeout_s: float | None = None,
    ) -> PutEventsResponse:
        """Put 1 to 500 events, all of them or none.

        Args:
            events: those without an ID get one.
            dataset_group: where they go; None for that of the options.
            ack_level: when to answer.
            timeout_s: how long it may take in all; None for that of the options.
        """
        request = requests.put_events(events, self._group(dataset_group), ack_level)
        return await self._send(self.events.PutEvents, request, timeout_s)

    async def put_action_interactions(
        self,
        interactions: Iterable[ActionInteraction],
        *,
        dataset_group: str | None = None,
        ack_level: AckLevel = ACK_LEVEL_DURABLE,
        timeout_s: float | None = None,
    ) -> PutActionInteractionsResponse:
        """Put 1 to 500 action interactions, all of them or none; see `put_events`."""
        group = self._group(dataset_group)
        request = requests.put_action_interactions(interactions, group, ack_level)
        return await self._send(self.events.PutActionInteractions, request, timeout_s)

    async def put_items(
        self,
        items: Iterable[Item],
        *,
        dataset_group: str | None = None,
        ack_level: AckLevel = ACK_LEVEL_DURABLE,
        timeout_s: float | None = None,
    ) -> PutItemsResponse:
        """Put 1 to 500 items, all of them or none; see `put_events`."""
        request = requests.put_items(items, self._group(dataset_group), ack_level)
        return await self._send(self.catalog.PutItems, request, timeout_s)

    async def put_users(
        self,
        users: Iterable[User],
        *,
        dataset_group: str | None = None,
        ack_level: AckLevel = ACK_LEVEL_DURABLE,
        timeout_s: float | None = None,
    ) -> PutUsersResponse:
        """Put 1 to 500 users, all of them or none; see `put_events`."""
        request = requests.put_users(users, self._group(dataset_group), ack_level)
        return await self._send(self.catalog.PutUsers, request, timeout_s)

    async def put_actions(
        self,
        actions: Iterable[Action],
        *,
        dataset_group: str | None = None,
        ack_level: AckLevel = ACK_LEVEL_DURABLE,
        timeout_s: float | None = None,
    ) -> PutActionsResponse:
        """Put 1 to 500 actions, all of them or none; see `put_events`."""
        request = requests.put_actions(actions, self._group(dataset_group), ack_level)
        return await self._send(self.catalog.PutActions, request, timeout_s)

    async def ingest_batch(
        self,
        records: Iterable[Record | IngestRecord],
        *,
        dataset_group: str | None = None,
        ack_level: AckLevel = ACK_LEVEL_DURABLE,
        timeout_s: float | None = None,
    ) -> IngestBatchResponse:
        """Put 1 to 500 records of any kinds, each for itself: the answer lists the refused ones."""
        request = requests.ingest_batch(records, self._group(dataset_group), ack_level)
        return await self._send(self.ingest.IngestBatch, request, timeout_s)

    def metadata(self) -> tuple[tuple[str, str], ...]:
        """Return what a call by a stub has to send, for who calls."""
        return tuple(self.credentials.metadata())

    async def close(self) -> None:
        """Close the channel, if the client has made it."""
        if self._owns_channel:
            await self.channel.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    def _group(self, dataset_group: str | None) -> str:
        return self.options.dataset_group if dataset_group is None else dataset_group

    async def _send(
        self, method: Callable[..., Awaitable[Response]], request: Message, timeout_s: float | None
    ) -> Response:
        clock = asyncio.get_running_loop().time
        attempts = Attempts(self.options, timeout_s or self.options.timeout_s, clock)
        while True:
            try:
                return await method(request, timeout=attempts.left_s(), metadata=self.metadata())
            except grpc.aio.AioRpcError as error:
                failure = GatewayError.of(error)
                delay_s = attempts.delay_s(failure)
                if delay_s is None:
                    raise failure from error
            await asyncio.sleep(delay_s)


def open_channel(target: str, credentials: Credentials, options: Options) -> grpc.aio.Channel:
    """Return a channel; whoever opens it closes it."""
    if credentials.channel is None:
        return grpc.aio.insecure_channel(target, channel_options(options))
    return grpc.aio.secure_channel(target, credentials.channel, channel_options(options))
