"""What a call brings to say who calls, and the interface of those who judge it."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address
from typing import NamedTuple, Protocol

from gateway.identity.caller import Caller


class CertificateNames(NamedTuple):
    """The subject alternative names of a certificate that the server has verified."""

    uris: Sequence[str]
    dns_names: Sequence[str]


class Evidence(Protocol):
    """What a call brings. Nothing in it is to be believed without a reason."""

    def header(self, name: str) -> Sequence[str]:
        """Return the values of a metadata key, in the order in which they were sent."""

    def certificate(self) -> CertificateNames | None:
        """Return the names in the client's certificate; None where the connection has none."""

    def address(self) -> IPv4Address | IPv6Address | None:
        """Return from where the connection comes; None where it has no such address."""


class Source(Protocol):
    """One way in which a call can say who calls.

    Attributes:
        name: as in `identity.from`.
    """

    @property
    def name(self) -> str:
        """Its name, as in `identity.from`."""

    async def caller(self, evidence: Evidence) -> Caller | None:
        """Return who calls; None where the call says nothing of it in this way.

        Raises:
            CallerUnknown: it says something that does not hold.
            ProofUnverifiable: what it says cannot be judged at the moment.
        """


class Background(Protocol):
    """What a source needs done while the gateway runs."""

    async def start(self) -> None:
        """Begin; returns when the source can be asked. Never raises for what may pass."""

    async def close(self) -> None:
        """End, and let go of everything."""
