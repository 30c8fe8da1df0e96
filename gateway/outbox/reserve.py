"""Room on the disk that is kept for draining.

Where the outbox itself has filled the disk, nothing could be settled, so nothing would be given
back. Then this file is removed, and delivery has room to note what it delivers until the first
segments go.
"""

import contextlib
import os
from pathlib import Path

SIZE_BYTES = 4 * 1024 * 1024


class Reserve:
    """A file of zeros. Blocks; for one thread at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def give_up(self) -> bool:
        """Remove the file; return whether that gave any room."""
        try:
            self._path.unlink()
        except OSError:
            return False
        return True

    def restore(self) -> None:
        """Make the file if it is not there and there is room for it and as much again."""
        if self._path.exists() or _free_bytes(self._path.parent) < 2 * SIZE_BYTES:
            return
        new = self._path.with_name(self._path.name + ".new")
        with contextlib.suppress(OSError):
            try:
                fill(new, SIZE_BYTES)
                new.rename(self._path)
            finally:
                new.unlink(missing_ok=True)


def _free_bytes(path: Path) -> int:
    found = os.statvfs(path)
    return found.f_bavail * found.f_frsize


def fill(path: Path, size_bytes: int) -> None:
    """Make a file of zeros that is on disk.

    Raises:
        OSError: there is no room for it; the file may be there in part.
    """
    descriptor = os.open(path, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    try:
        while size_bytes:
            size_bytes -= os.write(descriptor, bytes(size_bytes))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
