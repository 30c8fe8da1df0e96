"""How the commands that are clients reach a gateway."""

from collections.abc import Callable, Sequence

import click
import grpc

from gateway.identity import CALLER_HEADER, CallerUnknown, caller_in

# The proxy of the environment is for the way out of a network, and a gateway is in it. A keep-alive
# finds out that the other end is gone; more often than this, servers take it for an attack. When to
# try again is the command's decision, so the channel's own back-off is short.
_OPTIONS: Sequence[tuple[str, int]] = (
    ("grpc.enable_http_proxy", 0),
    ("grpc.keepalive_time_ms", 310_000),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1_000),
    ("grpc.max_receive_message_length", 16 * 1024 * 1024),
)

Metadata = tuple[tuple[str, str], ...]


class HostAndPort(click.ParamType[str]):
    """An option's value that names where a gateway listens."""

    name = "HOST:PORT"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the address as it was given."""
        host, _, port = value.rpartition(":")
        if not host or not port.isascii() or not port.isdecimal() or not 0 < int(port) < 1 << 16:
            self.fail(f"{value!r} is no address such as 127.0.0.1:50051", param, ctx)
        return value


class CallerName(click.ParamType[Metadata]):
    """An option's value that names the caller; converted to the metadata that says so."""

    name = "NAME"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Metadata:
        """Return the metadata of every call."""
        try:
            return ((CALLER_HEADER, caller_in(str(value))),)
        except CallerUnknown as error:
            self.fail(str(error), param, ctx)


caller_option = click.option(
    "--caller",
    "metadata",
    type=CallerName(),
    help="Whom the gateway is to take you for, where it trusts the header x-caller.",
)
dataset_group_option = click.option(
    "--dataset-group",
    default="",
    metavar="NAME",
    help="The dataset group, by its short name. Not needed where you may send to one only.",
)


def to_option(*, required: bool) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return the option that names the gateway."""
    return click.option(
        "--to",
        "address",
        type=HostAndPort(),
        required=required,
        help="Where the gateway listens.",
    )


def channel(address: str) -> grpc.Channel:
    """Return a channel without TLS: in this release gateways have none."""
    return grpc.insecure_channel(address, options=_OPTIONS)
