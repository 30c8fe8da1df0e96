"""What a call brings to say who calls, without a call."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address

from gateway.identity.evidence import CertificateNames


@dataclass(frozen=True)
class Call:
    """A call, as far as it says who calls.

    Attributes:
        uris: those in its certificate; None where it has none.
    """

    headers: Mapping[str, Sequence[str]] = field(default_factory=dict)
    uris: Sequence[str] | None = None
    dns_names: Sequence[str] = ()
    at: str = "192.0.2.7"

    def header(self, name: str) -> Sequence[str]:
        return self.headers.get(name, ())

    def certificate(self) -> CertificateNames | None:
        return None if self.uris is None else CertificateNames(self.uris, self.dns_names)

    def address(self) -> IPv4Address | IPv6Address | None:
        return ip_address(self.at) if self.at else None


def bearer(token: str, **more: Sequence[str]) -> Call:
    """Return a call with a bearer token."""
    return Call({"authorization": [f"Bearer {token}"], **more})
