"""Who calls, and where that may be said."""

import pytest
from personalize_gateway import insecure, tls


@pytest.mark.parametrize(
    "target",
    [
        "localhost:50051",
        "127.0.0.1:1",
        "127.9.9.9:1",
        "[::1]:1",
        "dns:///localhost:1",
        "unix:/run/gateway",
    ],
)
def test_without_tls_loopback_may_be_told_who_calls(target: str) -> None:
    """A name, or a token."""
    insecure("web", lambda: "secret").check(target)


@pytest.mark.parametrize("target", ["gateway:50051", "10.0.0.1:1", "localhost.example.org:1"])
def test_without_tls_nobody_else_is_told_who_calls(target: str) -> None:
    """But they may be called."""
    insecure().check(target)
    tls(token=lambda: "secret").check(target)
    with pytest.raises(ValueError, match="for loopback"):
        insecure("web").check(target)
    with pytest.raises(ValueError, match="for loopback"):
        insecure(token=lambda: "secret").check(target)


def test_each_call_bears_a_token_of_its_own() -> None:
    """It may have been renewed since the last call."""
    tokens = iter(["first", "second"])
    credentials = insecure("web", lambda: next(tokens))
    assert [dict(credentials.metadata()) for _ in range(2)] == [
        {"x-caller": "web", "authorization": "Bearer first"},
        {"x-caller": "web", "authorization": "Bearer second"},
    ]
    assert list(insecure().metadata()) == []


def test_credentials_do_not_show_their_token() -> None:
    """They may be logged."""
    assert "secret" not in repr(insecure("web", lambda: "secret"))


def test_mutual_tls_needs_certificate_and_key() -> None:
    """One of them is a mistake."""
    with pytest.raises(ValueError, match="both certificate and key"):
        tls(certificate=b"x")
