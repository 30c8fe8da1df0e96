"""The client of the control socket: for the command line, and for the other processes."""

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp

from gateway.control.server import SOCKET_NAME
from gateway.errors import GatewayError

_CONNECT_TIMEOUT_S = 5.0


class ControlUnavailable(GatewayError):
    """Expected error: no delivery process answers on the control socket."""


class ControlRefused(GatewayError):
    """Expected error: the delivery process will not do what was asked; the message says why."""


class ControlClient:
    """Asks the delivery process of the gateway whose outbox is in a directory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._session = aiohttp.ClientSession(
            connector=aiohttp.UnixConnector(str(directory / SOCKET_NAME)),
            timeout=aiohttp.ClientTimeout(total=None, connect=_CONNECT_TIMEOUT_S),
        )

    async def request(
        self, method: str, path: str, body: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Send a request and return its JSON answer.

        Raises:
            ControlUnavailable: nobody answers.
            ControlRefused: the answer is an error.
        """
        try:
            async with self._session.request(method, f"http://control{path}", json=body) as answer:
                if answer.content_type != "application/json":
                    raise ControlRefused(f"{path}: {answer.status} {answer.reason}")
                found: dict[str, Any] = await answer.json()
                if answer.status >= 400:  # noqa: PLR2004 - HTTP's own border
                    raise ControlRefused(str(found.get("error", answer.reason)))
                return found
        except (aiohttp.ClientError, OSError) as error:
            raise ControlUnavailable(
                f"no gateway answers on {self._directory / SOCKET_NAME}; is it running?"
            ) from error

    async def close(self) -> None:
        """Close the connection."""
        await self._session.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()
