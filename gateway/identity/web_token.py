"""`jwt`: the caller is who a signed token names (RFC 7519)."""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NoReturn

import jwt
from jwt import exceptions

from gateway.identity.caller import Caller, CallerUnknown, ProofUnverifiable, is_caller
from gateway.identity.keys import Keys, KeySet

MAX_REMEMBERED: Final = 4096
"""Most tokens whose signature is not verified anew with each call."""

_NAME: Final = "jwt"

_REASONS: Mapping[type[exceptions.PyJWTError], tuple[str, str]] = {
    exceptions.ExpiredSignatureError: ("expired", "has expired"),
    exceptions.ImmatureSignatureError: ("not_yet_valid", "is not valid yet"),
    exceptions.InvalidAudienceError: ("audience", "is for another audience"),
    exceptions.InvalidIssuerError: ("issuer", "is of another issuer"),
    exceptions.MissingRequiredClaimError: ("claim_missing", "lacks one of exp, aud and iss"),
    exceptions.InvalidSignatureError: ("signature", "has a signature that is not its issuer's"),
    exceptions.InvalidAlgorithmError: ("algorithm", "is signed by an algorithm that is not taken"),
}


@dataclass(frozen=True, slots=True)
class WebTokenRules:
    """What a token has to be.

    Attributes:
        issuer: its `iss`.
        audience: one of its `aud`.
        algorithms: how it may be signed; asymmetric ones.
        caller_claim: the claim that names the caller.
        leeway_s: how far the clocks of issuer and gateway may be apart.
    """

    issuer: str
    audience: str
    algorithms: Sequence[str]
    caller_claim: str = "sub"
    leeway_s: float = 0.0


@dataclass(frozen=True, slots=True)
class _Remembered:
    caller: Caller
    expires_s: int


class WebTokens:
    """Verifies tokens.

    A token that held is remembered until it expires or the keys change, so that a signature is
    verified once, not with each call.

    Args:
        now: the wall clock, in seconds since 1970.
    """

    name: Final = _NAME

    def __init__(
        self, rules: WebTokenRules, keys: Keys, *, now: Callable[[], float] = time.time
    ) -> None:
        self._rules = rules
        self._keys = keys
        self._now = now
        self._remembered: OrderedDict[bytes, _Remembered] = OrderedDict()
        self._remembered_by: KeySet | None = None

    async def start(self) -> None:
        """Get the keys."""
        await self._keys.start()

    async def close(self) -> None:
        """Renew the keys no more."""
        await self._keys.close()

    async def caller_of(self, token: str) -> Caller:
        """Return whom a token names.

        Raises:
            CallerUnknown: it does not hold.
            ProofUnverifiable: the issuer's keys could not be had so far.
        """
        digest = hashlib.sha256(token.encode()).digest()
        remembered = self._recall(digest)
        if remembered is not None:
            return remembered
        header = _header(token)
        key = await self._key(header)
        claims = self._claims(token, key)
        caller = self._named(claims)
        self._remember(digest, _Remembered(caller, int(claims["exp"])))
        return caller

    def _recall(self, digest: bytes) -> Caller | None:
        keys = self._keys.current()
        if keys is not self._remembered_by:  # a key that was taken back signs for nobody
            self._remembered.clear()
            self._remembered_by = keys
        found = self._remembered.get(digest)
        # Compared as it is: it may be more than a float holds.
        if found is None or found.expires_s <= self._now() - self._rules.leeway_s:
            return None
        self._remembered.move_to_end(digest)
        return found.caller

    def _remember(self, digest: bytes, found: _Remembered) -> None:
        if self._keys.current() is not self._remembered_by:
            return
        self._remembered[digest] = found
        if len(self._remembered) > MAX_REMEMBERED:
            self._remembered.popitem(last=False)

    async def _key(self, header: Mapping[str, Any]) -> jwt.PyJWK:
        algorithm, key_id = header.get("alg"), header.get("kid")
        if algorithm not in self._rules.algorithms or not isinstance(algorithm, str):
            _refuse(exceptions.InvalidAlgorithmError())
        key = _found(self._keys.current(), key_id, algorithm)
        if key is None:
            keys = await self._keys.renewed()
            if keys is None:
                raise ProofUnverifiable(
                    "the keys that the bearer token is to be verified by could not be fetched",
                    source=_NAME,
                    reason="keys_unavailable",
                )
            key = _found(keys, key_id, algorithm)
        if key is None:
            raise CallerUnknown(
                "the bearer token is signed by a key that its issuer does not publish",
                source=_NAME,
                reason="key_unknown",
            )
        return key

    def _claims(self, token: str, key: jwt.PyJWK) -> dict[str, Any]:
        rules = self._rules
        try:
            return jwt.decode(
                token,
                key,
                algorithms=list(rules.algorithms),
                audience=rules.audience,
                issuer=rules.issuer,
                leeway=rules.leeway_s,
                options={"require": ["exp", "aud", "iss"]},
            )
        except exceptions.PyJWTError as error:
            _refuse(error)

    def _named(self, claims: Mapping[str, Any]) -> Caller:
        named = claims.get(self._rules.caller_claim)
        if not isinstance(named, str) or not is_caller(named):
            raise CallerUnknown(
                f"the bearer token names no caller in its claim {self._rules.caller_claim}",
                source=_NAME,
                reason="no_name",
            )
        return named


def _found(keys: KeySet | None, key_id: object, algorithm: str) -> jwt.PyJWK | None:
    if keys is None or not isinstance(key_id, str | None):
        return None
    return keys.find(key_id, algorithm)


def _header(token: str) -> Mapping[str, Any]:
    try:
        header = jwt.get_unverified_header(token)
    except exceptions.PyJWTError as error:
        _refuse(error)
    if "crit" in header:  # extensions that have to be understood (RFC 7515, section 4.1.11)
        _refuse(exceptions.DecodeError())
    return header


def _refuse(error: exceptions.PyJWTError) -> NoReturn:
    # In words of ours: the library's may quote the token.
    reason, what = next(
        (told for kind, told in _REASONS.items() if isinstance(error, kind)),
        ("malformed", "is not well-formed"),
    )
    raise CallerUnknown(f"the bearer token {what}", source=_NAME, reason=reason) from None
