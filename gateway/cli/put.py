"""`personalize-gateway put`."""

from typing import Any, TextIO

import click
import grpc
from google.protobuf.json_format import MessageToJson

from gateway.cli.channel import Connection, connecting, dataset_group_option, timeout_option
from gateway.cli.failure import Failure, end_by
from gateway.cli.put_rpcs import PUT_RPCS
from gateway.cli.skeleton import skeleton
from gateway.importing.strict_json import JsonError, parse_into, read_object
from gateway.records import Kind


@click.command()
@click.argument("kind", type=click.Choice([kind.value for kind in Kind]))
@connecting(required=False)
@click.option(
    "--json",
    "file",
    type=click.File(encoding="utf-8-sig"),
    metavar="FILE",
    help="The request in protobuf's JSON form; - for the standard input.",
)
@dataset_group_option
@timeout_option(30.0)
@click.option("--skeleton", "wants_skeleton", is_flag=True, help="Print a request to fill in.")
def put(
    kind: str,
    connection: Connection | None,
    file: TextIO | None,
    dataset_group: str,
    timeout_s: float,
    *,
    wants_skeleton: bool,
) -> None:
    """Send one put request and print its response as JSON.

    KIND says which: PutEvents for events, and so on. An error prints its status, its reason and a
    line for each violation; the exit status is then 2.
    """
    rpc = PUT_RPCS[Kind(kind)]
    if wants_skeleton:
        click.echo(skeleton(rpc.request))
        return
    if connection is None or file is None:
        raise click.UsageError("--to and --json are needed, or --skeleton")
    request = _request(rpc.request(), file, dataset_group)
    with connection.open() as opened:
        try:
            how = {"metadata": connection.metadata, "timeout": timeout_s}
            response = rpc.call(opened, request, **how)
        except grpc.RpcError as error:
            end_by(Failure.of_call(error))
    click.echo(MessageToJson(response))


def _request(empty: Any, file: TextIO, dataset_group: str) -> Any:  # noqa: ANN401 - of any kind
    try:
        request = parse_into(empty, read_object(file.read()))
    except (JsonError, UnicodeDecodeError) as error:
        raise click.ClickException(f"--json: {error}") from None
    if dataset_group and request.dataset_group not in ("", dataset_group):
        raise click.UsageError("--dataset-group names another dataset group than the request")
    if dataset_group:
        request.dataset_group = dataset_group
    return request
