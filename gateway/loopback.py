"""Which addresses only this machine can reach."""

from ipaddress import ip_address


def is_loopback(address: str) -> bool:
    """Return whether a `HOST:PORT` is on loopback; no name but localhost is."""
    host = address.rpartition(":")[0].strip("[]")
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
