"""Signed tokens: which hold, and which do not."""

import time
from dataclasses import replace
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.identity import CallerUnknown, ProofUnverifiable
from gateway.identity.keys import KeySet
from gateway.identity.web_token import MAX_REMEMBERED, WebTokenRules, WebTokens
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

KEY = private_key("ES256")
OTHER = private_key("ES256", 1)
RULES = WebTokenRules(ISSUER, AUDIENCE, ("ES256", "RS256", "EdDSA"))
# The library goes by the real clock, and a run may take a long time to come to a test.
NOW = int(time.time())
HOUR = 3600


class GivenKeys:
    """Keys that a test gives, and can give anew."""

    def __init__(self, *sets: KeySet | None) -> None:
        self._sets = list(sets)

    def current(self) -> KeySet | None:
        return self._sets[0]

    async def renewed(self) -> KeySet | None:
        if len(self._sets) > 1:
            self._sets.pop(0)
        return self._sets[0]

    async def start(self) -> None:
        pass

    async def close(self) -> None:
        pass


def keys_of(key: Any, algorithm: str = "ES256", kid: str = "k1") -> KeySet:
    """Return a set of one key."""
    return KeySet.parse(key_set(jwk(key, algorithm, kid=kid)))


def tokens_of(*sets: KeySet | None, rules: WebTokenRules = RULES, **more: Any) -> WebTokens:
    """Return what judges by these keys; each further set is what a renewal brings."""
    return WebTokens(rules, GivenKeys(*sets), **more)


async def refusal(tokens: WebTokens, token: str) -> tuple[str, str]:
    """Return the reason of a refusal, which must not quote the token, and its text."""
    with pytest.raises(CallerUnknown) as caught:
        await tokens.caller_of(token)
    assert caught.value.source == "jwt"
    for part in token.split("."):
        assert len(part) < 8 or part not in str(caught.value)
    return caught.value.reason, str(caught.value)


@pytest.mark.parametrize("algorithm", ["ES256", "RS256", "EdDSA"])
async def test_a_token_that_holds_names_its_caller(algorithm: str) -> None:
    """By each kind of key."""
    key = private_key(algorithm)
    tokens = tokens_of(keys_of(key, algorithm))
    assert await tokens.caller_of(signed(key, algorithm, sub="crm")) == "crm"
    assert await tokens.caller_of(signed(key, algorithm, kid=None, aud=["x", AUDIENCE])) == "web"


async def test_another_claim_can_name_the_caller() -> None:
    """As issuers of machine tokens have it."""
    rules = WebTokenRules(ISSUER, AUDIENCE, ("ES256",), caller_claim="client_id")
    tokens = tokens_of(keys_of(KEY), rules=rules)
    assert await tokens.caller_of(signed(KEY, client_id="crm")) == "crm"
    assert (await refusal(tokens, signed(KEY)))[0] == "no_name"


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"exp": NOW - HOUR}, "expired"),
        ({"nbf": NOW + 24 * HOUR}, "not_yet_valid"),
        ({"iat": NOW + 24 * HOUR}, "not_yet_valid"),
        ({"aud": "another"}, "audience"),
        ({"aud": [AUDIENCE + "2"]}, "audience"),
        ({"iss": ISSUER + "/"}, "issuer"),
        ({"exp": None}, "claim_missing"),
        ({"aud": None}, "claim_missing"),
        ({"iss": None}, "claim_missing"),
        ({"sub": None}, "no_name"),
        ({"sub": ""}, "no_name"),
        ({"sub": "*"}, "no_name"),
        ({"sub": "a b"}, "no_name"),
        ({"sub": "a" * 2049}, "no_name"),
        ({"exp": "soon"}, "malformed"),
    ],
)
async def test_a_claim_that_does_not_hold_refuses_the_token(
    members: dict[str, Any], reason: str
) -> None:
    """Though the signature is the issuer's."""
    assert (await refusal(tokens_of(keys_of(KEY)), signed(KEY, **members)))[0] == reason


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        (unsigned(), "algorithm"),
        (signed_by_public_key(KEY), "algorithm"),
        (signed(OTHER), "signature"),
        (signed(private_key("RS256"), "RS384"), "algorithm"),
        (signed(private_key("RS256"), "RS256"), "key_unknown"),
        (signed(OTHER, kid="k2"), "key_unknown"),
        (signed(KEY)[:-8] + "AAAAAAAA", "signature"),
        (signed(KEY).rpartition(".")[0] + ".", "signature"),
        (jwt.encode({}, KEY, "ES256", {"kid": "k1", "crit": ["exp"], "exp": 1}), "malformed"),
        ("eyJhbGciOiJFUzI1NiJ9", "malformed"),
        ("a.b.c", "malformed"),
        ("", "malformed"),
    ],
)
async def test_a_token_that_is_not_the_issuers_is_refused(token: str, reason: str) -> None:
    """Not signed, signed by a public key as if it were a secret, or by somebody else."""
    assert (await refusal(tokens_of(keys_of(KEY)), token))[0] == reason


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=60), st.booleans())
async def test_every_text_is_refused(text: str, dotted: bool) -> None:  # noqa: FBT001
    """And nothing else comes of it."""
    token = f"eyJ{text}.{text}.{text}" if dotted else text
    assert (await refusal(tokens_of(keys_of(KEY)), token))[0]


