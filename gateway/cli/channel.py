"""How the commands that are clients reach a gateway, and prove who they are."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from typing import Any

import click
import grpc

from gateway.identity import CALLER_HEADER, CallerUnknown, caller_in
from gateway.loopback import is_loopback

TOKEN_VARIABLE = "PERSONALIZE_GATEWAY_TOKEN"  # noqa: S105 - its name, not its value

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


@dataclass(frozen=True, slots=True)
class Connection:
    """How a command reaches its gateway.

    Attributes:
        address: HOST:PORT.
        metadata: of every call; None for none. May hold a token.
        credentials: of the channel; None without TLS.
        server_name: that the server's certificate must have; None for that of the address.
    """

    address: str
    metadata: Metadata | None = field(default=None, repr=False)
    credentials: grpc.ChannelCredentials | None = field(default=None, repr=False)
    server_name: str | None = None

    def open(self) -> grpc.Channel:
        """Return a channel; whoever opens it closes it."""
        if self.credentials is None:
            return grpc.insecure_channel(self.address, options=_OPTIONS)
        named = self.server_name and [("grpc.ssl_target_name_override", self.server_name)]
        return grpc.secure_channel(
            self.address, self.credentials, options=[*_OPTIONS, *(named or ())]
        )


class HostAndPort(click.ParamType[str]):
    """An option's value that names where a gateway listens."""

    name = "HOST:PORT"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the address as it was given."""
        host, _, port = value.rpartition(":")
        if not host or not port.isascii() or not port.isdecimal() or not 0 < int(port) < 1 << 16:
            self.fail(f"{value!r} is no address such as 127.0.0.1:50051", param, ctx)
        return value


class CallerName(click.ParamType[str]):
    """An option's value that names the caller."""

    name = "NAME"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> str:
        """Return the name."""
        try:
            return caller_in(str(value))
        except CallerUnknown as error:
            self.fail(str(error), param, ctx)


_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)

dataset_group_option = click.option(
    "--dataset-group",
    default="",
    metavar="NAME",
    help="The dataset group, by its short name. Not needed where you may send to one only.",
)


def timeout_option(default_s: float) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return the option that says how long each call may take, as `timeout_s`."""
    return click.option(
        "--timeout",
        "timeout_s",
        type=click.FloatRange(min=0, min_open=True),
        default=default_s,
        show_default=True,
        metavar="SECONDS",
        help="How long each call may take.",
    )


def connecting(
    *, required: bool, default: str | None = None
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return what gives a command the options that lead to a gateway.

    The command takes the `Connection`, as `connection`; None where no gateway was named.

    Args:
        required: whether a gateway must be named.
        default: the address where none is.
    """
    # To click, a default of None is a value: what is required would be there.
    otherwise: dict[str, Any] = (
        {} if default is None else {"default": default, "show_default": True}
    )

    def decorated(command: Callable[..., None]) -> Callable[..., None]:
        @click.option(
            "--to",
            "address",
            type=HostAndPort(),
            required=required,
            help="Where the gateway listens.",
            **otherwise,
        )
        @click.option("--tls", is_flag=True, help="Connect by TLS.  [default: as the others say]")
        @click.option("--ca", type=_FILE, help="Whose certificates to trust; PEM. Implies --tls.")
        @click.option("--cert", type=_FILE, help="Your certificate; PEM. Implies --tls.")
        @click.option("--key", type=_FILE, help="Its private key; PEM.")
        @click.option(
            "--server-name", metavar="NAME", help="The name in the gateway's certificate."
        )
        @click.option(
            "--token-file",
            type=_FILE,
            help=f"Your bearer token.  [default: what {TOKEN_VARIABLE} holds]",
        )
        @click.option(
            "--caller",
            type=CallerName(),
            help="Whom the gateway is to take you for, where it trusts the header x-caller.",
        )
        @wraps(command)
        def run(**options: Any) -> None:  # noqa: ANN401 - of any command
            own = {name: options.pop(name) for name in _Options.__annotations__}
            command(connection=_Options(**own).connection(), **options)

        return run

    return decorated


@dataclass(frozen=True, slots=True)
class _Options:
    address: str | None
    tls: bool
    ca: Path | None
    cert: Path | None
    key: Path | None
    server_name: str | None
    token_file: Path | None
    caller: str | None

    def connection(self) -> Connection | None:
        if self.address is None:
            return None
        credentials = self._credentials()
        if self.server_name and credentials is None:
            raise click.UsageError("--server-name is for connections by TLS: see --tls")
        metadata = self._metadata(self.address, is_secure=credentials is not None)
        return Connection(self.address, metadata, credentials, self.server_name)

    def _credentials(self) -> grpc.ChannelCredentials | None:
        if (self.cert is None) != (self.key is None):
            raise click.UsageError("--cert and --key go together")
        if not (self.tls or self.ca or self.cert):
            return None
        return grpc.ssl_channel_credentials(_read(self.ca), _read(self.key), _read(self.cert))

    def _metadata(self, address: str, *, is_secure: bool) -> Metadata | None:
        metadata: Metadata = ((CALLER_HEADER, self.caller),) if self.caller else ()
        token = self._token()
        if token:
            if not is_secure and not is_loopback(address):
                raise click.UsageError("a token is not sent to another machine without --tls")
            metadata += (("authorization", f"Bearer {token}"),)
        return metadata or None

    def _token(self) -> str:
        if self.token_file is None:
            token, where = os.environ.get(TOKEN_VARIABLE, "").strip(), TOKEN_VARIABLE
        else:
            content = _read(self.token_file) or b""
            token, where = content.decode("utf-8", "replace").strip(), "--token-file"
        if not token.isascii() or not token.isprintable() or " " in token:
            raise click.UsageError(f"{where} holds no token: visible ASCII characters in one line")
        return token


def _read(path: Path | None) -> bytes | None:
    if path is None:
        return None
    try:
        return path.read_bytes()
    except OSError as error:
        raise click.UsageError(f"{path} cannot be read: {error.strerror}") from error


def with_client_of(
    client: Callable[..., object],
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return what gives a command the options that name the gateway.

    Args:
        client: made of a channel, metadata and a time-out in seconds; the command takes it as
            `client`.
    """

    def decorated(command: Callable[..., None]) -> Callable[..., None]:
        @connecting(required=True)
        @timeout_option(60.0)
        @wraps(command)
        def run(*, connection: Connection, timeout_s: float, **options: object) -> None:
            with connection.open() as opened:
                command(client=client(opened, connection.metadata, timeout_s), **options)

        return run

    return decorated
