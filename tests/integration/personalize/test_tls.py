"""TLS: whom the data plane trusts."""

import asyncio
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import CallFailed
from gateway.personalize.call import Call
from gateway.personalize.data_plane import HttpDataPlane

MakeCall = Callable[..., Call]
Plane = Callable[..., HttpDataPlane]


@pytest.fixture(autouse=True)
def _no_aws_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_CA_BUNDLE", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))


async def answer_all(connection: Any) -> None:
    """Take everything."""
    while True:
        await connection.request()
        await connection.answer(200)


async def test_a_stated_bundle_is_trusted(
    serve: Any, trusting: HttpDataPlane, secure_call_to: MakeCall, tls: ssl.SSLContext
) -> None:
    """With its authority in the bundle a server is trusted, and its connection kept."""
    server = await serve(answer_all, tls)

    for _ in range(3):
        await trusting.put(secure_call_to(server.port))

    assert server.connections == 1


@pytest.mark.usefixtures("_bundle_in_variable")
async def test_the_variable_names_a_bundle(
    serve: Any, plane: Plane, secure_call_to: MakeCall, tls: ssl.SSLContext
) -> None:
    """AWS_CA_BUNDLE is heeded where the settings name no bundle."""
    server = await serve(answer_all, tls)

    await plane().put(secure_call_to(server.port))


@pytest.mark.usefixtures("_bundle_in_profile")
async def test_a_profile_names_a_bundle(
    serve: Any, plane: Plane, secure_call_to: MakeCall, tls: ssl.SSLContext
) -> None:
    """So is the profile's ca_bundle, as the control plane's client does it."""
    server = await serve(answer_all, tls)

    await plane().put(secure_call_to(server.port))


@pytest.fixture
def _bundle_in_variable(monkeypatch: pytest.MonkeyPatch, ca_bundle: str) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", ca_bundle)


@pytest.fixture
def _bundle_in_profile(tmp_path: Path, ca_bundle: str) -> None:
    (tmp_path / "config").write_text(f"[default]\nca_bundle = {ca_bundle}\n")


async def failure_of(plane: HttpDataPlane, call: Call) -> tuple[str, bool]:
    """Return what a call that cannot be sent says."""
    with pytest.raises(CallFailed) as failure:
        await plane.put(call)
    return failure.value.code, failure.value.outcome_unknown


async def test_an_unknown_authority_is_not_trusted(
    serve: Any, plane: Plane, secure_call_to: MakeCall, tls: ssl.SSLContext
) -> None:
    """Without a stated bundle only the public authorities are trusted."""
    server = await serve(answer_all, tls)

    assert await failure_of(plane(), secure_call_to(server.port)) == ("TlsNotTrusted", False)


async def test_another_name_is_not_trusted(
    serve: Any, trusting: HttpDataPlane, secure_call_to: MakeCall, tls: ssl.SSLContext
) -> None:
    """A certificate counts for the name in it, and no other."""
    server = await serve(answer_all, tls)

    call = secure_call_to(server.port, host="127.0.0.1")
    assert await failure_of(trusting, call) == ("TlsNotTrusted", False)


async def test_a_missing_bundle_trusts_nobody(
    serve: Any, plane: Plane, secure_call_to: MakeCall, tls: ssl.SSLContext
) -> None:
    """A bundle that cannot be read is not replaced by another."""
    server = await serve(answer_all, tls)

    client = plane(ca_bundle="/nowhere/ca.pem")
    assert await failure_of(client, secure_call_to(server.port)) == ("CaBundleUnreadable", False)


async def test_an_unknown_profile_does_not_keep_a_data_plane_from_being_made(
    serve: Any, plane: Plane, call_to: MakeCall, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With static credentials and a URL nothing of AWS's configuration is needed."""
    monkeypatch.setenv("AWS_PROFILE", "nobody-has-written-this")
    server = await serve(answer_all)

    await plane().put(call_to(server.port))


async def test_a_connection_that_said_goodbye_is_not_used(
    serve: Any, trusting: HttpDataPlane, secure_call_to: MakeCall, tls: ssl.SSLContext
) -> None:
    """A connection that the server ended while it was idle costs no call."""
    closed = asyncio.Queue[None]()

    async def answer_and_close(connection: Any) -> None:
        await connection.request()
        await connection.answer(200)
        await connection.close()
        closed.put_nowait(None)

    server = await serve(answer_and_close, tls)

    for _ in range(3):
        await trusting.put(secure_call_to(server.port))
        await closed.get()

    assert server.connections == 3
