"""The messages of `personalize_gateway.v1` as the gateway itself uses them.

The classes are made from the descriptor set that `make generate` builds from the protos, in a
pool of their own. They carry the annotations of protovalidate, which the stubs for callers leave
out; so both can live in one process. To the type checker they are those stubs: the fields are the
same.
"""

from importlib import resources
from typing import TYPE_CHECKING, Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper

PACKAGE = "personalize_gateway.v1"


def _load_pool() -> descriptor_pool.DescriptorPool:
    data = resources.files(__name__).joinpath("descriptors.binpb").read_bytes()
    pool = descriptor_pool.DescriptorPool()
    for file in descriptor_pb2.FileDescriptorSet.FromString(data).file:
        pool.Add(file)
    return pool


POOL = _load_pool()

if TYPE_CHECKING:
    from personalize_gateway.v1.acknowledgement_pb2 import AckLevel as AckLevel
    from personalize_gateway.v1.acknowledgement_pb2 import Outcome as Outcome
    from personalize_gateway.v1.acknowledgement_pb2 import OutcomeState as OutcomeState
    from personalize_gateway.v1.action_interaction_pb2 import ActionInteraction as ActionInteraction
    from personalize_gateway.v1.action_pb2 import Action as Action
    from personalize_gateway.v1.catalog_service_pb2 import PutActionsRequest as PutActionsRequest
    from personalize_gateway.v1.catalog_service_pb2 import PutActionsResponse as PutActionsResponse
    from personalize_gateway.v1.catalog_service_pb2 import PutItemsRequest as PutItemsRequest
    from personalize_gateway.v1.catalog_service_pb2 import PutItemsResponse as PutItemsResponse
    from personalize_gateway.v1.catalog_service_pb2 import PutUsersRequest as PutUsersRequest
    from personalize_gateway.v1.catalog_service_pb2 import PutUsersResponse as PutUsersResponse
    from personalize_gateway.v1.dataset_group_pb2 import Dataset as Dataset
    from personalize_gateway.v1.dataset_group_pb2 import DatasetGroup as DatasetGroup
    from personalize_gateway.v1.dead_letter_pb2 import DeadLetter as DeadLetter
    from personalize_gateway.v1.dead_letter_pb2 import DeadLetterReason as DeadLetterReason
    from personalize_gateway.v1.dead_letter_service_pb2 import DeadLetterFilter as DeadLetterFilter
    from personalize_gateway.v1.dead_letter_service_pb2 import (
        DeleteDeadLettersRequest as DeleteDeadLettersRequest,
    )
    from personalize_gateway.v1.dead_letter_service_pb2 import (
        DeleteDeadLettersResponse as DeleteDeadLettersResponse,
    )
    from personalize_gateway.v1.dead_letter_service_pb2 import (
        ListDeadLettersRequest as ListDeadLettersRequest,
    )
    from personalize_gateway.v1.dead_letter_service_pb2 import (
        ListDeadLettersResponse as ListDeadLettersResponse,
    )
    from personalize_gateway.v1.dead_letter_service_pb2 import (
        ReplayDeadLettersRequest as ReplayDeadLettersRequest,
    )
    from personalize_gateway.v1.dead_letter_service_pb2 import (
        ReplayDeadLettersResponse as ReplayDeadLettersResponse,
    )
    from personalize_gateway.v1.dead_letter_service_pb2 import ReplayRefusal as ReplayRefusal
    from personalize_gateway.v1.error_reason_pb2 import ErrorReason as ErrorReason
    from personalize_gateway.v1.event_pb2 import Event as Event
    from personalize_gateway.v1.event_service_pb2 import (
        PutActionInteractionsRequest as PutActionInteractionsRequest,
    )
    from personalize_gateway.v1.event_service_pb2 import (
        PutActionInteractionsResponse as PutActionInteractionsResponse,
    )
    from personalize_gateway.v1.event_service_pb2 import PutEventsRequest as PutEventsRequest
    from personalize_gateway.v1.event_service_pb2 import PutEventsResponse as PutEventsResponse
    from personalize_gateway.v1.event_tracker_pb2 import EventTracker as EventTracker
    from personalize_gateway.v1.ingest_service_pb2 import IngestBatchRequest as IngestBatchRequest
    from personalize_gateway.v1.ingest_service_pb2 import IngestBatchResponse as IngestBatchResponse
    from personalize_gateway.v1.ingest_service_pb2 import IngestRecord as IngestRecord
    from personalize_gateway.v1.ingest_service_pb2 import IngestRequest as IngestRequest
    from personalize_gateway.v1.ingest_service_pb2 import IngestResponse as IngestResponse
    from personalize_gateway.v1.ingest_service_pb2 import Refusal as Refusal
    from personalize_gateway.v1.item_pb2 import Item as Item
    from personalize_gateway.v1.lifecycle_status_pb2 import LifecycleStatus as LifecycleStatus
    from personalize_gateway.v1.record_kind_pb2 import RecordKind as RecordKind
    from personalize_gateway.v1.route_service_pb2 import (
        DescribeDatasetGroupRequest as DescribeDatasetGroupRequest,
    )
    from personalize_gateway.v1.route_service_pb2 import (
        DescribeDatasetGroupResponse as DescribeDatasetGroupResponse,
    )
    from personalize_gateway.v1.route_service_pb2 import ListRoutesRequest as ListRoutesRequest
    from personalize_gateway.v1.route_service_pb2 import ListRoutesResponse as ListRoutesResponse
    from personalize_gateway.v1.route_service_pb2 import Route as Route
    from personalize_gateway.v1.route_service_pb2 import RouteLimit as RouteLimit
    from personalize_gateway.v1.tracker_service_pb2 import (
        CreateEventTrackerRequest as CreateEventTrackerRequest,
    )
    from personalize_gateway.v1.tracker_service_pb2 import (
        CreateEventTrackerResponse as CreateEventTrackerResponse,
    )
    from personalize_gateway.v1.tracker_service_pb2 import (
        DeleteEventTrackerRequest as DeleteEventTrackerRequest,
    )
    from personalize_gateway.v1.tracker_service_pb2 import (
        DeleteEventTrackerResponse as DeleteEventTrackerResponse,
    )
    from personalize_gateway.v1.tracker_service_pb2 import (
        DescribeEventTrackerRequest as DescribeEventTrackerRequest,
    )
    from personalize_gateway.v1.tracker_service_pb2 import (
        DescribeEventTrackerResponse as DescribeEventTrackerResponse,
    )
    from personalize_gateway.v1.tracker_service_pb2 import (
        ListEventTrackersRequest as ListEventTrackersRequest,
    )
    from personalize_gateway.v1.tracker_service_pb2 import (
        ListEventTrackersResponse as ListEventTrackersResponse,
    )
    from personalize_gateway.v1.tracker_service_pb2 import (
        WatchEventTrackerRequest as WatchEventTrackerRequest,
    )
    from personalize_gateway.v1.tracker_service_pb2 import (
        WatchEventTrackerResponse as WatchEventTrackerResponse,
    )
    from personalize_gateway.v1.user_pb2 import User as User
    from personalize_gateway.v1.violation_pb2 import Rule as Rule
    from personalize_gateway.v1.violation_pb2 import Violation as Violation

    # JsonService is for sidecars, and has no stubs.
    PutJsonRequest: Any
    PutJsonResponse: Any
else:

    def __getattr__(name: str) -> Any:
        """Return the message class or the enum of that name, and keep it in the module."""
        try:
            found = message_factory.GetMessageClass(POOL.FindMessageTypeByName(f"{PACKAGE}.{name}"))
        except KeyError:
            found = _enum(name)
        globals()[name] = found
        return found

    def _enum(name: str) -> EnumTypeWrapper:
        try:
            return EnumTypeWrapper(POOL.FindEnumTypeByName(f"{PACKAGE}.{name}"))
        except KeyError:
            raise AttributeError(f"{PACKAGE} has no message or enum {name}") from None
