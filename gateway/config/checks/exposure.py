"""Who can reach the gateway, and whether it can tell who calls."""

from collections.abc import Iterator

from gateway.config.checks.parts import Parts
from gateway.config.identity import Identity, Source
from gateway.config.problems import Finding, Path
from gateway.config.server import Server, Tls
from gateway.identity.proxies import network

_FROM = ("identity", "from")


def exposure(parts: Parts) -> Iterator[Finding]:
    """Yield what lets somebody call under a name that is not his, or lets nobody call."""
    if parts.server:
        yield from _tls(parts.server.tls)
    if parts.identity:
        yield from _sources(parts.identity)
        yield from _keys(parts.identity)
    if parts.server and parts.identity:
        yield from _header(parts.server, parts.identity)
        yield from _client_certificates(parts.server.tls, parts.identity)


def _tls(tls: Tls) -> Iterator[Finding]:
    path: Path = ("server", "tls")
    if tls.cert is None and (tls.key or tls.client_ca):
        yield Finding((*path, "cert"), "is required: without it there is no TLS")
    if tls.key is None and tls.cert:
        yield Finding((*path, "key"), "is required: the key of server.tls.cert")


def _header(server: Server, identity: Identity) -> Iterator[Finding]:
    if server.on_loopback or "header" not in identity.sources:
        return
    if "sources" not in identity.model_fields_set:
        yield Finding(
            ("server", "listen"),
            "is not a loopback address, so others could call under any name; state in"
            " identity.from what proves who calls: mtls, xfcc, jwt or token",
        )
        return
    yield Finding(
        (*_FROM, identity.sources.index("header")),
        "lets anybody call under any name, as server.listen is not a loopback address; a sidecar"
        " on the same machine, or in the same pod, reaches a gateway on loopback",
    )


def _sources(identity: Identity) -> Iterator[Finding]:
    """Yield the sources that lack what they need, and what is stated for none."""
    needed: dict[Source, tuple[Path, bool]] = {
        "xfcc": (("identity", "xfcc", "trusted_proxies"), bool(identity.xfcc.trusted_proxies)),
        "jwt": (("identity", "jwt", "issuer"), identity.jwt.issuer is not None),
        "token": (("identity", "tokens", "file"), identity.tokens.file is not None),
    }
    for source, (path, is_there) in needed.items():
        if source in identity.sources and not is_there:
            yield Finding(path, f"is required: identity.from lists {source}")
        elif source not in identity.sources and path[1] in identity.model_fields_set:
            yield Finding(path[:2], f"is of no use: identity.from does not list {source}")
    if "header" in identity.sources[:-1]:
        index = identity.sources.index("header")
        yield Finding(
            (*_FROM, index), "must be the last: without a header, the caller is anonymous"
        )


def _keys(identity: Identity) -> Iterator[Finding]:
    if "jwt" not in identity.sources:
        return
    path: Path = ("identity", "jwt")
    if identity.jwt.audience is None:
        yield Finding((*path, "audience"), "is required: identity.from lists jwt")
    if identity.jwt.jwks_file is None and identity.jwt.jwks_url is None:
        yield Finding(path, "needs jwks_file or jwks_url")
    if identity.jwt.jwks_file and identity.jwt.jwks_url:
        yield Finding((*path, "jwks_url"), "is one too many: there is jwks_file too")


def _client_certificates(tls: Tls, identity: Identity) -> Iterator[Finding]:
    sources = identity.sources
    if "mtls" in sources and tls.client_ca is None:
        yield Finding((*_FROM, sources.index("mtls")), "needs server.tls.client_ca")
    if "mtls" in sources and "xfcc" not in sources and sources[-1] != "mtls":
        # Whoever has connected at all has a certificate.
        yield Finding(
            (*_FROM, sources.index("mtls")),
            "must be the last: every client has a certificate, so that nothing else is asked",
        )
    if "xfcc" not in sources or tls.client_ca is not None:
        return
    for index, proxy in enumerate(identity.xfcc.trusted_proxies):
        if network(proxy) is None:
            yield Finding(
                ("identity", "xfcc", "trusted_proxies", index),
                "is a name in a certificate, which needs server.tls.client_ca",
            )
