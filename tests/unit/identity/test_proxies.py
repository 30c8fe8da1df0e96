"""Whose word is taken."""

import pytest

from gateway.identity.proxies import TrustedProxies
from tests.support.evidence import Call

PROXIES = TrustedProxies(
    ["10.0.0.0/8", "2001:db8::/32", "127.0.0.1", "spiffe://example.org/proxy", "Proxy.example.org"]
)


@pytest.mark.parametrize(
    "call",
    [
        Call(at="10.1.2.3"),
        Call(at="2001:db8::7"),
        Call(at="127.0.0.1"),
        Call(at="::ffff:10.1.2.3"),
        Call(uris=["spiffe://example.org/proxy"]),
        Call(uris=[], dns_names=["a", "PROXY.example.org"]),
    ],
)
def test_a_listed_proxy_is_trusted(call: Call) -> None:
    """By its address, or by a name in its certificate."""
    assert PROXIES.sent(call)


@pytest.mark.parametrize(
    "call",
    [
        Call(at="11.1.2.3"),
        Call(at="2001:db9::7"),
        Call(at="127.0.0.2"),
        Call(at="::10.1.2.3"),
        Call(at=""),
        Call(uris=["spiffe://example.org/proxy2"]),
        Call(uris=["spiffe://example.org/Proxy"]),
        Call(uris=[], dns_names=["proxy.example.org.example.com"]),
        Call({"x-forwarded-for": ["10.1.2.3"]}),
    ],
)
def test_nobody_else_is(call: Call) -> None:
    """What a call says of its way means nothing."""
    assert not PROXIES.sent(call)


def test_without_a_list_nobody_is_trusted() -> None:
    """Not even this machine."""
    assert not TrustedProxies([]).sent(Call(at="127.0.0.1"))
