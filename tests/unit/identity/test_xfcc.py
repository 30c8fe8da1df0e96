"""The caller that a proxy names."""

import pytest

from gateway.identity import CallerUnknown
from gateway.identity.proxies import TrustedProxies
from gateway.identity.xfcc import ForgedHeader, ForwardedCertificate
from tests.support.evidence import Call

WEB = "spiffe://example.org/web"
EDGE = "spiffe://example.org/edge"


def forwarded(*values: str, at: str = "10.0.0.1") -> Call:
    """Return a call with the header."""
    return Call({"x-forwarded-client-cert": values}, at=at)


@pytest.mark.parametrize(
    ("values", "hops", "caller"),
    [
        ([f"By={EDGE};Hash=00;URI={WEB}"], 1, WEB),
        ([f"By={EDGE};URI=;DNS=Web"], 1, "web"),
        ([f"URI=spiffe://evil/x,URI={WEB}"], 1, WEB),
        (["URI=spiffe://evil/x", f"URI={WEB}"], 1, WEB),
        ([f"URI=spiffe://evil/x,URI={WEB},URI={EDGE}"], 2, WEB),
    ],
)
async def test_the_nearest_proxys_word_counts(values: list[str], hops: int, caller: str) -> None:
    """What stands before it, the proxies may have been sent by anybody."""
    assert await ForwardedCertificate(hops).caller(forwarded(*values)) == caller


@pytest.mark.parametrize(
    ("header", "hops", "reason"),
    [
        ("", 1, "malformed"),
        (f"URI={WEB};", 1, "malformed"),
        (f"URI={WEB}", 2, "too_few_proxies"),
        (f"URI={WEB};URI={EDGE}", 1, "several_names"),
        ("DNS=a;DNS=b", 1, "several_names"),
        (f"URI={WEB},By={EDGE};Hash=00", 1, "no_name"),
        ('Subject="CN=web"', 1, "no_name"),
        ("URI=spiffe://example.org/*", 1, "malformed"),
    ],
)
async def test_a_header_that_names_nobody_is_refused(header: str, hops: int, reason: str) -> None:
    """Present, it is not passed over; and what it says is not quoted."""
    with pytest.raises(CallerUnknown) as caught:
        await ForwardedCertificate(hops).caller(forwarded(header))
    assert (caught.value.source, caught.value.reason) == ("xfcc", reason)
    assert "example.org" not in str(caught.value)


async def test_without_the_header_nothing_is_said() -> None:
    """Another source may."""
    assert await ForwardedCertificate().caller(Call()) is None


async def test_a_header_from_somebody_else_is_forged() -> None:
    """From a trusted proxy it passes; who names nobody in it passes too."""
    guard = ForgedHeader(TrustedProxies(["10.0.0.0/8"]))
    with pytest.raises(CallerUnknown) as caught:
        await guard.caller(forwarded(f"URI={WEB}", at="192.0.2.1"))
    assert (caught.value.source, caught.value.reason) == ("xfcc", "untrusted_proxy")
    for passing in (forwarded(f"URI={WEB}"), Call(at="192.0.2.1")):
        await guard.caller(passing)
