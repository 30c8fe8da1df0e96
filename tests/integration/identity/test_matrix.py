"""Who calls, by each source, over real TLS; and who is refused."""

from datetime import timedelta

import grpc
import pytest
from structlog.testing import capture_logs

from gateway.identity.tokens import new_token
from gateway.telemetry.metrics import IDENTITIES_REFUSED
from tests.support.certificates import Authority, Issued, dns, uri
from tests.support.identity import Metadata, Pki, Served, serving
from tests.support.web_tokens import (
    AUDIENCE,
    ISSUER,
    jwk,
    key_set,
    private_key,
    signed,
    signed_by_public_key,
    unsigned,
)

WEB = "spiffe://example.org/ns/shop/sa/web"
PROXY = "spiffe://example.org/proxy"
KEY = private_key("RS256")
STATIC = new_token("crm")


def server(pki: Pki, *, client_ca: bool = True) -> str:
    """Return the section `server`."""
    ca = f", client_ca: {pki.folder}/ca.crt" if client_ca else ""
    return f"server: {{tls: {{cert: {pki.folder}/tls.crt, key: {pki.folder}/tls.key{ca}}}}}\n"


def identity(pki: Pki, *sources: str) -> str:
    """Return the section `identity` with what these sources need."""
    (pki.folder / "tokens").write_text(STATIC.line)
    (pki.folder / "keys").write_bytes(key_set(jwk(KEY, "RS256", kid="k1")))
    needed = {
        "xfcc": f"xfcc: {{trusted_proxies: ['{PROXY}']}}",
        "jwt": f"jwt: {{issuer: '{ISSUER}', audience: {AUDIENCE}, jwks_file: {pki.folder}/keys}}",
        "token": f"tokens: {{file: {pki.folder}/tokens}}",
    }
    stated = [f"from: [{', '.join(sources)}]"]
    stated += [needed[source] for source in sources if source in needed]
    return f"identity: {{{', '.join(stated)}}}\n"


def by_token(token: str) -> Metadata:
    """Return the metadata that brings a token."""
    return (("authorization", f"Bearer {token}"),)


def forwarded(header: str) -> Metadata:
    """Return the metadata by which a proxy names a caller."""
    return (("x-forwarded-client-cert", header),)


async def unauthenticated(
    served: Served, credentials: grpc.ChannelCredentials | None, metadata: Metadata = ()
) -> tuple[str, str]:
    """Return where a refused proof was from and why it did not hold, as it was counted."""
    IDENTITIES_REFUSED.values.clear()
    told = await served.refusal(credentials, metadata)
    assert (told.code, told.reason) == (grpc.StatusCode.UNAUTHENTICATED, "CALLER_UNKNOWN")
    ((labels, count),) = IDENTITIES_REFUSED.values.items()
    assert count == 1
    source, reason = labels
    return source, reason


async def test_a_client_certificate_names_the_caller(pki: Pki) -> None:
    """By its SPIFFE ID, otherwise by its DNS name; not by two, and not by none."""
    async with serving(server(pki) + identity(pki, "mtls")) as served:
        named = {
            WEB: pki.clients.issue(uri(WEB), dns("web.example.org")),
            "web.example.org": pki.clients.issue(dns("Web.example.org")),
        }
        for caller, client in named.items():
            assert await served.caller(pki.servers.trusting(client)) == caller
        for client, reason in (
            (pki.clients.issue(uri(WEB), uri(WEB + "2")), "several_names"),
            (pki.clients.issue(dns("a"), dns("b")), "several_names"),
            (pki.clients.issue(), "no_name"),
        ):
            refused = await unauthenticated(served, pki.servers.trusting(client))
            assert refused == ("mtls", reason)


async def test_without_a_certificate_that_holds_nobody_connects(pki: Pki) -> None:
    """Expired, not valid yet, of another authority, and none."""
    clients: list[Issued | None] = [
        pki.clients.issue(uri(WEB), lasts=timedelta(hours=23)),
        pki.clients.issue(uri(WEB), starts_in=timedelta(hours=1)),
        Authority("clients").issue(uri(WEB)),
        pki.servers.issue(uri(WEB)),
        None,
    ]
    async with serving(server(pki) + identity(pki, "mtls")) as served:
        assert await served.caller(pki.servers.trusting(pki.clients.issue(uri(WEB)))) == WEB
        for client in clients:
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await served.caller(pki.servers.trusting(client))
            assert caught.value.code() == grpc.StatusCode.UNAVAILABLE


async def test_a_server_of_another_authority_is_not_called(pki: Pki) -> None:
    """Its certificate is a proof too. Nor is one called without TLS."""
    async with serving(server(pki) + identity(pki, "mtls")) as served:
        client = pki.clients.issue(uri(WEB))
        for credentials in (Authority("servers").trusting(client), None):
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await served.caller(credentials)
            assert caught.value.code() == grpc.StatusCode.UNAVAILABLE


async def test_every_port_has_the_same_tls(pki: Pki) -> None:
    """That of a worker's own too."""
    async with serving(server(pki) + identity(pki, "mtls")) as served:
        own = Served(served.server, served.ports[1:])
        client = pki.servers.trusting(pki.clients.issue(uri(WEB)))
        assert await own.caller(client) == WEB
        with pytest.raises(grpc.aio.AioRpcError):
            await own.caller()


