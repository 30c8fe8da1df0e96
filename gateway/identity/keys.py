"""The public keys of who issues tokens: a JSON Web Key Set (RFC 7517)."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt import PyJWK
from jwt.exceptions import PyJWTError

from gateway.identity.files import FileUnusable, ReloadedFiles

# By key type and curve (RFC 7518 section 3.1, RFC 8037). What is symmetric is not among them: a
# secret that is published is none.
_ALGORITHMS: Mapping[tuple[object, object], Sequence[str]] = {
    ("RSA", None): ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    ("EC", "P-256"): ("ES256",),
    ("EC", "P-384"): ("ES384",),
    ("EC", "P-521"): ("ES512",),
    ("OKP", "Ed25519"): ("EdDSA",),
}

_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})

_LEAST_RSA_BITS = 2048
"""RFC 7518, section 3.3."""


class Keys(Protocol):
    """Where the keys come from."""

    def current(self) -> "KeySet | None":
        """Return the keys as they are known; None where none could be had so far."""

    async def renewed(self) -> "KeySet | None":
        """Return them once they were looked for again, where that was not done a moment ago."""

    async def start(self) -> None:
        """Begin to keep them; returns when they are there, or could not be had."""

    async def close(self) -> None:
        """End it."""


@dataclass(frozen=True, slots=True)
class _Key:
    key_id: str | None
    by_algorithm: Mapping[str, PyJWK]


@dataclass(frozen=True, slots=True, eq=False)
class KeySet:
    """The keys that can verify a signature; all others of the set are left out."""

    keys: Sequence[_Key]

    @classmethod
    def parse(cls, data: bytes) -> "KeySet":
        """Return the set that a JSON text is.

        Raises:
            FileUnusable: it is none, or has no key that can be used.
        """
        try:
            listed = json.loads(data)["keys"]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise FileUnusable("the key set is not a JSON object with `keys`") from error
        keys = tuple(_usable(listed if isinstance(listed, list) else ()))
        if not keys:
            raise FileUnusable("the key set has no public key that can verify signatures")
        return cls(keys)

    def find(self, key_id: str | None, algorithm: str) -> PyJWK | None:
        """Return the key for a signature; None where there is none, or no telling which.

        Args:
            key_id: as the token names it; without one, there must be one key for the algorithm.
            algorithm: as the token names it.
        """
        found = [
            key.by_algorithm[algorithm]
            for key in self.keys
            if algorithm in key.by_algorithm and (key_id is None or key.key_id == key_id)
        ]
        return found[0] if len(found) == 1 else None


class KeyFile:
    """A key set in a file, which is read anew when it changes.

    Raises:
        FileUnusable: it cannot be read, or is no key set.
    """

    def __init__(self, path: str) -> None:
        self._keys = ReloadedFiles([path], lambda contents: KeySet.parse(contents[0]))

    def current(self) -> KeySet:
        """Return what the file says."""
        return self._keys.current()

    async def renewed(self) -> KeySet:
        """Return what the file says."""
        return self._keys.current()

    async def start(self) -> None:
        """Do nothing: the file was read already."""

    async def close(self) -> None:
        """Do nothing."""


def _usable(listed: Sequence[Any]) -> Iterator[_Key]:
    for jwk in listed:
        if not isinstance(jwk, dict) or jwk.get("use", "sig") != "sig":
            continue
        public = {name: value for name, value in jwk.items() if name not in _PRIVATE}
        by_algorithm = dict(_by_algorithm(public))
        if by_algorithm:
            key_id = jwk.get("kid")
            yield _Key(key_id if isinstance(key_id, str) else None, by_algorithm)


def _by_algorithm(public: dict[str, Any]) -> Iterator[tuple[str, PyJWK]]:
    kind, curve = public.get("kty"), public.get("crv")
    if not isinstance(kind, str) or not isinstance(curve, str | None):
        return
    for algorithm in _ALGORITHMS.get((kind, curve), ()):
        if public.get("alg", algorithm) != algorithm:
            continue
        try:
            jwk = PyJWK(public, algorithm)
        except (PyJWTError, ValueError, TypeError):
            return
        if isinstance(jwk.key, RSAPublicKey) and jwk.key.key_size < _LEAST_RSA_BITS:
            return
        yield algorithm, jwk
