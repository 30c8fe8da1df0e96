"""Runs `personalize-gateway` as a process, as people do."""

import asyncio
import json
import os
import sys
from dataclasses import dataclass

_RUN = "from gateway.cli import main; main()"


@dataclass(frozen=True, slots=True)
class Finished:
    """What a command left."""

    status: int
    output: str
    errors: str


async def run(*arguments: object, stdin: str = "") -> Finished:
    """Run the command with these arguments until it ends."""
    return await finish(await start(*arguments), stdin)


async def start(*arguments: object) -> asyncio.subprocess.Process:
    """Start the command with these arguments, in a terminal that is none."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        _RUN,
        *map(str, arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "COLUMNS": "100"},
    )


async def finish(process: asyncio.subprocess.Process, stdin: str = "") -> Finished:
    """Wait until a command ends."""
    output, errors = await process.communicate(stdin.encode())
    assert process.returncode is not None
    return Finished(process.returncode, output.decode(), errors.decode())


def worries(errors: str) -> list[str]:
    """Return the lines on the standard error that are more than information."""
    return [line for line in errors.splitlines() if not _is_information(line)]


def _is_information(line: str) -> bool:
    try:
        return bool(json.loads(line)["level"] == "info")
    except (ValueError, LookupError, TypeError):
        return False
