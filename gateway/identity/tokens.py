"""Static tokens: a file names each caller with the hash of its token.

    # one line for each token; a caller may have several
    catalogue-import  sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08

A token is 256 random bits, so a plain hash is enough: there is nothing to guess from it.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from itertools import count
from typing import Final, NamedTuple

from gateway.clock import Clock
from gateway.identity.caller import Caller, CallerUnknown, is_caller
from gateway.identity.files import FileUnusable, ReloadedFiles

_NAME: Final = "token"
_HASH = re.compile(r"sha256:([0-9a-f]{64})")
_TOKEN_BYTES = 32


class _Entry(NamedTuple):
    caller: Caller
    digest: bytes


class NewToken(NamedTuple):
    """A token that was just made. The gateway keeps its line, its caller the token."""

    token: str
    line: str


def new_token(caller: Caller) -> NewToken:
    """Return a new token for a caller.

    Raises:
        ValueError: the caller is no name.
    """
    if not is_caller(caller) or caller.startswith("#"):
        raise ValueError("no caller's name")
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    return NewToken(token, f"{caller} sha256:{_digest(token).hex()}")


class StaticTokens:
    """Knows the tokens of a file, which is read anew when it changes.

    Args:
        path: of the file.

    Raises:
        FileUnusable: it cannot be read, or a line of it is wrong.
    """

    name: Final = _NAME

    def __init__(self, path: str, *, clock: Clock | None = None) -> None:
        self._entries = ReloadedFiles([path], _entries, clock=clock)

    async def caller_of(self, token: str) -> Caller:
        """Return whose token this is.

        Raises:
            CallerUnknown: nobody's.
        """
        digest = _digest(token)
        found: Caller | None = None
        for entry in self._entries.current():  # all of them: the time tells nothing
            if hmac.compare_digest(entry.digest, digest):
                found = entry.caller
        if found is None:
            raise CallerUnknown(
                "the bearer token is not one that this gateway knows",
                source=_NAME,
                reason="unknown_token",
            )
        return found


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _entries(contents: Sequence[bytes]) -> Sequence[_Entry]:
    try:
        text = contents[0].decode()
    except UnicodeDecodeError as error:
        raise FileUnusable("the file of tokens is no UTF-8") from error
    entries: dict[bytes, _Entry] = {}
    for number, line in zip(count(1), text.splitlines(), strict=False):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        entry = _entry(line, number)
        if entry.digest in entries:
            raise FileUnusable(f"line {number} of the file of tokens has a token of another line")
        entries[entry.digest] = entry
    if not entries:
        raise FileUnusable("the file of tokens has none")
    return tuple(entries.values())


def _entry(line: str, number: int) -> _Entry:
    caller, *rest = line.split()
    matched = _HASH.fullmatch(rest[0]) if len(rest) == 1 else None
    if matched is None or not is_caller(caller):
        # Not quoted: it may be the token itself.
        raise FileUnusable(
            f"line {number} of the file of tokens is not CALLER sha256:HASH; see"
            " `personalize-gateway config token`"
        )
    return _Entry(caller, bytes.fromhex(matched[1]))
