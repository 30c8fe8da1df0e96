"""Static tokens."""

from pathlib import Path
from typing import Any

import pytest

from gateway.identity import CallerUnknown
from gateway.identity.files import FileUnusable
from gateway.identity.tokens import StaticTokens, new_token
from tests.support.steps import SteppedClock


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file of tokens, not yet there."""
    return tmp_path / "tokens"


def knowing(file: Path, content: str, **more: Any) -> StaticTokens:
    """Return what a file of this content knows."""
    file.write_text(content)
    return StaticTokens(str(file), **more)


async def test_a_token_is_its_callers(file: Path) -> None:
    """A caller may have several: that is how they are replaced."""
    web, web_next, crm = new_token("web"), new_token("web"), new_token("crm")
    tokens = knowing(file, f"# ours\n\n{web.line}\n  {web_next.line}\n{crm.line}\r\n")
    found = [await tokens.caller_of(one.token) for one in (web, web_next, crm)]
    assert found == ["web", "web", "crm"]


async def test_any_other_token_is_refused(file: Path) -> None:
    """The hash is no token either, and nothing is quoted."""
    made = new_token("web")
    tokens = knowing(file, made.line)
    for other in (new_token("web").token, made.token[:-1], made.line.partition("sha256:")[2], ""):
        with pytest.raises(CallerUnknown) as caught:
            await tokens.caller_of(other)
        assert (caught.value.source, caught.value.reason) == ("token", "unknown_token")
        assert not other or other not in str(caught.value)


async def test_a_token_that_is_taken_out_is_refused_from_then_on(file: Path) -> None:
    """The file is looked at once a second."""
    before, after = new_token("web"), new_token("web")
    clock = SteppedClock()
    tokens = knowing(file, before.line, clock=clock)
    knowing(file, f"{after.line}\n")
    assert await tokens.caller_of(before.token) == "web"
    clock.now_s += 1
    assert await tokens.caller_of(after.token) == "web"
    with pytest.raises(CallerUnknown):
        await tokens.caller_of(before.token)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "has none"),
        ("# nothing", "has none"),
        ("web secret", "line 1"),
        ("\nweb sha256:00", "line 2"),
        ("web sha256:" + "0" * 64 + " more", "line 1"),
        ("web sha256:" + "A" * 64, "line 1"),
        ("sha256:" + "0" * 64, "line 1"),
        ("* sha256:" + "0" * 64, "line 1"),
        ("é sha256:" + "0" * 64, "line 1"),
        ("web sha256:" + "0" * 64 + "\ncrm sha256:" + "0" * 64, "line 2"),
        ("\udcff", "no UTF-8"),
    ],
)
def test_a_file_that_is_wrong_is_refused_whole(file: Path, content: str, problem: str) -> None:
    """The line is named and not quoted: it may be a token."""
    file.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(FileUnusable, match=problem) as caught:
        StaticTokens(str(file))
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("caller", ["", "a b", "*", "#web", "é"])
def test_no_token_is_made_for_what_is_no_caller(caller: str) -> None:
    """Its line could not be read."""
    with pytest.raises(ValueError, match="no caller"):
        new_token(caller)
