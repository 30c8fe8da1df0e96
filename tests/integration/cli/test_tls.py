"""The commands that are clients, against a server that wants a proof."""

from pathlib import Path

import pytest

from gateway.identity.tokens import new_token
from tests.support.certificates import Authority, uri
from tests.support.commands import run
from tests.support.identity import Pki, serving

USERS = '{"users": [{"userId": "u1"}]}'


@pytest.fixture
def pki(tmp_path: Path) -> Pki:
    """The files of a server and of a client."""
    made = Pki(tmp_path, Authority("servers"), Authority("clients"))
    made.renew()
    (tmp_path / "ca.crt").write_bytes(made.clients.pem)
    (tmp_path / "servers.crt").write_bytes(made.servers.pem)
    made.clients.issue(uri("spiffe://example.org/web")).write(tmp_path, "web")
    return made


async def test_put_and_health_bring_a_client_certificate(pki: Pki) -> None:
    """Without it they do not connect; a name that is not the server's is not believed."""
    folder = pki.folder
    config = (
        f"server: {{tls: {{cert: {folder}/tls.crt, key: {folder}/tls.key,"
        f" client_ca: {folder}/ca.crt}}}}\nidentity: {{from: [mtls]}}\n"
    )
    by_tls = ["--ca", folder / "servers.crt"]
    proven = [*by_tls, "--cert", folder / "web.crt", "--key", folder / "web.key"]
    put = ["put", "users", "--json", "-", "--to"]
    async with serving(config) as served:
        good = await run(*put, served.address, *proven, stdin=USERS)
        bad = [
            await run(*put, served.address, *options, stdin=USERS)
            for options in ([], by_tls, [*proven, "--server-name", "other"])
        ]
        healthy = await run("health", "--timeout", 60, "--to", served.address, *proven)
    assert (good.status, good.errors) == (0, "")
    assert [(one.status, one.errors.split(":")[0]) for one in bad] == [(2, "UNAVAILABLE")] * 3
    assert (healthy.status, healthy.output) == (0, "SERVING\n")


async def test_put_brings_a_token(pki: Pki) -> None:
    """Without one it is told what is taken."""
    folder = pki.folder
    made = new_token("crm")
    (folder / "tokens").write_text(made.line)
    (folder / "token").write_text(made.token)
    config = (
        f"server: {{tls: {{cert: {folder}/tls.crt, key: {folder}/tls.key}}}}\n"
        f"identity: {{from: [token], tokens: {{file: {folder}/tokens}}}}\n"
    )
    arguments = ["put", "users", "--json", "-", "--ca", folder / "servers.crt", "--to"]
    async with serving(config) as served:
        good = await run(*arguments, served.address, "--token-file", folder / "token", stdin=USERS)
        bad = await run(*arguments, served.address, stdin=USERS)
    assert (good.status, good.errors) == (0, "")
    assert bad.errors == (
        "UNAUTHENTICATED CALLER_UNKNOWN: nothing says who calls; this gateway takes token\n"
    )
