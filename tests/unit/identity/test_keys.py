"""The keys of who issues tokens."""

from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from gateway.identity.files import FileUnusable
from gateway.identity.keys import KeyFile, KeySet
from tests.support.web_tokens import jwk, key_set, private_key

EC = private_key("ES256")
RSA = private_key("RS256")
OCT = {"kty": "oct", "k": "c2VjcmV0", "kid": "k1"}
SHORT = jwk(
    rsa.generate_private_key(public_exponent=65537, key_size=1024),  # noqa: S505 - to be refused
    "RS256",
    kid="k1",
)


def test_a_key_is_found_by_its_id_and_its_algorithm() -> None:
    """One that says no algorithm is for all of its kind, one that says one for that alone."""
    keys = KeySet.parse(
        key_set(
            jwk(RSA, "RS256", kid="r"),
            jwk(RSA, "RS256", kid="p", alg="PS256"),
            jwk(EC, "ES256", kid="e"),
            jwk(private_key("EdDSA"), "EdDSA"),
        )
    )
    wanted = [("r", "RS512"), ("r", "PS256"), ("p", "PS256"), ("e", "ES256"), (None, "EdDSA")]
    assert [keys.find(*one) is not None for one in wanted] == [True] * 5
    missing = [("r", "ES256"), ("p", "RS256"), ("e", "ES384"), ("e", "HS256"), ("x", "RS256")]
    assert [keys.find(*one) for one in missing] == [None] * 5
    assert [keys.find(None, "PS256"), keys.find(None, "none"), keys.find("r", "none")] == [None] * 3


@pytest.mark.parametrize(
    "unusable",
    [
        OCT,
        SHORT,
        jwk(EC, "ES256", use="enc"),
        jwk(EC, "ES256", alg="HS256"),
        jwk(EC, "ES256", crv=["P-256"]),
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
        {"kty": "RSA"},
        {"kty": ["RSA"]},
        {},
        "text",
    ],
)
def test_what_cannot_verify_is_left_out(unusable: Any) -> None:
    """Beside one that can; alone, there is no set."""
    keys = KeySet.parse(key_set(unusable, jwk(EC, "ES256", kid="k1")))
    assert len(keys.keys) == 1
    with pytest.raises(FileUnusable, match="no public key"):
        KeySet.parse(key_set(unusable))


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"{}", b"1", b"\xff", b"[" * 100_000])
def test_what_is_no_key_set_is_refused(text: bytes) -> None:
    """Whatever it is."""
    with pytest.raises(FileUnusable):
        KeySet.parse(text)


async def test_a_private_key_verifies_as_its_public_one(tmp_path: Path) -> None:
    """It should not be there, but nothing of it is kept."""
    private = jwk(EC, "ES256", kid="k1", d="AAAA")
    file = tmp_path / "keys.json"
    file.write_bytes(key_set(private))
    keys = KeyFile(str(file))
    await keys.start()
    found = (await keys.renewed()).find("k1", "ES256")
    await keys.close()
    assert found is not None
    assert "d" not in found._jwk_data
