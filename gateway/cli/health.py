"""Asks a running gateway whether it serves: the health check of the container image."""

import click
import grpc
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse

from gateway.cli.channel import Connection, connecting, timeout_option


@click.command()
@connecting(required=False, default="127.0.0.1:50051")
@click.option(
    "--service",
    default="",
    help="Ask about one gRPC service by its full name.  [default: the whole server]",
)
@timeout_option(2.0)
def health(connection: Connection, service: str, timeout_s: float) -> None:
    """Ask the gateway whether it serves.

    Prints the answer of grpc.health.v1. The exit status is 0 where that is SERVING, and 1 where it
    is anything else or none comes.
    """
    status = status_of(connection, service, timeout_s=timeout_s)
    click.echo(status)
    if status != "SERVING":
        raise SystemExit(1)


def status_of(connection: Connection, service: str, *, timeout_s: float) -> str:
    """Return the name of a serving status, or of the gRPC status code that came instead of one."""
    with connection.open() as channel:
        check = channel.unary_unary(
            "/grpc.health.v1.Health/Check",
            request_serializer=HealthCheckRequest.SerializeToString,
            response_deserializer=HealthCheckResponse.FromString,
        )
        try:
            answer = check(HealthCheckRequest(service=service), timeout=timeout_s)
        except grpc.RpcError as error:
            return str(error.code().name)
        return HealthCheckResponse.ServingStatus.Name(answer.status)
