import pytest

from gateway.personalize.call import Endpoint
from gateway.personalize.credentials import Credentials, StaticCredentials


def test_repr_shows_no_secret() -> None:
    """Neither the secret key nor the session token is in the repr."""
    credentials = Credentials("AKIAEXAMPLE", "the-secret", "the-token")

    assert repr(StaticCredentials(credentials)) == (
        "StaticCredentials(credentials=Credentials(access_key='AKIAEXAMPLE'))"
    )


@pytest.mark.parametrize(
    ("access_key", "secret_key", "token"),
    [
        ("", "secret", None),
        ("AKIA", "", None),
        ("AKIA\r\nX-Evil: 1", "secret", None),
        ("AKIA ", "secret", None),
        ("AKIA", "secret", "token\n"),
        ("AKIA", "secret", "to ken"),
        ("AKIA", "secret", "tökén"),
    ],
)
def test_what_would_break_a_header_is_refused(
    access_key: str, secret_key: str, token: str | None
) -> None:
    """Only visible ASCII may go into a header, and the error quotes none of it."""
    with pytest.raises(
        ValueError, match=r"^credentials are empty or hold more than visible ASCII$"
    ):
        Credentials(access_key, secret_key, token)


async def test_static_credentials_are_the_same_for_ever() -> None:
    """They are given for any endpoint, and again when they were refused."""
    credentials = Credentials("AKIA", "secret")
    source = StaticCredentials(credentials)
    endpoint = Endpoint("eu-west-1")

    assert await source.current(endpoint) is credentials
    assert await source.renewed(endpoint, credentials) is credentials
