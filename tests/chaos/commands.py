"""The project's command, run as a process whose output goes to a file."""

import asyncio
import os
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.chaos.processes import Process

_RUN = "from gateway.cli import main; main()"
_POLL_S = 0.02

ENVIRONMENT: Mapping[str, str] = {
    "AWS_ACCESS_KEY_ID": "emulator",
    "AWS_SECRET_ACCESS_KEY": "emulator",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}
"""What the gateway signs with, and nothing of whoever runs this."""


class DidNotStart(Exception):
    """Expected error: a command ended, or said nothing in time; the message has what it wrote."""


async def start(
    *arguments: str,
    log: Path,
    wrapper: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
) -> asyncio.subprocess.Process:
    """Start `personalize-gateway` with arguments.

    Args:
        arguments: of the command.
        log: gets all that it writes.
        wrapper: a command that runs it in its own place, under the same PID.
        environment: variables besides those of this process.
    """
    with log.open("wb") as output:
        return await asyncio.create_subprocess_exec(
            *wrapper,
            *(sys.executable, "-c", _RUN, *arguments),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**os.environ, **ENVIRONMENT, **(environment or {})},
            start_new_session=True,  # Ctrl-C is for the harness, which ends what it started.
        )


async def said(
    process: asyncio.subprocess.Process, log: Path, pattern: re.Pattern[str], limit_s: float
) -> str:
    """Wait until a process has written what matches, and return the first group.

    Raises:
        DidNotStart: it has not in time, or has ended.
    """
    try:
        async with asyncio.timeout(limit_s):
            found = _search(log, pattern)
            while found is None and process.returncode is None:
                await asyncio.sleep(_POLL_S)
                found = _search(log, pattern)
    except TimeoutError:
        found = None
    if found is None:
        raise DidNotStart(f"status {process.returncode}, wrote:\n{tail(log)}")
    return found[1]


def _search(log: Path, pattern: re.Pattern[str]) -> re.Match[str] | None:
    return pattern.search(log.read_text(errors="replace"))


def tail(log: Path, lines: int = 5) -> str:
    """Return the last lines of a log."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


async def gone(processes: Sequence[Process], limit_s: float) -> bool:
    """Wait until processes have ended; return whether they have in time."""
    try:
        async with asyncio.timeout(limit_s):
            while any(process.alive for process in processes):  # noqa: ASYNC110 - no child of ours
                await asyncio.sleep(_POLL_S)
    except TimeoutError:
        return False
    return True
