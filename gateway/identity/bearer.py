"""`jwt` and `token`: the caller is whom a token in the header `authorization` names (RFC 6750)."""

import re
from typing import Final

from gateway.identity.caller import Caller, CallerUnknown
from gateway.identity.evidence import Evidence
from gateway.identity.tokens import StaticTokens
from gateway.identity.web_token import WebTokens

HEADER = "authorization"

_BEARER = re.compile(r"[Bb][Ee][Aa][Rr][Ee][Rr] +([A-Za-z0-9._~+/-]+=*)")

# Three parts of which the first is JSON, an object; the last is empty where nothing is signed.
_WEB_TOKEN = re.compile(r"eyJ[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*")


class BearerToken:
    """Believes a token that one of the two kinds knows.

    Both come in one header, so its form decides between them: what is a JWT by form is judged as
    one, everything else is looked for among the static tokens. With one kind configured, it judges
    every token. A token is never passed over.
    """

    def __init__(self, web_tokens: WebTokens | None, static_tokens: StaticTokens | None) -> None:
        assert web_tokens or static_tokens, "there is no kind of token to judge"
        self._web_tokens = web_tokens
        self._static_tokens = static_tokens
        kinds = (web_tokens, static_tokens)
        self.name: Final = " or ".join(kind.name for kind in kinds if kind)

    async def caller(self, evidence: Evidence) -> Caller | None:
        """Return who is named; see `Source`."""
        sent = evidence.header(HEADER)
        if not sent:
            return None
        matched = _BEARER.fullmatch(sent[0]) if len(sent) == 1 else None
        if matched is None:
            raise CallerUnknown(
                f"{HEADER} must be sent once, as `Bearer` and a token",
                source="bearer",
                reason="malformed",
            )
        return await self._judge(matched[1]).caller_of(matched[1])

    def _judge(self, token: str) -> WebTokens | StaticTokens:
        if self._web_tokens is None or self._static_tokens is None:
            found = self._web_tokens or self._static_tokens
            assert found is not None
            return found
        return self._web_tokens if _WEB_TOKEN.fullmatch(token) else self._static_tokens
