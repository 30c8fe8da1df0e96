"""The numbers of all processes, collected when somebody asks."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import aiohttp

from gateway.admin.numbers_server import PATH, socket_of
from gateway.telemetry import metrics
from gateway.telemetry.snapshot import Snapshot, decoded, snapshot

_TIMEOUT_S = 2.0

SUPERVISOR = "supervisor"


class Collection:
    """Asks the children of a supervisor for their numbers.

    A child that does not answer in time is left out: the others are shown all the same.

    Args:
        directory: of the outbox.
        processes: the children's names.
        observe: sets the gauges of the supervisor itself.
    """

    def __init__(
        self, directory: Path, processes: Iterable[str], observe: Callable[[], None]
    ) -> None:
        self._sockets = {name: socket_of(directory, name) for name in processes}
        self._observe = observe

    async def collect(self) -> Mapping[str, Snapshot]:
        """Return the numbers of each process that answers, and the supervisor's own."""
        answers = await asyncio.gather(*map(_numbers, self._sockets.values()))
        found = {
            name: answer
            for name, answer in zip(self._sockets, answers, strict=True)
            if answer is not None
        }
        self._observe()
        found[SUPERVISOR] = snapshot(metrics.declared())
        return found


async def _numbers(socket: Path) -> Snapshot | None:
    timeout = aiohttp.ClientTimeout(total=_TIMEOUT_S)
    connector = aiohttp.UnixConnector(str(socket))
    try:
        async with (
            aiohttp.ClientSession(connector=connector, timeout=timeout) as session,
            session.get(f"http://numbers{PATH}") as answer,
        ):
            return decoded(await answer.json())
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError):
        return None
