"""Which kind of token judges the header `authorization`."""

import pytest

from gateway.identity import CallerUnknown
from gateway.identity.bearer import BearerToken
from gateway.identity.keys import KeyFile
from gateway.identity.tokens import StaticTokens, new_token
from gateway.identity.web_token import WebTokenRules, WebTokens
from tests.support.evidence import Call, bearer
from tests.support.web_tokens import (
    AUDIENCE,
    ISSUER,
    jwk,
    key_set,
    private_key,
    signed,
    unsigned,
)

KEY = private_key("ES256")
STATIC = new_token("crm")


@pytest.fixture
def static(tmp_path_factory: pytest.TempPathFactory) -> StaticTokens:
    """One static token."""
    file = tmp_path_factory.mktemp("static") / "tokens"
    file.write_text(STATIC.line)
    return StaticTokens(str(file))


@pytest.fixture
def web(tmp_path_factory: pytest.TempPathFactory) -> WebTokens:
    """One key."""
    file = tmp_path_factory.mktemp("web") / "keys.json"
    file.write_bytes(key_set(jwk(KEY, "ES256", kid="k1")))
    return WebTokens(WebTokenRules(ISSUER, AUDIENCE, ("ES256",)), KeyFile(str(file)))


async def refusal(source: BearerToken, call: Call) -> tuple[str, str]:
    """Return the source and the reason of a refusal."""
    with pytest.raises(CallerUnknown) as caught:
        await source.caller(call)
    return caught.value.source, caught.value.reason


async def test_the_form_of_a_token_decides_who_judges_it(
    static: StaticTokens, web: WebTokens
) -> None:
    """Neither kind falls back on the other."""
    both = BearerToken(web, static)
    assert await both.caller(bearer(STATIC.token)) == "crm"
    assert await both.caller(bearer(signed(KEY))) == "web"
    assert await refusal(both, bearer("a.b.c")) == ("token", "unknown_token")
    assert await refusal(both, bearer(unsigned())) == ("jwt", "algorithm")


async def test_one_kind_judges_every_token(static: StaticTokens, web: WebTokens) -> None:
    """So that none is passed over."""
    assert await refusal(BearerToken(None, static), bearer(signed(KEY))) == (
        "token",
        "unknown_token",
    )
    assert await refusal(BearerToken(web, None), bearer(STATIC.token)) == ("jwt", "malformed")


async def test_without_a_token_nothing_is_said(static: StaticTokens) -> None:
    """Another source may."""
    assert await BearerToken(None, static).caller(Call()) is None


async def test_the_scheme_may_be_written_in_any_case(static: StaticTokens) -> None:
    """RFC 9110, section 11.1."""
    call = Call({"authorization": [f"bEARER  {STATIC.token}"]})
    assert await BearerToken(None, static).caller(call) == "crm"


@pytest.mark.parametrize(
    "values",
    [
        [""],
        ["Bearer"],
        ["Bearer "],
        [STATIC.token],
        [f"Basic {STATIC.token}"],
        [f"Bearer {STATIC.token} x"],
        [f"Bearer {STATIC.token}"] * 2,
        [f"Bearer {STATIC.token}\n"],
    ],
)
async def test_a_header_of_another_form_is_refused(static: StaticTokens, values: list[str]) -> None:
    """Present, it is not passed over."""
    source = BearerToken(None, static)
    assert await refusal(source, Call({"authorization": values})) == ("bearer", "malformed")
