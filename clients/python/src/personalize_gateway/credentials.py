"""Who calls, and how that is proved."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address

import grpc

Metadata = Sequence[tuple[str, str]]

_CALLER_HEADER = "x-caller"


@dataclass(frozen=True, slots=True)
class Credentials:
    """Made by `insecure` or `tls`.

    Attributes:
        caller: who is said to call; loopback alone believes it.
        token: returns a bearer token; called before every call, so it may renew it. It must return
            at once.
    """

    caller: str = ""
    token: Callable[[], str] | None = field(default=None, repr=False)
    _channel: grpc.ChannelCredentials | None = field(default=None, repr=False)

    def check(self, target: str) -> None:
        """Refuse to send what is secret, or a mere claim, where others could read or make it.

        Raises:
            ValueError: the target is not on this machine, and these need it to be.
        """
        if self._channel is None and not _is_local(target) and (self.token or self.caller):
            raise ValueError(
                f"a token or a caller's name without TLS is for loopback, not for {target!r}: use"
                " Credentials.tls"
            )

    @property
    def channel(self) -> grpc.ChannelCredentials | None:
        """Those of the channel; None without TLS."""
        return self._channel

    def metadata(self) -> Metadata:
        """Return what is sent with a call."""
        sent = []
        if self.caller:
            sent.append((_CALLER_HEADER, self.caller))
        if self.token is not None:
            sent.append(("authorization", f"Bearer {self.token()}"))
        return sent


def insecure(caller: str = "", token: Callable[[], str] | None = None) -> Credentials:
    """Return credentials without TLS: for loopback, a sidecar for example.

    Args:
        caller: who calls, where the gateway believes it (`identity: {from: [header]}`).
        token: returns a bearer token.
    """
    return Credentials(caller, token)


def tls(
    ca: bytes | None = None,
    certificate: bytes | None = None,
    key: bytes | None = None,
    token: Callable[[], str] | None = None,
) -> Credentials:
    """Return credentials over TLS; with certificate and key, the caller is who they name.

    Args:
        ca: certificates of the authorities that the gateway's certificate may be from, as PEM; None
            for those of gRPC.
        certificate: the caller's own, and those between it and the root, as PEM.
        key: its private key, as PEM.
        token: returns a bearer token.

    Raises:
        ValueError: one of certificate and key is missing.
    """
    if (certificate is None) != (key is None):
        raise ValueError("mutual TLS needs both certificate and key")
    return Credentials(token=token, _channel=grpc.ssl_channel_credentials(ca, key, certificate))


def _is_local(target: str) -> bool:
    if target.startswith(("unix:", "unix-abstract:")):
        return True
    host = target.rpartition(":")[0].rpartition("/")[2].strip("[]")
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
