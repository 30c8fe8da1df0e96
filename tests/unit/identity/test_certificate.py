"""The caller that a client certificate names."""

import pytest

from gateway.identity import CallerUnknown
from gateway.identity.certificate import ClientCertificate
from gateway.identity.proxies import TrustedProxies
from tests.support.evidence import Call

WEB = "spiffe://example.org/ns/shop/sa/web"


@pytest.mark.parametrize(
    ("uris", "dns_names", "caller"),
    [
        ([WEB], [], WEB),
        ([WEB], ["web.example.org", "other.example.org"], WEB),
        ([], ["Web.Example.org"], "web.example.org"),
        (["https://example.org/web"], ["web"], "web"),
    ],
)
async def test_a_spiffe_id_goes_before_a_dns_name(
    uris: list[str], dns_names: list[str], caller: str
) -> None:
    """A DNS name is in lower case; a URI of another kind says nothing."""
    assert await ClientCertificate().caller(Call(uris=uris, dns_names=dns_names)) == caller


@pytest.mark.parametrize(
    ("uris", "dns_names", "reason"),
    [
        ([WEB, WEB + "2"], [], "several_names"),
        ([WEB, "https://example.org"], ["web"], "several_names"),
        ([], ["web", "shop"], "several_names"),
        ([], [], "no_name"),
        (["https://example.org"], [], "no_name"),
        ([], ["*.example.org"], "malformed"),
        ([], ["a b"], "malformed"),
        (["spiffe://example.org"], ["web"], "malformed"),
        (["spiffe://example.org/"], ["web"], "malformed"),
        (["spiffe://example.org/a/../b"], [], "malformed"),
        (["spiffe://example.org/a/."], [], "malformed"),
        (["spiffe://example.org/a//b"], [], "malformed"),
        (["spiffe://Example.org/a"], [], "malformed"),
        (["SPIFFE://example.org/a"], ["web"], "malformed"),
        (["spiffe://example.org:1/a"], [], "malformed"),
        (["spiffe://example.org/a?b"], [], "malformed"),
        (["spiffe://example.org/*"], [], "malformed"),
        (["spiffe://example.org/a\n"], [], "malformed"),
        (["spiffe://example.org/" + "a" * 2048], [], "malformed"),
    ],
)
async def test_a_certificate_that_names_nobody_or_several_is_refused(
    uris: list[str], dns_names: list[str], reason: str
) -> None:
    """It does not fall back on another of its names."""
    with pytest.raises(CallerUnknown) as caught:
        await ClientCertificate().caller(Call(uris=uris, dns_names=dns_names))
    assert (caught.value.source, caught.value.reason) == ("mtls", reason)


async def test_a_connection_without_a_certificate_says_nothing() -> None:
    """Another source may."""
    assert await ClientCertificate().caller(Call()) is None


@pytest.mark.parametrize("name", ["spiffe://example.org/proxy", "Proxy.example.org"])
async def test_the_certificate_of_a_proxy_says_nothing_of_who_calls(name: str) -> None:
    """Otherwise every call that it forwards would be the proxy's own."""
    source = ClientCertificate(TrustedProxies([name]))
    proxy = Call(uris=["spiffe://example.org/proxy"], dns_names=["proxy.example.org"])
    assert await source.caller(proxy) is None
    assert await source.caller(Call(uris=[WEB])) == WEB
