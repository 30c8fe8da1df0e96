"""One stand for all tests of the folder: its processes take seconds to start."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio

from gateway.identity.tokens import new_token
from gateway.personalize.emulator import DOCUMENTED_QUOTAS, Emulator, EmulatorConfig
from tests.envoy.pair import Member, Pair
from tests.envoy.sidecar import NAMES, laid_out, sidecar
from tests.envoy.stand import Stand, configuration, started, worker_addresses, written
from tests.support.certificates import LOOPBACK, Authority
from tests.support.otlp import receiving
from tests.support.ports import reserved


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def emulator() -> AsyncIterator[Emulator]:
    """A Personalize without quotas to wait for."""
    async with Emulator(EmulatorConfig(quotas=dict.fromkeys(DOCUMENTED_QUOTAS))) as started:
        yield started


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def stand(
    emulator: Emulator, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stand]:
    """A gateway of two workers that believes certificates as Envoy tells them, and tokens."""
    folder = tmp_path_factory.mktemp("stand")
    token = new_token("shop")
    (folder / "tokens").write_text(token.line)
    settings = configuration(emulator, folder / "outbox", workers=2) | {
        "identity": {
            "from": ["xfcc", "token"],
            "xfcc": {"trusted_proxies": ["127.0.0.1"]},
            "tokens": {"file": str(folder / "tokens")},
        }
    }
    servers, clients = Authority("servers"), Authority("clients")
    etc = laid_out(folder / "envoy")
    servers.issue(LOOPBACK).write(etc / "certificates", "tls")
    (etc / "certificates" / "ca.crt").write_bytes(clients.pem)
    async with AsyncExitStack() as stack:
        collector = await stack.enter_async_context(receiving())
        running = started(written(folder, "gateway", settings), **_traced_to(collector.address))
        gateway = await stack.enter_async_context(running)
        workers = worker_addresses(gateway)
        sidecars = {
            name: await stack.enter_async_context(
                sidecar(name, etc, *workers, otlp=collector.address)
            )
            for name in NAMES
        }
        yield Stand(emulator, workers, sidecars, collector, servers, clients, token.token)


def _traced_to(address: str) -> dict[str, str]:
    return {
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{address}",
        "OTEL_METRICS_EXPORTER": "none",
        "OTEL_TRACES_SAMPLER": "parentbased_always_off",
        "OTEL_BSP_SCHEDULE_DELAY": "50",
    }


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def members(
    emulator: Emulator, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Pair]:
    """Two gateways behind one Envoy, in whatever state a test has left them."""
    folder = tmp_path_factory.mktemp("pair")
    async with AsyncExitStack() as stack:
        first, second = (
            Member(emulator, folder, name, stack.enter_context(reserved()))
            for name in ("first", "second")
        )
        for member in (first, second):
            stack.push_async_callback(member.close)
            await member.start()
        etc = laid_out(folder / "envoy")
        running = sidecar("plain", etc, first.address, second.address)
        yield Pair(emulator, first, second, await stack.enter_async_context(running))


@pytest_asyncio.fixture(loop_scope="session")
async def pair(members: Pair) -> Pair:
    """Two gateways behind one Envoy, both serving."""
    await members.restore()
    return members
