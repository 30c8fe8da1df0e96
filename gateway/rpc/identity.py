"""Who calls: what gRPC knows of a call as evidence, and the sources that a configuration names."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING, Protocol
from urllib.parse import unquote

import grpc

from gateway.config.identity import Identity as IdentitySection
from gateway.config.identity import Jwt
from gateway.identity.bearer import BearerToken
from gateway.identity.caller import Caller
from gateway.identity.certificate import ClientCertificate
from gateway.identity.evidence import CertificateNames, Evidence, Source
from gateway.identity.header import CallerHeader
from gateway.identity.key_url import KeyUrl
from gateway.identity.keys import KeyFile, Keys
from gateway.identity.proxies import TrustedProxies
from gateway.identity.sources import Sources
from gateway.identity.tokens import StaticTokens
from gateway.identity.web_token import WebTokenRules, WebTokens
from gateway.identity.xfcc import ForgedHeader, ForwardedCertificate

if TYPE_CHECKING:
    Context = grpc.aio.ServicerContext[bytes, bytes]
else:  # Generic for the type checker alone.
    Context = grpc.aio.ServicerContext

_BEARER = frozenset({"jwt", "token"})


class Identity(Protocol):
    """Finds out who calls."""

    async def caller(self, evidence: Evidence) -> Caller:
        """Return the caller of a request.

        Raises:
            CallerUnknown: nothing says who calls, or what says it does not hold.
            ProofUnverifiable: what says it cannot be judged at the moment.
        """

    async def start(self) -> None:
        """Begin what it needs; returns when it can be asked."""

    async def close(self) -> None:
        """End it."""


class CallEvidence:
    """What a call brings, looked up when it is asked for."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def header(self, name: str) -> Sequence[str]:
        """Return the values of a metadata key."""
        metadata = self._context.invocation_metadata() or ()
        return [str(value) for key, value in metadata if key == name]

    def certificate(self) -> CertificateNames | None:
        """Return the names in the client's certificate."""
        known = self._context.auth_context()
        # gRPC has the certificate here only where it has verified it.
        if "x509_pem_cert" not in known:
            return None
        return CertificateNames(_texts(known.get("peer_uri")), _texts(known.get("peer_dns")))

    def address(self) -> IPv4Address | IPv6Address | None:
        """Return from where the connection comes."""
        return _address(self._context.peer())


def _texts(values: Iterable[bytes] | None) -> Sequence[str]:
    return [value.decode("utf-8", "replace") for value in values or ()]


@lru_cache(maxsize=1024)
def _address(peer: str) -> IPv4Address | IPv6Address | None:
    """Return the address in gRPC's name of a peer: `ipv4:10.0.0.1:4711`, `ipv6:[::1]:4711`."""
    kind, _, rest = unquote(peer).partition(":")
    if kind not in ("ipv4", "ipv6"):
        return None
    host = rest.rpartition(":")[0].strip("[]").partition("%")[0]
    try:
        return ip_address(host)
    except ValueError:
        return None


def identity_of(section: IdentitySection) -> Sources:
    """Return the sources of the section `identity`. Start it before it is asked, and close it.

    Raises:
        FileUnusable: a file that it names cannot be read, or is not what it should be.
    """
    background = []
    bearer = None
    if not _BEARER.isdisjoint(section.sources):
        web_tokens = _web_tokens(section.jwt) if "jwt" in section.sources else None
        bearer = BearerToken(web_tokens, _static_tokens(section))
        background = [web_tokens] if web_tokens else []
    # The two kinds of token come in one header, so they are one source, at the first one's place.
    return Sources(list(dict.fromkeys(_sources(section, bearer))), background)


def _sources(section: IdentitySection, bearer: BearerToken | None) -> Iterator[Source]:
    proxies = None
    if "xfcc" in section.sources:
        proxies = TrustedProxies(section.xfcc.trusted_proxies)
        yield ForgedHeader(proxies)
    for name in section.sources:
        if name == "mtls":
            yield ClientCertificate(proxies)
        elif name == "xfcc":
            yield ForwardedCertificate(section.xfcc.hops)
        elif name == "header":
            yield CallerHeader()
        else:
            assert bearer is not None, "a source of tokens has tokens"
            yield bearer


def _static_tokens(section: IdentitySection) -> StaticTokens | None:
    if "token" not in section.sources:
        return None
    assert section.tokens.file is not None, "the configuration was checked"
    return StaticTokens(section.tokens.file)


def _web_tokens(section: Jwt) -> WebTokens:
    assert section.issuer is not None, "the configuration was checked"
    assert section.audience is not None, "the configuration was checked"
    rules = WebTokenRules(
        section.issuer,
        section.audience,
        section.algorithms,
        section.caller_claim,
        section.leeway_s,
    )
    return WebTokens(rules, _key_source(section))


def _key_source(section: Jwt) -> Keys:
    if section.jwks_file is not None:
        return KeyFile(section.jwks_file)
    assert section.jwks_url is not None, "the configuration was checked"
    return KeyUrl(section.jwks_url, refresh_s=section.refresh_s)
