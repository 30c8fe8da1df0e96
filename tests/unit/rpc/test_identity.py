"""What gRPC knows of a call, and the sources that a configuration names."""

from collections.abc import Mapping, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from gateway.config.identity import Identity
from gateway.identity import CallerUnknown
from gateway.identity.evidence import CertificateNames
from gateway.identity.files import FileUnusable
from gateway.identity.tokens import new_token
from gateway.rpc.identity import CallEvidence, identity_of
from tests.support.evidence import Call, bearer
from tests.support.web_tokens import AUDIENCE, ISSUER, jwk, key_set, private_key, signed

if TYPE_CHECKING:
    import grpc

WEB = "spiffe://example.org/web"
STATIC = new_token("crm")
KEY = private_key("ES256")
# Until a run comes to a test it may take a long time.
NEVER = 10**10


class Context:
    """What gRPC tells a handler."""

    def __init__(
        self,
        peer: str = "",
        known: Mapping[str, Sequence[bytes]] | None = None,
        metadata: Sequence[tuple[str, str]] | None = None,
    ) -> None:
        self._told = (peer, known or {}, metadata)

    def peer(self) -> str:
        return self._told[0]

    def auth_context(self) -> Mapping[str, Sequence[bytes]]:
        return self._told[1]

    def invocation_metadata(self) -> Sequence[tuple[str, str]] | None:
        return self._told[2]


def evidence(*told: Any) -> CallEvidence:
    """Return the evidence of a call of which gRPC tells this."""
    return CallEvidence(cast("grpc.aio.ServicerContext[bytes, bytes]", Context(*told)))


@pytest.mark.parametrize(
    ("peer", "address"),
    [
        ("ipv4:10.0.0.1:4711", ip_address("10.0.0.1")),
        ("ipv6:[::1]:4711", ip_address("::1")),
        ("ipv6:%5B2001:db8::1%5D:4711", ip_address("2001:db8::1")),
        ("ipv6:%5Bfe80::1%25eth0%5D:4711", ip_address("fe80::1")),
        ("unix:/tmp/socket", None),
        ("unix:", None),
        ("", None),
        ("ipv4:nobody:1", None),
    ],
)
def test_the_address_is_in_grpcs_name_of_the_peer(
    peer: str, address: IPv4Address | IPv6Address | None
) -> None:
    """As grpcio writes it."""
    assert evidence(peer).address() == address


def test_a_certificate_counts_where_grpc_has_verified_it() -> None:
    """Without one there are no names."""
    known = {"x509_pem_cert": [b"-"], "peer_uri": [WEB.encode()], "peer_dns": [b"a", b"\xff"]}
    assert evidence("", known).certificate() == CertificateNames([WEB], ["a", "\ufffd"])
    assert evidence("", {"transport_security_type": [b"ssl"]}).certificate() is None


def test_a_header_has_all_its_values() -> None:
    """In their order."""
    call = evidence("", None, [("a", "1"), ("b", "2"), ("a", "3")])
    assert (call.header("a"), call.header("c"), evidence().header("a")) == (["1", "3"], [], [])


@pytest.fixture
def section(tmp_path: Path) -> dict[str, Any]:
    """A section that states everything, for any sources."""
    (tmp_path / "tokens").write_text(STATIC.line)
    (tmp_path / "keys").write_bytes(key_set(jwk(KEY, "ES256", kid="k1")))
    keys = {"jwks_file": str(tmp_path / "keys")}
    return {
        "xfcc": {"trusted_proxies": ["10.0.0.0/8"]},
        "jwt": {"issuer": ISSUER, "audience": AUDIENCE, **keys},
        "tokens": {"file": str(tmp_path / "tokens")},
    }


FORWARDED = {"x-forwarded-client-cert": [f"URI={WEB}"]}
NAMED = {"x-caller": ["shop"]}


@pytest.mark.parametrize(
    ("sources", "call", "caller"),
    [
        (["header"], Call(NAMED), "shop"),
        (["mtls"], Call(NAMED, uris=[WEB]), WEB),
        (["jwt", "mtls"], Call(uris=[WEB]), WEB),
        (["mtls", "xfcc"], Call(FORWARDED, at="10.0.0.1"), WEB),
        (["mtls", "xfcc"], Call(FORWARDED, uris=["spiffe://a/proxy"], at="10.0.0.1"), WEB),
        (["mtls", "xfcc"], Call(uris=["spiffe://a/b"], at="192.0.2.1"), "spiffe://a/b"),
        (["xfcc", "token"], bearer(STATIC.token), "crm"),
        (["token", "header"], bearer(STATIC.token, **NAMED), "crm"),
        (["token", "header"], Call(NAMED), "shop"),
        (["token", "jwt"], bearer(signed(KEY, exp=NEVER)), "web"),
        (["jwt", "token"], bearer(STATIC.token), "crm"),
    ],
)
async def test_the_sources_are_those_of_the_configuration(
    section: dict[str, Any], sources: list[str], call: Call, caller: str
) -> None:
    """In its order."""
    identity = identity_of(Identity.model_validate(section | {"from": sources}))
    await identity.start()
    assert await identity.caller(call) == caller
    await identity.close()


@pytest.mark.parametrize(
    ("sources", "call", "refused"),
    [
        (["mtls"], Call(NAMED), ("none", "absent")),
        (["jwt"], Call(NAMED), ("none", "absent")),
        (
            ["mtls", "xfcc"],
            Call(FORWARDED, uris=[WEB], at="192.0.2.1"),
            ("xfcc", "untrusted_proxy"),
        ),
        (["jwt", "xfcc"], Call(FORWARDED, at="192.0.2.1"), ("xfcc", "untrusted_proxy")),
        (["token", "header"], bearer("nobody", **NAMED), ("token", "unknown_token")),
        (["token", "header"], bearer(signed(KEY), **NAMED), ("token", "unknown_token")),
        (["jwt", "header"], bearer(STATIC.token, **NAMED), ("jwt", "malformed")),
        (["mtls", "header"], Call(NAMED, uris=[]), ("mtls", "no_name")),
    ],
)
async def test_what_does_not_hold_is_not_passed_over(
    section: dict[str, Any], sources: list[str], call: Call, refused: tuple[str, str]
) -> None:
    """Though another source would name a caller."""
    identity = identity_of(Identity.model_validate(section | {"from": sources}))
    with pytest.raises(CallerUnknown) as caught:
        await identity.caller(call)
    assert (caught.value.source, caught.value.reason) == refused


def test_a_file_that_is_not_there_is_said_at_once(tmp_path: Path) -> None:
    """Not with the first call."""
    section = Identity.model_validate({"from": ["token"], "tokens": {"file": f"{tmp_path}/none"}})
    with pytest.raises(FileUnusable, match="cannot be read: No such file"):
        identity_of(section)
