"""The options that lead to a gateway."""

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from gateway.cli.channel import Connection, connecting
from gateway.cli.token import token
from gateway.identity.tokens import StaticTokens
from tests.support.certificates import Authority, uri


@click.command()
@connecting(required=False)
@click.option("--own", is_flag=True)
def command(connection: Connection | None, *, own: bool) -> None:
    """Say what was given."""
    if connection is None:
        click.echo(f"none, {own}")
        return
    secure = connection.credentials is not None
    click.echo(f"{connection.address} {connection.metadata} {secure} {connection.server_name}")
    assert "secret" not in repr(connection)
    with connection.open():
        pass


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder with a certificate, its key, an authority and a token."""
    authority = Authority()
    authority.issue(uri("spiffe://example.org/web")).write(tmp_path, "web")
    (tmp_path / "ca.crt").write_bytes(authority.pem)
    (tmp_path / "token").write_text("secret-1\n")
    return tmp_path


def outcome(*arguments: object, **environment: str) -> tuple[int, str]:
    """Run the command; return its exit status and the last line of what it says."""
    result = CliRunner().invoke(command, [str(one) for one in arguments], env=environment)
    return result.exit_code, result.output.strip().splitlines()[-1]


def test_without_options_there_is_a_plain_connection() -> None:
    """And without an address none."""
    assert outcome("--to", "127.0.0.1:1") == (0, "127.0.0.1:1 None False None")
    assert outcome("--own") == (0, "none, True")


def test_every_proof_is_sent(files: Path) -> None:
    """Certificate, token and name."""
    given = ["--ca", files / "ca.crt", "--cert", files / "web.crt", "--key", files / "web.key"]
    given += ["--server-name", "gateway", "--token-file", files / "token", "--caller", "web"]
    sent = (("x-caller", "web"), ("authorization", "Bearer secret-1"))
    assert outcome("--to", "gw:1", *given) == (0, f"gw:1 {sent} True gateway")


def test_a_token_may_be_in_the_environment(files: Path) -> None:
    """A file that is named goes before it."""
    environment = {"PERSONALIZE_GATEWAY_TOKEN": "secret-2"}
    for more, sent in (([], "secret-2"), (["--token-file", files / "token"], "secret-1")):
        status, said = outcome("--to", "gw:1", "--tls", *more, **environment)
        assert (status, f"Bearer {sent}" in said) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "environment", "said"),
    [
        (["--cert", "web.crt"], {}, "Error: --cert and --key go together"),
        (["--key", "web.key"], {}, "Error: --cert and --key go together"),
        (["--server-name", "gw"], {}, "Error: --server-name is for connections by TLS: see --tls"),
        (
            ["--token-file", "token"],
            {},
            "Error: a token is not sent to another machine without --tls",
        ),
        (
            ["--tls", "--token-file", "ca.crt"],
            {},
            "Error: --token-file holds no token: visible ASCII characters in one line",
        ),
        (
            ["--tls"],
            {"PERSONALIZE_GATEWAY_TOKEN": "a secret"},
            "Error: PERSONALIZE_GATEWAY_TOKEN holds no token: visible ASCII characters in one line",
        ),
    ],
)
def test_what_does_not_go_together_is_said(
    files: Path, arguments: list[str], environment: dict[str, str], said: str
) -> None:
    """And no token is quoted."""
    given = [files / one if (files / one).exists() else one for one in arguments]
    assert outcome("--to", "gw.example.org:1", *given, **environment) == (2, said)


async def test_a_new_token_is_known_by_its_line(tmp_path: Path) -> None:
    """The token alone is on the standard output."""
    made = CliRunner().invoke(token, ["crm"])
    assert made.exit_code == 0
    _, line, _ = made.stderr.splitlines()
    (tmp_path / "tokens").write_text(line)
    assert await StaticTokens(str(tmp_path / "tokens")).caller_of(made.stdout.strip()) == "crm"
    assert CliRunner().invoke(token, ["a b"]).exit_code == 2
