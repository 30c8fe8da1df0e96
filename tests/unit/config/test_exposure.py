"""Who can call, and under whose name."""

from collections.abc import Callable

import pytest

Problems = Callable[..., list[str]]

USABLE = """\
dataset_groups:
  shop:
    arn: arn:aws:personalize:eu-west-1:123456789012:dataset-group/shop
    tracking_id: tracking-shop
routes:
  - {name: web, callers: [web], kinds: [events], dataset_group: shop}
"""
EVERYWHERE = "server: {listen: '0.0.0.0:1'}\n"
TLS = "server: {listen: '0.0.0.0:1', tls: {cert: /c, key: /k, client_ca: /a}}\n"
XFCC = "xfcc: {trusted_proxies: [10.0.0.0/8, proxy.example.org]}"
JWT = "jwt: {issuer: i, audience: a, jwks_file: /keys}"
TOKENS = "tokens: {file: /tokens}"


def identity(*parts: str) -> str:
    """Return the section `identity`, in one line."""
    return f"identity: {{{', '.join(parts)}}}\n"


@pytest.mark.parametrize(
    "head",
    [
        "server: {listen: '127.0.0.1:1'}\n",
        "server: {listen: '[::1]:1'}\nidentity: {}\n",
        "server: {listen: 'localhost:1'}\n" + identity("from: [header]"),
        "server: {listen: 'localhost:1'}\n" + identity("from: [token, header]", TOKENS),
        TLS + identity("from: [mtls]"),
        TLS + identity("from: [jwt, token, mtls]", JWT, TOKENS),
        TLS + identity("from: [mtls, xfcc, jwt]", XFCC, JWT),
        TLS + identity("from: [xfcc, mtls]", XFCC),
        TLS + identity("from: [jwt]", JWT),
        "server: {listen: '0.0.0.0:1', tls: {cert: /c, key: /k}}\n" + identity("from: [jwt]", JWT),
        EVERYWHERE + identity("from: [token]", TOKENS),
        EVERYWHERE + identity("from: [xfcc]", "xfcc: {trusted_proxies: ['10.0.0.7']}"),
    ],
)
def test_who_calls_can_be_proven(problems: Problems, head: str) -> None:
    """Or nobody else can call."""
    assert problems(head + USABLE) == []


@pytest.mark.parametrize(
    ("head", "said"),
    [
        (
            EVERYWHERE,
            (
                "F:1: server.listen: is not a loopback address, so others could call under any"
                " name; state in identity.from what proves who calls: mtls, xfcc, jwt or token"
            ),
        ),
        (
            "identity: {}\nserver: {listen: 'gw.example.org:1'}\n",
            (
                "F:2: server.listen: is not a loopback address, so others could call under any"
                " name; state in identity.from what proves who calls: mtls, xfcc, jwt or token"
            ),
        ),
        (
            EVERYWHERE + identity("from: [token, header]", TOKENS),
            (
                "F:2: identity.from[1]: lets anybody call under any name, as server.listen is not a"
                " loopback address; a sidecar on the same machine, or in the same pod, reaches a"
                " gateway on loopback"
            ),
        ),
        (
            identity("from: [header, token]", TOKENS),
            "F:1: identity.from[0]: must be the last: without a header, the caller is anonymous",
        ),
        (
            EVERYWHERE + identity("from: [mtls]"),
            "F:2: identity.from[0]: needs server.tls.client_ca",
        ),
        (
            TLS + identity("from: [mtls, jwt]", JWT),
            (
                "F:2: identity.from[0]: must be the last: every client has a certificate, so that"
                " nothing else is asked"
            ),
        ),
        (
            TLS + identity("from: [xfcc]"),
            "F:2: identity.xfcc.trusted_proxies: is required: identity.from lists xfcc",
        ),
        (
            EVERYWHERE + identity("from: [xfcc]", XFCC),
            (
                "F:2: identity.xfcc.trusted_proxies[1]: is a name in a certificate, which needs"
                " server.tls.client_ca"
            ),
        ),
        (
            EVERYWHERE + identity("from: [token]"),
            "F:2: identity.tokens.file: is required: identity.from lists token",
        ),
        (
            EVERYWHERE + identity("from: [token]", TOKENS, JWT),
            "F:2: identity.jwt: is of no use: identity.from does not list jwt",
        ),
        (
            EVERYWHERE + identity("from: [jwt]", "jwt: {audience: a, jwks_file: /keys}"),
            "F:2: identity.jwt.issuer: is required: identity.from lists jwt",
        ),
        (
            EVERYWHERE + identity("from: [jwt]", "jwt: {issuer: i, jwks_file: /keys}"),
            "F:2: identity.jwt.audience: is required: identity.from lists jwt",
        ),
        (
            EVERYWHERE + identity("from: [jwt]", "jwt: {issuer: i, audience: a}"),
            "F:2: identity.jwt: needs jwks_file or jwks_url",
        ),
        (
            EVERYWHERE + identity("from: [jwt]", JWT.replace("}", ", jwks_url: 'https://i'}")),
            "F:2: identity.jwt.jwks_url: is one too many: there is jwks_file too",
        ),
        (
            "server: {tls: {key: /k}}\n",
            "F:1: server.tls.cert: is required: without it there is no TLS",
        ),
        (
            "server: {tls: {cert: /c}}\n",
            "F:1: server.tls.key: is required: the key of server.tls.cert",
        ),
    ],
)
def test_what_proves_nothing_is_refused(problems: Problems, head: str, said: str) -> None:
    """With the place, and what to do."""
    assert problems(head + USABLE) == [said]
