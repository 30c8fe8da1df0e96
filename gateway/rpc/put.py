"""EventService and CatalogService: a request is taken whole or refused whole."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gateway import api
from gateway.acceptance import Acceptance
from gateway.records import Kind
from gateway.routing.limits import Limits
from gateway.rpc.acknowledgement import take
from gateway.rpc.admission import count_refused
from gateway.rpc.call import Calls, Handler, IncomingCall


@dataclass(frozen=True, slots=True)
class PutRpc:
    """What tells the five put RPCs apart.

    Attributes:
        method: its full name, as on the wire.
        records_field: the field of the request that holds the records.
        event_ids: whether the response names the records' event IDs.
    """

    method: str
    kind: Kind
    request_type: type[Any]
    response_type: type[Any]
    records_field: str
    event_ids: bool


PUT_RPCS = (
    PutRpc(
        "EventService/PutEvents",
        Kind.EVENTS,
        api.PutEventsRequest,
        api.PutEventsResponse,
        "events",
        event_ids=True,
    ),
    PutRpc(
        "EventService/PutActionInteractions",
        Kind.ACTION_INTERACTIONS,
        api.PutActionInteractionsRequest,
        api.PutActionInteractionsResponse,
        "action_interactions",
        event_ids=True,
    ),
    PutRpc(
        "CatalogService/PutItems",
        Kind.ITEMS,
        api.PutItemsRequest,
        api.PutItemsResponse,
        "items",
        event_ids=False,
    ),
    PutRpc(
        "CatalogService/PutUsers",
        Kind.USERS,
        api.PutUsersRequest,
        api.PutUsersResponse,
        "users",
        event_ids=False,
    ),
    PutRpc(
        "CatalogService/PutActions",
        Kind.ACTIONS,
        api.PutActionsRequest,
        api.PutActionsResponse,
        "actions",
        event_ids=False,
    ),
)


def put_handlers(
    acceptance: Acceptance, limits: Limits, calls: Calls
) -> Iterator[tuple[str, Handler]]:
    """Yield each put RPC's name within the package and its handler."""
    for rpc in PUT_RPCS:
        yield rpc.method, calls.unary(rpc.request_type, Put(rpc, acceptance, limits))


@dataclass(frozen=True, slots=True)
class Put:
    """One of the put RPCs."""

    rpc: PutRpc
    acceptance: Acceptance
    limits: Limits

    async def __call__(self, request: Any, call: IncomingCall) -> Any:
        """Take all records, or refuse them."""
        records = getattr(request, self.rpc.records_field)
        try:
            prepared = self.acceptance.prepare_put(call.caller, self.rpc.kind, request, records)
            reached = await take(self.acceptance, self.limits, prepared, request.ack_level, call)
        except Exception as error:
            count_refused(error, len(records))
            raise
        response = self.rpc.response_type(ack_level=reached.ack_level, outcomes=reached.outcomes)
        if self.rpc.event_ids:
            response.event_ids.extend(prepared.event_ids)
        return response
