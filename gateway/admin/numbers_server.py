"""The numbers of one process, served to the supervisor."""

import os
from collections.abc import Iterable
from pathlib import Path

from aiohttp import web

from gateway.telemetry import metrics
from gateway.telemetry.instruments import Observer
from gateway.telemetry.snapshot import encoded, snapshot

PATH = "/numbers"


def socket_of(directory: Path, process: str) -> Path:
    """Return where a process serves its numbers."""
    return directory / f"{process}.sock"


class NumbersServer:
    """Serves the metrics of this process on a Unix socket that only the owner can open.

    Args:
        socket: where; what an earlier process left there is replaced.
        observers: called before each answer, to set the gauges.
    """

    def __init__(self, socket: Path, observers: Iterable[Observer] = ()) -> None:
        self._socket = socket
        self._observers = tuple(observers)
        application = web.Application()
        application.add_routes([web.get(PATH, self._answer)])
        self._runner = web.AppRunner(application, access_log=None)

    async def _answer(self, _: web.Request) -> web.Response:
        for observe in self._observers:
            observe()
        return web.json_response(encoded(snapshot(metrics.declared())))

    async def start(self) -> None:
        """Listen.

        Raises:
            OSError: the directory cannot be written.
        """
        await self._runner.setup()
        self._socket.unlink(missing_ok=True)
        mask = os.umask(0o177)
        try:
            await web.UnixSite(self._runner, self._socket).start()
        finally:
            os.umask(mask)

    async def stop(self) -> None:
        """Stop listening."""
        await self._runner.cleanup()
        self._socket.unlink(missing_ok=True)
