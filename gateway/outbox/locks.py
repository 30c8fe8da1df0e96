"""Locks on the outbox directory: each lasts until it is let go or its process ends, however."""

import fcntl
import os
import time
from pathlib import Path
from typing import Self

from gateway.outbox.unusable import OutboxInUse

_TRY_AGAIN_S = 0.01


class FileLock:
    """An exclusive lock that this process holds. The file stays, and says who had it last."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self._path = path
        self._descriptor = descriptor

    def __repr__(self) -> str:
        return f"<FileLock {self._path.name}>"

    @classmethod
    def take(cls, path: Path, *, wait_s: float = 0.0) -> Self:
        """Take a lock, and wait for it if need be. Blocks for so long.

        Raises:
            OutboxInUse: another process holds it; the message names the process.
        """
        descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            _lock(path, descriptor, time.monotonic() + wait_s)
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        except BaseException:
            os.close(descriptor)
            raise
        return cls(path, descriptor)

    def release(self) -> None:
        """Let go of it."""
        os.close(self._descriptor)


def _lock(path: Path, descriptor: int, until_s: float) -> None:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until_s:
                holder = os.pread(descriptor, 32, 0).decode(errors="replace").strip()
                raise OutboxInUse(path, f"process {holder or 'unknown'} holds it") from None
            time.sleep(_TRY_AGAIN_S)
        else:
            return


class LockWatch:
    """Tells whether anybody holds a lock, without waiting and without keeping it."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)

    def held(self) -> bool:
        """Return whether a process, this one included, holds it."""
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        fcntl.flock(self._descriptor, fcntl.LOCK_UN)
        return False

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._descriptor)
