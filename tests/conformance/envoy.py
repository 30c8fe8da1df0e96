"""A real Envoy before the gateway, as `deploy/envoy/plain.yaml` configures it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from tests.conformance.stand import Stand
from tests.envoy.sidecar import ENVOY, laid_out, sidecar

LANGUAGES = ("go", "typescript")
"""Whose clients are tried through it, too: other implementations of gRPC than Envoy has met yet."""


def is_installed() -> bool:
    """Return whether there is an Envoy that can be started."""
    return ENVOY.exists()


@asynccontextmanager
async def through_envoy(stand: Stand) -> AsyncIterator[Stand]:
    """Run an Envoy until the block ends; yield the stand as it is seen through it.

    Raises:
        TimeoutError: it did not start, or takes the gateway for dead.
    """
    async with sidecar("plain", laid_out(stand.directory / "envoy"), stand.target) as running:
        await running.sends_to({stand.target})
        yield replace(stand, target=running.address, way=" via envoy")
