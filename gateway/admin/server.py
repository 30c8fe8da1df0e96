"""The admin port."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from gateway.admin.readiness import Readiness
from gateway.telemetry import metrics
from gateway.telemetry.prometheus import CONTENT_TYPE, rendered
from gateway.telemetry.snapshot import Snapshot

_UNAVAILABLE = 503


class AdminServer:
    """Serves `/livez`, `/readyz` and `/metrics`.

    Args:
        readiness: judges how the gateway is.
        numbers: the merged metrics of all processes.
    """

    def __init__(
        self,
        readiness: Callable[[], Awaitable[Readiness]],
        numbers: Callable[[], Awaitable[Snapshot]],
    ) -> None:
        self._readiness = readiness
        self._numbers = numbers
        application = web.Application()
        application.add_routes(
            [
                web.get("/livez", _alive),
                web.get("/readyz", self._ready),
                web.get("/metrics", self._metrics),
            ]
        )
        self._runner = web.AppRunner(application, access_log=None)

    async def start(self, address: str) -> int:
        """Listen on HOST:PORT; return the port, which the system chooses for 0.

        Raises:
            OSError: the address is in use or not ours.
        """
        host, _, port = address.rpartition(":")
        await self._runner.setup()
        await web.TCPSite(self._runner, host.strip("[]"), int(port)).start()
        return int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Stop listening."""
        await self._runner.cleanup()

    async def _ready(self, _: web.Request) -> web.Response:
        found = await self._readiness()
        return web.json_response(found.as_json(), status=200 if found.ready else _UNAVAILABLE)

    async def _metrics(self, _: web.Request) -> web.Response:
        body = rendered(metrics.declared(), await self._numbers())
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE})


async def _alive(_: web.Request) -> web.Response:
    return web.Response(text="alive\n")
