"""The proxies whose word on who calls is taken."""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

from gateway.identity.evidence import Evidence

Network = IPv4Network | IPv6Network


def network(text: str) -> Network | None:
    """Return the network, or the single address, that a text is; None where it is neither."""
    try:
        return ip_network(text)
    except ValueError:
        return None


class TrustedProxies:
    """Tells whether a call comes from a trusted proxy.

    Args:
        listed: networks (`10.0.0.0/8`), and names in the proxies' own client certificates: SPIFFE
            IDs and DNS names.
    """

    def __init__(self, listed: Iterable[str]) -> None:
        networks = {text: network(text) for text in listed}
        self._networks = [found for found in networks.values() if found is not None]
        names = [text for text, found in networks.items() if found is None]
        self._names = frozenset(name if "://" in name else name.lower() for name in names)
        # A proxy makes many calls from one address.
        self._is_near = lru_cache(maxsize=1024)(self._in_a_network)

    def sent(self, evidence: Evidence) -> bool:
        """Return whether one of them made the connection."""
        address = evidence.address() if self._networks else None
        if address is not None and self._is_near(address):
            return True
        certificate = evidence.certificate() if self._names else None
        if certificate is None:
            return False
        dns_names = (name.lower() for name in certificate.dns_names)
        return not self._names.isdisjoint((*certificate.uris, *dns_names))

    def _in_a_network(self, address: IPv4Address | IPv6Address) -> bool:
        mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
        return any((mapped or address) in listed for listed in self._networks)