async def test_leeway_allows_for_clocks_that_differ() -> None:
    """On both sides."""
    rules = WebTokenRules(ISSUER, AUDIENCE, ("ES256",), leeway_s=24 * HOUR)
    tokens = tokens_of(keys_of(KEY), rules=rules)
    assert await tokens.caller_of(signed(KEY, exp=NOW - HOUR)) == "web"
    assert await tokens.caller_of(signed(KEY, nbf=NOW + HOUR)) == "web"


async def test_a_key_that_is_not_there_is_looked_for() -> None:
    """A rotation refuses nobody."""
    tokens = tokens_of(keys_of(KEY), keys_of(OTHER, kid="k2"))
    assert await tokens.caller_of(signed(OTHER, kid="k2")) == "web"


async def test_without_any_keys_a_token_can_neither_hold_nor_not() -> None:
    """Its caller is told to try again."""
    with pytest.raises(ProofUnverifiable):
        await tokens_of(None).caller_of(signed(KEY))
    assert await tokens_of(None, keys_of(KEY)).caller_of(signed(KEY)) == "web"


async def test_a_token_is_remembered_until_it_expires() -> None:
    """By the clock that was given."""
    now = float(NOW)
    tokens = tokens_of(keys_of(KEY), now=lambda: now)
    token = signed(KEY, exp=NOW + 24 * HOUR)
    assert [await tokens.caller_of(token) for _ in range(2)] == ["web"] * 2
    remembered = tokens._recall(next(iter(tokens._remembered)))
    now += 24 * HOUR
    assert (remembered, tokens._recall(next(iter(tokens._remembered)))) == ("web", None)


async def test_a_token_may_expire_later_than_a_float_can_say() -> None:
    """It is the issuer's to say until when it holds."""
    tokens = tokens_of(keys_of(KEY), rules=replace(RULES, leeway_s=1.0))
    token = signed(KEY, exp=10**400)
    assert {await tokens.caller_of(token) for _ in range(2)} == {"web"}


async def test_a_token_is_forgotten_when_the_keys_change() -> None:
    """Its key may have been taken back."""
    keys = GivenKeys(keys_of(KEY), keys_of(OTHER))
    tokens = WebTokens(RULES, keys)
    token = signed(KEY)
    assert await tokens.caller_of(token) == "web"
    await keys.renewed()
    assert (await refusal(tokens, token))[0] == "signature"


async def test_no_more_than_so_many_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that was used longest ago goes first."""
    assert MAX_REMEMBERED == 4096
    monkeypatch.setattr("gateway.identity.web_token.MAX_REMEMBERED", 2)
    tokens = tokens_of(keys_of(KEY))
    first, second, third = (signed(KEY, sub=name) for name in ("a", "b", "c"))
    for token in (first, second, first, third):
        await tokens.caller_of(token)
    assert [found.caller for found in tokens._remembered.values()] == ["a", "c"]