async def test_a_trusted_proxy_names_the_caller(pki: Pki) -> None:
    """Its own certificate names the proxy, and everybody else's names the caller."""
    async with serving(server(pki) + identity(pki, "mtls", "xfcc")) as served:
        proxy = pki.servers.trusting(pki.clients.issue(uri(PROXY)))
        web = pki.servers.trusting(pki.clients.issue(uri(WEB)))
        told = forwarded(f'By={PROXY};Hash=00;Subject="CN=\\"x\\"";URI={WEB}')
        assert await served.caller(proxy, told) == WEB
        assert await served.caller(web) == WEB
        several = forwarded(f"URI=spiffe://evil/x,URI={WEB}")
        assert await served.caller(proxy, several) == WEB


async def test_a_forged_header_is_refused_and_counted(pki: Pki) -> None:
    """Also from one whose certificate holds: it is not passed over in silence."""
    async with serving(server(pki) + identity(pki, "mtls", "xfcc")) as served:
        proxy = pki.servers.trusting(pki.clients.issue(uri(PROXY)))
        web = pki.servers.trusting(pki.clients.issue(uri(WEB)))
        forged = forwarded("URI=spiffe://example.org/ns/shop/sa/admin")
        refused = [
            await unauthenticated(served, web, forged),
            await unauthenticated(served, proxy),
            await unauthenticated(served, proxy, forwarded("URI=a;")),
            await unauthenticated(served, proxy, forwarded(f"URI={WEB};URI={PROXY}")),
            await unauthenticated(served, proxy, forwarded(f"By={PROXY};Hash=00")),
        ]
    assert refused == [
        ("xfcc", "untrusted_proxy"),
        ("none", "absent"),
        ("xfcc", "malformed"),
        ("xfcc", "several_names"),
        ("xfcc", "no_name"),
    ]


async def test_a_token_names_the_caller(pki: Pki) -> None:
    """Signed or static, by TLS without a client's certificate."""
    config = server(pki, client_ca=False) + identity(pki, "jwt", "token")
    async with serving(config) as served:
        trusting = pki.servers.trusting()
        assert await served.caller(trusting, by_token(signed(KEY, "RS256"))) == "web"
        assert await served.caller(trusting, by_token(STATIC.token)) == "crm"


async def test_a_token_that_does_not_hold_is_refused(pki: Pki) -> None:
    """And neither the log nor the answer has any part of it."""
    tokens = {
        signed(KEY, "RS256", aud="another"): ("jwt", "audience"),
        signed(KEY, "RS256", iss="https://evil.example.org"): ("jwt", "issuer"),
        signed(KEY, "RS256", exp=1): ("jwt", "expired"),
        signed(KEY, "RS256", nbf=2**40): ("jwt", "not_yet_valid"),
        signed(KEY, "RS256", exp=None): ("jwt", "claim_missing"),
        signed(KEY, "RS256", sub=None): ("jwt", "no_name"),
        signed(KEY, "RS256", kid="k2"): ("jwt", "key_unknown"),
        signed(private_key("RS256", 1), "RS256"): ("jwt", "signature"),
        signed(private_key("ES256"), "ES256"): ("jwt", "key_unknown"),
        unsigned(): ("jwt", "algorithm"),
        signed_by_public_key(KEY): ("jwt", "algorithm"),
        new_token("crm").token: ("token", "unknown_token"),
    }
    config = server(pki, client_ca=False) + identity(pki, "jwt", "token")
    async with serving(config) as served:
        for token, refused in tokens.items():
            with capture_logs() as logs:
                told = await served.refusal(pki.servers.trusting(), by_token(token))
            assert not any(part in f"{told}{logs}" for part in token.split(".") if part)
            found = await unauthenticated(served, pki.servers.trusting(), by_token(token))
            assert found == refused


async def test_the_first_source_that_says_something_decides(pki: Pki) -> None:
    """What it says wrongly, no other one mends."""
    async with serving(server(pki) + identity(pki, "jwt", "mtls")) as served:
        web = pki.servers.trusting(pki.clients.issue(uri(WEB)))
        assert await served.caller(web) == WEB
        assert await served.caller(web, by_token(signed(KEY, "RS256", sub="job"))) == "job"
        assert await unauthenticated(served, web, by_token(unsigned())) == ("jwt", "algorithm")


async def test_who_says_nothing_is_told_what_is_taken(pki: Pki) -> None:
    """A header that nobody asks for says nothing."""
    config = server(pki, client_ca=False) + identity(pki, "jwt", "token")
    async with serving(config) as served:
        told = await served.refusal(pki.servers.trusting(), (("x-caller", "web"),))
        assert told.message == "nothing says who calls; this gateway takes jwt or token"


async def test_on_loopback_the_header_is_believed(pki: Pki) -> None:
    """After what proves more."""
    async with serving(identity(pki, "token", "header")) as served:
        assert await served.caller() == "anonymous"
        assert await served.caller(metadata=(("x-caller", "web"),)) == "web"
        both = (("x-caller", "web"), *by_token(STATIC.token))
        assert await served.caller(metadata=both) == "crm"
        wrong = (("x-caller", "web"), *by_token("wrong"))
        assert await unauthenticated(served, None, wrong) == ("token", "unknown_token")
