"""RouteService and `personalize-gateway routes`: what may I send where, and what is known of it."""

import json

import pytest
from google.protobuf.json_format import MessageToDict
from personalize_gateway.v1.route_service_pb2 import DescribeDatasetGroupRequest, ListRoutesRequest
from personalize_gateway.v1.route_service_pb2_grpc import RouteServiceStub

from gateway.config import Config
from gateway.dataset_group import DatasetFacts, DatasetGroupFacts, TrackerFacts
from gateway.records import Kind
from tests.integration.routing.conftest import Served
from tests.support.commands import run
from tests.support.refused import refused

WEB = "spiffe://example.org/ns/shop/sa/web"
ARN = "arn:aws:personalize:eu-west-1:123456789012:"
FACTS = DatasetGroupFacts(
    name="shop",
    arn=f"{ARN}dataset-group/shop",
    tracker=TrackerFacts("clicks", f"{ARN}event-tracker/1", "tracking-1", "ACTIVE"),
    datasets={
        Kind.EVENTS: DatasetFacts(
            f"{ARN}dataset/shop/INTERACTIONS", "ACTIVE", "schema-arn", None, "{}"
        ),
        Kind.ACTION_INTERACTIONS: DatasetFacts(tracking_id="tracking-2"),
    },
    refreshed_at_s=1_790_000_000.5,
)
SHOWN = {
    "name": "shop",
    "datasetGroupArn": f"{ARN}dataset-group/shop",
    "eventTracker": {
        "name": "clicks",
        "datasetGroup": "shop",
        "eventTrackerArn": f"{ARN}event-tracker/1",
        "trackingId": "tracking-1",
        "status": "LIFECYCLE_STATUS_ACTIVE",
        "awsStatus": "ACTIVE",
    },
    "datasets": [
        {
            "kind": "RECORD_KIND_EVENTS",
            "datasetArn": f"{ARN}dataset/shop/INTERACTIONS",
            "schemaArn": "schema-arn",
            "schema": "{}",
            "status": "LIFECYCLE_STATUS_ACTIVE",
            "awsStatus": "ACTIVE",
        },
        {"kind": "RECORD_KIND_ACTION_INTERACTIONS", "trackingId": "tracking-2"},
    ],
    "refreshTime": "2026-09-21T14:13:20.500Z",
}
ROUTES = {
    "caller": WEB,
    "routes": [
        {
            "name": "shop",
            "datasetGroup": "shop",
            "kinds": ["RECORD_KIND_USERS"],
            "mirrorTo": ["next", "lab"],
        },
        {
            "name": "web",
            "datasetGroup": "shop",
            "kinds": ["RECORD_KIND_EVENTS"],
            "limit": {"recordsPerS": 0.001, "inFlightBytes": "1048576"},
        },
        {"name": "anyone", "datasetGroup": "lab", "kinds": ["RECORD_KIND_EVENTS"]},
    ],
}


def by(caller: str) -> tuple[tuple[str, str]]:
    """Return the metadata of a caller."""
    return (("x-caller", caller),)


async def described(served: Served, caller: str, name: str) -> dict[str, object]:
    """Return a dataset group as it is shown."""
    stub = RouteServiceStub(served.channel)
    request = DescribeDatasetGroupRequest(dataset_group=name)
    response = await stub.DescribeDatasetGroup(request, metadata=by(caller))
    return MessageToDict(response.dataset_group)


async def test_a_caller_is_told_who_it_is_and_what_it_may_send(served: Served) -> None:
    """In the order of the file, each kind where it is decided."""
    stub = RouteServiceStub(served.channel)
    response = await stub.ListRoutes(ListRoutesRequest(), metadata=by(WEB))
    assert MessageToDict(response) == ROUTES


async def test_what_is_known_of_a_dataset_group_is_shown(served: Served) -> None:
    """Where nothing is known yet, its name."""
    served.access.facts = {"shop": FACTS}.copy
    assert await described(served, WEB, "shop") == SHOWN
    assert await described(served, "ops", "shop") == SHOWN
    assert await described(served, "someone", "") == {"name": "lab"}


@pytest.mark.parametrize(
    ("caller", "name", "code", "reason"),
    [
        (WEB, "", "INVALID_ARGUMENT", "DATASET_GROUP_AMBIGUOUS"),
        (WEB, "next", "PERMISSION_DENIED", "ROUTE_MISSING"),
        (WEB, "shpo", "NOT_FOUND", "DATASET_GROUP_UNKNOWN"),
        (WEB, "a" * 64, "INVALID_ARGUMENT", "INVALID_FIELDS"),
        ("ops", "", "INVALID_ARGUMENT", "DATASET_GROUP_AMBIGUOUS"),
    ],
)
async def test_what_is_not_for_a_caller_is_not_shown(
    served: Served, caller: str, name: str, code: str, reason: str
) -> None:
    """Whoever has no route to it, and is no administrator, learns nothing of it."""
    stub = RouteServiceStub(served.channel)
    request = DescribeDatasetGroupRequest(dataset_group=name)
    found = await refused(stub.DescribeDatasetGroup(request, metadata=by(caller)))
    assert (found.code.name, found.reason) == (code, reason)


async def test_the_command_shows_both(served: Served) -> None:
    """As tables, or as JSON."""
    served.access.facts = {"shop": FACTS}.copy
    shown = await run("routes", "--to", served.address, "--caller", WEB)
    assert (shown.status, shown.errors) == (0, "")
    assert [line.split() for line in shown.output.splitlines() if line.strip()] == [
        ["caller:", WEB],
        ["ROUTE", "DATASET", "GROUP", "KINDS", "COPIES", "TO", "LIMIT"],
        ["shop", "shop", "users", "next,", "lab", "-"],
        ["web", "shop", "events", "-", "0.001", "records/s,", "1048576", "bytes", "in", "flight"],
        ["anyone", "lab", "events", "-", "-"],
        ["shop"],
        ["KIND", "STATUS", "TRACKING", "ID", "ARN"],
        ["event", "tracker", "ACTIVE", "tracking-1", f"{ARN}event-tracker/1"],
        ["events", "ACTIVE", "-", f"{ARN}dataset/shop/INTERACTIONS"],
        ["action_interactions", "-", "tracking-2", "-"],
        ["lab"],
        ["KIND", "STATUS", "TRACKING", "ID", "ARN"],
    ]
    options = ("--caller", WEB, "--dataset-group", "shop", "--json")
    as_json = await run("routes", "--to", served.address, *options)
    assert json.loads(as_json.output) == {**ROUTES, "datasetGroups": [SHOWN]}


async def test_the_command_says_why_it_is_refused(served: Served) -> None:
    """And ends with status 2."""
    options = ("--caller", "someone", "--dataset-group", "shop")
    finished = await run("routes", "--to", served.address, *options)
    assert (finished.status, finished.output, finished.errors) == (
        2,
        "",
        (
            "PERMISSION_DENIED ROUTE_MISSING: no route lets caller 'someone' send anything to"
            " dataset group 'shop'; its routes allow: events → lab\n"
        ),
    )


async def test_another_configuration_counts_from_the_next_request(
    served: Served, config: Config
) -> None:
    """What the server was made with is changed in place."""
    routes = [route for route in config.routes if route.name == "import"]
    served.access.reconfigure(config.model_copy(update={"routes": tuple(routes), "admins": (WEB,)}))
    stub = RouteServiceStub(served.channel)
    response = await stub.ListRoutes(ListRoutesRequest(), metadata=by(WEB))
    assert MessageToDict(response) == {"caller": WEB}
    assert (await described(served, WEB, "next"))["name"] == "next"
