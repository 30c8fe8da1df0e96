"""The control socket's server."""

from collections.abc import Iterable
from pathlib import Path

from aiohttp import web

from gateway.private_site import listen

SOCKET_NAME = "control.sock"


class ControlServer:
    """Serves routes on a Unix socket that only the owner can open.

    Args:
        directory: of the outbox.
        routes: what is served; see the modules beside this one.
    """

    def __init__(self, directory: Path, routes: Iterable[web.AbstractRouteDef]) -> None:
        self._path = directory / SOCKET_NAME
        application = web.Application()
        application.add_routes(routes)
        self._runner = web.AppRunner(application, access_log=None)

    async def start(self) -> None:
        """Listen; a socket that an earlier process left is replaced.

        Raises:
            OSError: the directory cannot be written.
        """
        await listen(self._runner, self._path)

    async def stop(self) -> None:
        """Stop listening. May be called twice."""
        await self._runner.cleanup()
        self._path.unlink(missing_ok=True)
