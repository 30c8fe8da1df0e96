"""Keys from a server, which rotates them and is not always there."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs

from gateway.identity.key_url import LEAST_INTERVAL_S, KeyUrl
from tests.support.key_server import KeyServer
from tests.support.steps import SteppedClock


@pytest.fixture
async def server() -> AsyncIterator[KeyServer]:
    """A server on loopback."""
    found = KeyServer()
    found.publish("k1")
    async with found.running():
        yield found


@pytest.fixture
def clock() -> SteppedClock:
    """A clock that stands still."""
    return SteppedClock()


@pytest.fixture
async def keys(server: KeyServer, clock: SteppedClock) -> AsyncIterator[KeyUrl]:
    """Keys that are fetched every ten minutes; not started."""
    found = KeyUrl(server.url, refresh_s=600, clock=clock)
    try:
        yield found
    finally:
        await found.close()


def kids(keys: KeyUrl) -> list[str | None]:
    """Return the IDs of the keys that are there."""
    current = keys.current()
    return [key.key_id for key in current.keys] if current else []


async def until_fetched(server: KeyServer, times: int) -> None:
    """Wait until the server was asked so often and has answered."""
    async with asyncio.timeout(60):
        while server.fetches < times:  # noqa: ASYNC110 - no event tells of it
            await asyncio.sleep(0.005)


async def test_keys_are_there_once_started(keys: KeyUrl, server: KeyServer) -> None:
    """No token has to come first."""
    await keys.start()
    assert (kids(keys), server.fetches) == (["k1"], 1)


async def test_a_key_that_is_not_there_is_looked_for_but_not_always(
    keys: KeyUrl, server: KeyServer, clock: SteppedClock
) -> None:
    """Made-up key IDs do not make the gateway flood the issuer."""
    await keys.start()
    server.publish("k2")
    for _ in range(5):
        await keys.renewed()
    before = (kids(keys), server.fetches)
    clock.now_s += LEAST_INTERVAL_S
    for _ in range(5):
        await keys.renewed()
    assert (before, kids(keys), server.fetches) == ((["k1"], 1), ["k2"], 2)


async def test_all_who_wait_share_one_fetch(keys: KeyUrl, server: KeyServer) -> None:
    """And one that gives up ends it for nobody else."""
    server.held.clear()
    waiting = [asyncio.create_task(keys.renewed()) for _ in range(5)]
    await until_fetched(server, 1)
    waiting[0].cancel()
    server.held.set()
    found = await asyncio.gather(*waiting, return_exceptions=True)
    assert isinstance(found[0], asyncio.CancelledError)
    assert [one is keys.current() for one in found[1:]] == [True] * 4
    assert server.fetches == 1


async def test_keys_are_fetched_anew_after_a_while(
    keys: KeyUrl, server: KeyServer, clock: SteppedClock
) -> None:
    """So that one that was taken back is gone."""
    await keys.start()
    server.publish("k2", "k3")
    async with asyncio.timeout(60):
        while not clock.waits_until:  # noqa: ASYNC110 - no event tells of it
            await asyncio.sleep(0.005)
    assert clock.waits_until == [1600.0]
    await clock.move(600)
    await until_fetched(server, 2)
    async with asyncio.timeout(60):
        while kids(keys) != ["k2", "k3"]:  # noqa: ASYNC110 - likewise
            await asyncio.sleep(0.005)


@pytest.mark.parametrize(
    ("body", "status", "problem"),
    [
        (b"", 503, "the answer is 503, not 200"),
        (b"", 302, "the answer is 302, not 200"),
        (b"{}", 200, "the key set is not a JSON object with `keys`"),
        (b'{"keys": []}', 200, "the key set has no public key that can verify signatures"),
        (b"\0" * (5 * 1024 * 1024), 200, "the key set has more than 4194304 bytes"),
    ],
)
async def test_what_was_fetched_stays_where_nothing_better_comes(
    keys: KeyUrl, server: KeyServer, clock: SteppedClock, body: bytes, status: int, problem: str
) -> None:
    """It is said once, without the URL, which may hold a secret."""
    await keys.start()
    server.says(body, status)
    with capture_logs() as logs:
        for _ in range(2):
            clock.now_s += LEAST_INTERVAL_S
            await keys.renewed()
    assert kids(keys) == ["k1"]
    assert logs == [
        {
            "event": "the key set cannot be fetched; what was fetched before stays",
            "log_level": "error",
            "host": "127.0.0.1",
            "problem": problem,
        }
    ]
    assert "hidden" not in repr(keys)


async def test_a_server_that_is_not_there_does_not_stop_the_start(clock: SteppedClock) -> None:
    """The keys are fetched when it is; until then there are none."""
    with socket.socket() as unheard, capture_logs() as logs:
        unheard.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unheard.getsockname()[1]}/keys"
        keys = KeyUrl(url, refresh_s=600, clock=clock)
        await keys.start()
        await keys.close()
    assert keys.current() is None
    assert [log["problem"] for log in logs] == ["ClientConnectorError"]
