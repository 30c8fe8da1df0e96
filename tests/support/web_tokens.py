"""Who issues signed tokens, for tests."""

import base64
import hashlib
import hmac
import json
import time
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import get_default_algorithms

ISSUER = "https://issuer.example.org"
AUDIENCE = "personalize-gateway"

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


@cache
def private_key(algorithm: str, which: int = 0) -> PrivateKey:
    """Return a key that signs by an algorithm; always the same one in a run."""
    del which
    if algorithm == "EdDSA":
        return ed25519.Ed25519PrivateKey.generate()
    if algorithm.startswith("ES"):
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def jwk(key: PrivateKey, algorithm: str, **members: Any) -> dict[str, Any]:
    """Return the public key as a JSON Web Key with these members besides."""
    made: dict[str, Any] = get_default_algorithms()[algorithm].to_jwk(
        key.public_key(), as_dict=True
    )
    made.pop("key_ops", None)
    return made | members


def key_set(*jwks: dict[str, Any]) -> bytes:
    """Return a key set."""
    return json.dumps({"keys": jwks}).encode()


def claims(**members: Any) -> dict[str, Any]:
    """Return the claims of a token that holds; a member that is None is left out."""
    usual = {"iss": ISSUER, "aud": AUDIENCE, "sub": "web", "exp": int(time.time()) + 3600}
    return {name: value for name, value in (usual | members).items() if value is not None}


def signed(
    key: PrivateKey, algorithm: str = "ES256", kid: str | None = "k1", **members: Any
) -> str:
    """Return a token; its claims are the usual ones and these."""
    headers = {} if kid is None else {"kid": kid}
    return jwt.encode(claims(**members), key, algorithm, headers)


def unsigned() -> str:
    """Return a token of the algorithm `none`."""
    return jwt.encode(claims(), "", "none", {"kid": "k1"})


def signed_by_public_key(key: PrivateKey) -> str:
    """Return a token whose HS256 signature has the public key for its secret."""
    secret = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    head = _part({"alg": "HS256", "typ": "JWT", "kid": "k1"})
    body = head + b"." + _part(claims())
    return (body + b"." + _base64(hmac.digest(secret, body, hashlib.sha256))).decode()


def _part(value: object) -> bytes:
    return _base64(json.dumps(value).encode())


def _base64(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")
