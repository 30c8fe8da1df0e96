"""A disk that is full when it has to be: a small one of the gateway's own, or a limit on its files.

The small disk is a tmpfs that only the gateway's processes see, and that goes with them.
"""

import asyncio
import os
import resource
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from tests.chaos.gateway_process import GatewayProcess

_SIZE_MIB = 96
_BLOCK = bytes(1024 * 1024)
_LEAST_BLOCK_BYTES = 512
_ROOM_BYTES = 64 * 1024
_MOUNT = f'mount -t tmpfs -o size={_SIZE_MIB}m chaos "$0" && exec "$@"'


class Disk(Protocol):
    """What the outbox is on.

    Attributes:
        wrapper: a command that starts the gateway on it.
        what: what it is, for people.
    """

    wrapper: Sequence[str]
    what: str

    def fill(self, gateway: GatewayProcess) -> None:
        """Leave no room."""

    def free(self, gateway: GatewayProcess) -> None:
        """Give all of it back."""


class PrivateTmpfs:
    """A tmpfs in a mount namespace of the gateway's own.

    Args:
        directory: where it is mounted; the outbox lies in it.
    """

    def __init__(self, directory: Path) -> None:
        directory.mkdir()
        self.wrapper: Sequence[str] = (*_unshare(), "sh", "-c", _MOUNT, str(directory))
        self.what = f"a tmpfs of {_SIZE_MIB} MiB"

    @staticmethod
    async def possible() -> bool:
        """Return whether this machine lets us mount one."""
        check = ("sh", "-c", "mount -t tmpfs -o size=1m chaos /tmp")
        try:
            process = await asyncio.create_subprocess_exec(
                *_unshare(), *check, stderr=asyncio.subprocess.DEVNULL
            )
        except OSError:
            return False
        return await process.wait() == 0

    def fill(self, gateway: GatewayProcess) -> None:
        """Write a file until there is no room for a byte."""
        block = _BLOCK
        with _ballast(gateway).open("ab", buffering=0) as file:
            while len(block) >= _LEAST_BLOCK_BYTES:
                try:
                    file.write(block)
                except OSError:
                    block = block[: len(block) // 2]

    def free(self, gateway: GatewayProcess) -> None:
        """Remove that file."""
        _ballast(gateway).unlink(missing_ok=True)


def _ballast(gateway: GatewayProcess) -> Path:
    return gateway.outbox.with_name("ballast")


def _unshare() -> Sequence[str]:
    as_root = () if os.geteuid() == 0 else ("--user", "--map-root-user")
    return ("unshare", *as_root, "--mount", "--propagation", "private")


class FileSizeLimit:
    """RLIMIT_FSIZE on the gateway's processes: no file grows beyond what its log needs."""

    wrapper: Sequence[str] = ()
    what = "RLIMIT_FSIZE, as nothing can be mounted here"

    def fill(self, gateway: GatewayProcess) -> None:
        """Limit the processes that there are; those that they start inherit it."""
        self._limit(gateway, len(gateway.logs()) + _ROOM_BYTES)

    def free(self, gateway: GatewayProcess) -> None:
        """Lift the limit."""
        self._limit(gateway, resource.RLIM_INFINITY)

    def _limit(self, gateway: GatewayProcess, size_bytes: int) -> None:
        for process in (gateway.supervisor, *gateway.children):
            if process is not None:
                _, hard = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
                resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (size_bytes, hard))


async def disk(directory: Path) -> Disk:
    """Return a disk for an outbox in a directory that is not there yet."""
    if await PrivateTmpfs.possible():
        return PrivateTmpfs(directory)
    return FileSizeLimit()
