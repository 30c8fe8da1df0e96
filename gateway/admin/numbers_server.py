"""The numbers of one process, served to the supervisor."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import structlog
from aiohttp import web

from gateway.private_site import listen
from gateway.telemetry import metrics
from gateway.telemetry.snapshot import encoded, snapshot

log = structlog.get_logger()

PATH = "/numbers"

Observer = Callable[[], Awaitable[None]]
"""Sets the gauges whose values are looked up only when somebody asks."""


def socket_of(directory: Path, process: str) -> Path:
    """Return where a process serves its numbers."""
    return directory / f"{process}.stats"


class NumbersServer:
    """Serves the metrics of this process on a Unix socket that only the owner can open.

    Args:
        socket: where; what an earlier process left there is replaced.
        observe: called before each answer.
    """

    def __init__(self, socket: Path, observe: Observer) -> None:
        self._socket = socket
        self._observe = observe
        application = web.Application()
        application.add_routes([web.get(PATH, self._answer)])
        self._runner = web.AppRunner(application, access_log=None)

    async def _answer(self, _: web.Request) -> web.Response:
        await self._observe()
        return web.json_response(encoded(snapshot(metrics.declared())))

    async def start(self) -> None:
        """Listen, or say in the log why that cannot be: a full disk stops no process by it."""
        try:
            await listen(self._runner, self._socket)
        except OSError as error:
            log.warning("the metrics of a process cannot be served", why=error.strerror)

    async def stop(self) -> None:
        """Stop listening."""
        await self._runner.cleanup()
        with suppress(OSError):
            self._socket.unlink(missing_ok=True)
