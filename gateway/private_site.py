"""HTTP on a Unix socket that only its owner can open."""

import os
from pathlib import Path

from aiohttp import web


async def listen(runner: web.AppRunner, path: Path) -> None:
    """Serve an application on a socket; one that an earlier process left is replaced.

    Args:
        runner: of the application; set up here, and cleaned up by the caller, who unlinks the
            socket then.
        path: of the socket.

    Raises:
        OSError: the directory cannot be written.
    """
    await runner.setup()
    _remove(path)
    mask = os.umask(0o177)
    try:
        await web.UnixSite(runner, path).start()
    finally:
        os.umask(mask)


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
