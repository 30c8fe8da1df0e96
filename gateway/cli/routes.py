"""`personalize-gateway routes`."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import click
import grpc
from google.protobuf.json_format import MessageToDict
from personalize_gateway.v1.dataset_group_pb2 import DatasetGroup
from personalize_gateway.v1.record_kind_pb2 import RecordKind
from personalize_gateway.v1.route_service_pb2 import (
    DescribeDatasetGroupRequest,
    ListRoutesRequest,
    ListRoutesResponse,
    Route,
    RouteLimit,
)
from personalize_gateway.v1.route_service_pb2_grpc import RouteServiceStub

from gateway.cli.channel import Connection, connecting, dataset_group_option, timeout_option
from gateway.cli.failure import Failure, end_by
from gateway.cli.table import lines_of


@click.command()
@connecting(required=True)
@dataset_group_option
@timeout_option(30.0)
@click.option("--json", "as_json", is_flag=True, help="Print both as one JSON object.")
def routes(
    connection: Connection,
    dataset_group: str,
    timeout_s: float,
    *,
    as_json: bool,
) -> None:
    """Show what you may send where, and what the gateway knows of it.

    Without --dataset-group, every dataset group is shown that a route leads to. An error prints its
    status and its reason; the exit status is then 2.
    """
    with connection.open() as opened:
        stub = RouteServiceStub(opened)
        how: dict[str, Any] = {"metadata": connection.metadata, "timeout": timeout_s}
        try:
            found = stub.ListRoutes(ListRoutesRequest(), **how)
            names = [dataset_group] if dataset_group else _targets(found.routes)
            requests = [DescribeDatasetGroupRequest(dataset_group=name) for name in names]
            groups = [stub.DescribeDatasetGroup(one, **how).dataset_group for one in requests]
        except grpc.RpcError as error:
            end_by(Failure.of_call(error))
    if as_json:
        click.echo(_json(found, groups))
        return
    click.echo(f"caller: {found.caller}")
    for line in lines_of(_routes(found.routes)):
        click.echo(line)
    for group in groups:
        click.echo(f"\n{group.name}")
        for line in lines_of(_dataset_group(group)):
            click.echo(line)


def _targets(found: Sequence[Route]) -> list[str]:
    """Return the dataset groups of routes, each once, in the order of the routes."""
    return list(dict.fromkeys(route.dataset_group for route in found))


def _json(found: ListRoutesResponse, groups: Sequence[DatasetGroup]) -> str:
    shown = MessageToDict(found)
    shown["datasetGroups"] = [MessageToDict(group) for group in groups]
    return json.dumps(shown, indent=2, ensure_ascii=False)


def _routes(found: Sequence[Route]) -> Sequence[Sequence[str]]:
    rows = [("ROUTE", "DATASET GROUP", "KINDS", "COPIES TO", "LIMIT")]
    for route in found:
        kinds = ", ".join(map(_kind, route.kinds))
        limit = ", ".join(_limits(route.limit))
        rows.append((route.name, route.dataset_group, kinds, ", ".join(route.mirror_to), limit))
    return rows


def _limits(limit: RouteLimit) -> Iterator[str]:
    if limit.records_per_s:
        yield f"{limit.records_per_s:g} records/s"
    if limit.in_flight_bytes:
        yield f"{limit.in_flight_bytes} bytes in flight"


def _dataset_group(group: DatasetGroup) -> Sequence[Sequence[str]]:
    rows = [("KIND", "STATUS", "TRACKING ID", "ARN")]
    if group.HasField("event_tracker"):
        tracker = group.event_tracker
        names = (tracker.tracking_id, tracker.event_tracker_arn)
        rows.append(("event tracker", tracker.aws_status, *names))
    for dataset in group.datasets:
        names = (dataset.tracking_id, dataset.dataset_arn)
        rows.append((_kind(dataset.kind), dataset.aws_status, *names))
    return rows


def _kind(kind: RecordKind) -> str:
    return RecordKind.Name(kind).removeprefix("RECORD_KIND_").lower()
