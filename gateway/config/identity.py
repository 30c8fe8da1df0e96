"""The section `identity`."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from gateway.config.scalars import Text, duration, refused
from gateway.config.section import DistinctOf, Section, SomeDistinctOf
from gateway.config.texts import FilePath
from gateway.identity import CALLER_HEADER
from gateway.identity.proxies import network

Source = Literal["mtls", "xfcc", "jwt", "token", "header"]

Algorithm = Literal[
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
]

_PROXY = "a network such as 10.0.0.0/8, a SPIFFE ID or a DNS name"


def _proxy(text: str) -> str:
    looks_like_network = text.replace(".", "").replace("/", "").isdigit() or (
        ":" in text and "://" not in text
    )
    found = network(text)
    if looks_like_network and found is None:
        raise refused(f"expected {_PROXY}; a network's address ends where its mask does")
    if found is not None and not found.prefixlen:
        raise refused("is every address there is; list the proxies' own")
    return text


TrustedProxy = Annotated[
    str,
    Text("network or proxy name", _PROXY, r"spiffe://[a-z0-9._-]+/[!-~]+|[a-zA-Z0-9.:_/-]+", 2048),
    AfterValidator(_proxy),
]
Phrase = Annotated[
    str, Text("text", "1 to 1024 visible ASCII characters, without spaces", r"[!-~]+", 1024)
]
KeySetUrl = Annotated[
    str,
    Text(
        "URL",
        "a URL such as https://issuer.example.org/keys; http only on loopback",
        r"(https://[a-zA-Z0-9._-]+|http://(127\.0\.0\.1|localhost|\[::1\]))"
        r"(:[0-9]{1,5})?(/[!-~]*)?",
        2048,
    ),
]


class Xfcc(Section):
    """Proxies that say who calls, in `x-forwarded-client-cert`."""

    trusted_proxies: DistinctOf[TrustedProxy] = Field(
        default=(),
        description="Whose word is taken: networks, and SPIFFE IDs or DNS names in the proxies' "
        "own client certificates. From anybody else the header is refused.",
    )
    hops: int = Field(
        default=1,
        ge=1,
        le=16,
        description="Whose element of the header is taken, counted from the gateway: 1 for the "
        "nearest proxy.",
    )


class Jwt(Section):
    """Signed tokens, sent as `authorization: Bearer`."""

    issuer: Phrase | None = Field(default=None, description="The `iss` that a token must have.")
    audience: Phrase | None = Field(
        default=None, description="The `aud` that a token must have, or have among its own."
    )
    jwks_file: FilePath | None = Field(
        default=None, description="The issuer's keys in a file, read anew when it changes."
    )
    jwks_url: KeySetUrl | None = Field(
        default=None, description="The issuer's keys at a URL, fetched anew every `refresh`."
    )
    algorithms: SomeDistinctOf[Algorithm] = Field(
        default=("RS256", "ES256", "EdDSA"), description="How a token may be signed."
    )
    caller_claim: Phrase = Field(default="sub", description="The claim that names the caller.")
    leeway_s: Annotated[float, duration("0s", "5m")] = Field(
        default="10s",
        alias="leeway",
        validate_default=True,
        description="How far the issuer's clock may be from the gateway's.",
    )
    refresh_s: Annotated[float, duration("30s", "1d")] = Field(
        default="10m",
        alias="refresh",
        validate_default=True,
        description="How often the keys are fetched; so too when a token names one that is not "
        "there, but not more often than every 10s.",
    )


class Tokens(Section):
    """Static tokens, sent as `authorization: Bearer`."""

    file: FilePath | None = Field(
        default=None,
        description="File with a line `CALLER sha256:HASH` for each token, read anew when it "
        "changes.",
    )


class Identity(Section):
    """How the gateway learns who calls."""

    sources: SomeDistinctOf[Source] = Field(
        default=("header",),
        alias="from",
        description="What may say who calls. The first that says something decides. `header` "
        f"trusts `{CALLER_HEADER}`, in which anybody may write anything: on loopback only.",
    )
    xfcc: Xfcc = Field(
        default_factory=Xfcc,
        description="Proxies that say who calls, in `x-forwarded-client-cert`.",
    )
    jwt: Jwt = Field(
        default_factory=Jwt, description="Signed tokens, sent as `authorization: Bearer`."
    )
    tokens: Tokens = Field(
        default_factory=Tokens, description="Static tokens, sent as `authorization: Bearer`."
    )
