"""RouteService: what a caller may send where, and what the gateway knows of it."""

from collections.abc import Iterator, Mapping

from gateway.acceptance import InvalidRequest
from gateway.api import (
    DatasetGroup,
    DescribeDatasetGroupRequest,
    DescribeDatasetGroupResponse,
    EventTracker,
    ListRoutesRequest,
    ListRoutesResponse,
    Route,
    RouteLimit,
)
from gateway.config.route import Limit
from gateway.dataset_group import DatasetGroupFacts, TrackerFacts
from gateway.records import Kind
from gateway.routing.access import Access
from gateway.routing.router import Grant
from gateway.rpc.call import Calls, Handler, IncomingCall
from gateway.trackers.shown import lifecycle_status
from gateway.validation.validator import Validator

_KINDS: Mapping[Kind, str] = {kind: f"RECORD_KIND_{kind.name}" for kind in Kind}


def route_handlers(access: Access, calls: Calls) -> Iterator[tuple[str, Handler]]:
    """Yield each RPC's name within the package and its handler."""
    validator = Validator()

    async def find(_: ListRoutesRequest, call: IncomingCall) -> ListRoutesResponse:
        grants = access.router.grants(call.caller)
        return ListRoutesResponse(caller=call.caller, routes=map(_route, grants))

    async def describe(
        request: DescribeDatasetGroupRequest, call: IncomingCall
    ) -> DescribeDatasetGroupResponse:
        violations = validator.violations(request)
        if violations:
            raise InvalidRequest(violations)
        to_all = access.administrators.include(call.caller)
        name = access.router.shown(call.caller, request.dataset_group, to_all=to_all)
        # Between a new configuration and what AWS tells of it, nothing but the name is known.
        facts = access.facts().get(name) or DatasetGroupFacts(name, arn="")
        return DescribeDatasetGroupResponse(dataset_group=_dataset_group(facts))

    yield "RouteService/ListRoutes", calls.unary(ListRoutesRequest, find)
    yield (
        "RouteService/DescribeDatasetGroup",
        calls.unary(DescribeDatasetGroupRequest, describe),
    )


def _route(grant: Grant) -> Route:
    route = grant.route
    return Route(
        name=route.name,
        dataset_group=route.dataset_group,
        kinds=map(_KINDS.__getitem__, grant.kinds),
        mirror_to=[mirror.dataset_group for mirror in route.mirror_to],
        limit=_limit(route.limit) if route.limit.is_stated else None,
    )


def _limit(limit: Limit) -> RouteLimit:
    return RouteLimit(
        records_per_s=limit.records_per_s or 0, in_flight_bytes=limit.in_flight_bytes or 0
    )


def _dataset_group(facts: DatasetGroupFacts) -> DatasetGroup:
    group = DatasetGroup(name=facts.name, dataset_group_arn=facts.arn)
    if facts.tracker is not None:
        group.event_tracker.CopyFrom(_tracker(facts.name, facts.tracker))
    for kind in Kind:
        dataset = facts.datasets.get(kind)
        if dataset is not None:
            group.datasets.add(
                kind=_KINDS[kind],
                dataset_arn=dataset.arn,
                schema_arn=dataset.schema_arn,
                schema=dataset.schema_json,
                tracking_id=dataset.tracking_id,
                status=lifecycle_status(dataset.status),
                aws_status=dataset.status,
            )
    if facts.refreshed_at_s is not None:
        group.refresh_time.FromMilliseconds(int(facts.refreshed_at_s * 1000))
    return group


def _tracker(dataset_group: str, tracker: TrackerFacts) -> EventTracker:
    return EventTracker(
        name=tracker.name,
        dataset_group=dataset_group,
        event_tracker_arn=tracker.arn,
        tracking_id=tracker.tracking_id,
        status=lifecycle_status(tracker.status),
        aws_status=tracker.status,
    )
