"""The server of who issues signed tokens: its keys, at a URL."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from tests.support.web_tokens import PrivateKey, jwk, key_set, private_key


def key_named(kid: str) -> PrivateKey:
    """Return the private key of an ID such as `k1`."""
    return private_key("ES256", int(kid[1:]))


class KeyServer:
    """An issuer's server.

    Attributes:
        url: of its keys.
        fetches: how often it was asked.
        held: where it is not set, it says nothing.
    """

    def __init__(self) -> None:
        self.url = ""
        self.fetches = 0
        self.held = asyncio.Event()
        self.held.set()
        self.publish("k1")

    def publish(self, *kids: str) -> None:
        """Say these keys from now on."""
        keys = [jwk(key_named(kid), "ES256", kid=kid) for kid in kids]
        self.says(key_set(*keys))

    def says(self, body: bytes, status: int = 200) -> None:
        """Say this from now on."""
        headers = {"location": self.url} if status == 302 else {}
        self._said = (body, status, headers)

    async def handle(self, _: web.Request) -> web.Response:
        self.fetches += 1
        await self.held.wait()
        body, status, headers = self._said
        return web.Response(body=body, status=status, headers=headers)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Serve on loopback."""
        app = web.Application()
        app.router.add_get("/keys", self.handle)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/keys?secret=hidden"
        try:
            yield
        finally:
            self.held.set()
            await runner.cleanup()
