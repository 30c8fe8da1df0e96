"""The numbers of all processes, collected when somebody asks."""

import asyncio
from collections.abc import Collection as Names
from collections.abc import Mapping
from pathlib import Path

import aiohttp

from gateway.admin.numbers_server import PATH, socket_of
from gateway.telemetry.snapshot import Snapshot, decoded


async def collected(directory: Path, processes: Names[str], within_s: float) -> dict[str, Snapshot]:
    """Return the numbers of each process that answers in time; the others are left out.

    Args:
        directory: of the outbox.
        processes: their names.
        within_s: how long they have.
    """
    asked = [_numbers(socket_of(directory, name), within_s) for name in processes]
    answers = await asyncio.gather(*asked)
    return {
        name: answer for name, answer in zip(processes, answers, strict=True) if answer is not None
    }


async def _numbers(socket: Path, within_s: float) -> Snapshot | None:
    timeout = aiohttp.ClientTimeout(total=within_s)
    connector = aiohttp.UnixConnector(str(socket))
    try:
        async with (
            aiohttp.ClientSession(connector=connector, timeout=timeout) as session,
            session.get(f"http://numbers{PATH}") as answer,
        ):
            found: Mapping[str, list[list[object]]] = await answer.json()
            return decoded(dict(found))
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError):
        return None
