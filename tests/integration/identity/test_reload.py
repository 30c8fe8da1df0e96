"""Keys, certificates and identities that change while calls are made."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import grpc
import pytest
from structlog.testing import capture_logs

from gateway.config.identity import Identity
from gateway.identity.tokens import new_token
from gateway.rpc.identity import identity_of
from tests.support.certificates import LOOPBACK, Authority, uri
from tests.support.identity import Pki, Served, caller_on, serving
from tests.support.key_server import KeyServer, key_named
from tests.support.web_tokens import AUDIENCE, ISSUER, signed

WEB = "spiffe://example.org/web"


def with_tls(pki: Pki) -> str:
    """Return a configuration of a server that knows its callers by their certificates."""
    files = f"cert: {pki.folder}/tls.crt, key: {pki.folder}/tls.key, client_ca: {pki.folder}/ca.crt"
    return f"server: {{tls: {{{files}}}}}\nidentity: {{from: [mtls]}}\n"


async def refused_connection(served: Served, credentials: grpc.ChannelCredentials) -> None:
    """Fail where a connection is made."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await served.caller(credentials)
    assert caught.value.code() == grpc.StatusCode.UNAVAILABLE


async def without_losing_a_call(
    served: Served, credentials: grpc.ChannelCredentials, change: Callable[[], Awaitable[None]]
) -> None:
    """Make a change while a connection from before makes calls, all of which must succeed."""
    done = 0
    changed = asyncio.Event()

    async def call(channel: grpc.aio.Channel) -> None:
        nonlocal done
        while not changed.is_set():
            assert await caller_on(channel) == WEB
            done += 1

    async with served.channel(credentials) as channel:
        calling = [asyncio.create_task(call(channel)) for _ in range(4)]
        async with asyncio.timeout(60):
            while done < 10:  # noqa: ASYNC110 - no event tells of it
                await asyncio.sleep(0.001)
            await change()
            before = done
            while done < before + 20:  # noqa: ASYNC110 - likewise
                await asyncio.sleep(0.001)
        changed.set()
        await asyncio.gather(*calling)


async def test_a_renewed_certificate_drops_no_connection(pki: Pki) -> None:
    """A new connection sees the new one, by an authority that was not there before."""
    client = pki.clients.issue(uri(WEB))
    before, after = pki.servers, Authority("renewed")
    async with serving(with_tls(pki)) as served:
        first = served.server.certificate_expires_at()

        async def renew() -> None:
            after.issue(LOOPBACK, lasts=timedelta(days=90)).write(pki.folder, "tls")
            assert await served.caller(after.trusting(client)) == WEB
            await refused_connection(served, before.trusting(client))

        await without_losing_a_call(served, before.trusting(client), renew)
        second = served.server.certificate_expires_at()
    assert first is not None
    assert second is not None
    assert second - first > timedelta(days=29)


async def test_a_renewed_client_ca_lets_in_its_own(pki: Pki) -> None:
    """And nobody else any more; who is in stays in."""
    authority = Authority("clients after")
    old, new = pki.clients.issue(uri(WEB)), authority.issue(uri(WEB))
    async with serving(with_tls(pki)) as served:
        await refused_connection(served, pki.servers.trusting(new))

        async def renew() -> None:
            (pki.folder / "ca.crt").write_bytes(authority.pem)
            assert await served.caller(pki.servers.trusting(new)) == WEB
            await refused_connection(served, pki.servers.trusting(old))

        await without_losing_a_call(served, pki.servers.trusting(old), renew)


async def test_files_that_cannot_be_used_change_nothing(pki: Pki) -> None:
    """They are said of, and nothing of them is quoted; with the second half they are used."""
    client = pki.clients.issue(uri(WEB))
    renewed = pki.servers.issue(LOOPBACK)
    async with serving(with_tls(pki)) as served:
        with capture_logs() as logs:
            for name, content in (("tls.key", b"hunter2"), ("tls.key", renewed.key)):
                (pki.folder / name).write_bytes(content)
                assert await served.caller(pki.servers.trusting(client)) == WEB
            (pki.folder / "tls.crt").write_bytes(renewed.cert)
            assert await served.caller(pki.servers.trusting(client)) == WEB
    assert [log.get("problem") for log in logs] == [
        "the file of server.tls.key has no private key in PEM, or an encrypted one",
        "server.tls.key is not the key of server.tls.cert",
        None,
    ]


async def test_a_rotated_key_refuses_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first token by it has it looked for."""
    monkeypatch.setattr("gateway.identity.key_url.LEAST_INTERVAL_S", 0.0)
    issuer = KeyServer()
    issuer.publish("k1")
    async with issuer.running():
        jwt = f"{{issuer: '{ISSUER}', audience: {AUDIENCE}, jwks_url: '{issuer.url}'}}"
        async with serving(f"identity: {{from: [jwt], jwt: {jwt}}}\n") as served:

            async def calls(kid: str) -> str:
                token = signed(key_named(kid), kid=kid, sub=kid)
                return await served.caller(metadata=(("authorization", f"Bearer {token}"),))

            assert [await calls("k1"), issuer.fetches] == ["k1", 1]
            issuer.publish("k1", "k2")
            found = await asyncio.gather(*(calls("k2") for _ in range(5)), calls("k1"))
            assert found == ["k2"] * 5 + ["k1"]


async def test_an_identity_is_replaced_between_calls(pki: Pki) -> None:
    """On the same connection; the one that is replaced is closed."""
    made = new_token("crm")
    (pki.folder / "tokens").write_text(made.line)
    async with serving("") as served, served.channel(None) as channel:
        metadata = (("x-caller", "web"), ("authorization", f"Bearer {made.token}"))
        before = await caller_on(channel, metadata)
        section = {"from": ["token"], "tokens": {"file": str(pki.folder / "tokens")}}
        served.server.replace_identity(identity_of(Identity.model_validate(section)))
        assert [before, await caller_on(channel, metadata)] == ["web", "crm"]
        refused = await served.refusal(metadata=(("x-caller", "web"),))
        assert refused.code == grpc.StatusCode.UNAUTHENTICATED
