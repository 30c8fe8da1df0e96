"""The outbox directory: who may use it, which format it has, and what its files are called.

    lock                  held by the gateway, as a whole
    delivery.lock         held by its delivery process
    writer-<w>.lock       held by its ingest process of slot w
    writer-<w>-<n>.lock   held by the same process, whose first segment has number n
    format                version of the format
    boot                  how often the gateway was started on it
    ingest-<boot>-<w>-<n>.segment   chunks
    delivery.db           delivery's notes, survivors of segments that are gone, dead letters
    reserve               room that is given up when the disk is full, so that draining can go on
    delivery.sock, delivery.wake    sockets of the delivery process

Beside each database its -wal and -shm; `.new` is what was being made when a process ended.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from gateway.outbox import database, file_system
from gateway.outbox.locks import FileLock
from gateway.outbox.migrations import MIGRATIONS, Migration
from gateway.outbox.segment_name import SegmentName
from gateway.outbox.unusable import OutboxDamaged, OutboxInUse, OutboxUnusable

FORMAT = 2

_ORPHANS_S = 15.0
"""So long a new gateway waits for processes of one before it, which end when they see it gone."""

_MAX_SOCKET_PATH_BYTES = 100
"""A little less than the kernel takes (108 on Linux, 104 elsewhere)."""


class Directory:
    """The files of an outbox. Does not own it: see `claim`."""

    def __init__(self, path: Path, boot: int) -> None:
        self.path = path
        self.boot = boot
        self._descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)

    def __repr__(self) -> str:
        return f"<Directory {self.path}, boot {self.boot}>"

    @classmethod
    def join(cls, path: Path) -> Self:
        """Return the directory as the gateway that has claimed it left it for its processes.

        Raises:
            OutboxUnusable: no gateway ever had it.
        """
        return cls(path, _number_in(path / "boot"))

    @property
    def delivery_db(self) -> Path:
        """The file that delivery alone writes."""
        return self.path / "delivery.db"

    @property
    def reserve(self) -> Path:
        """The file that is given up when the disk is full."""
        return self.path / "reserve"

    def slot_lock(self, slot: int) -> Path:
        """Return the file that whichever ingest process has a slot locks."""
        return self.path / f"writer-{slot}.lock"

    def writer_lock(self, slot: int, first: int) -> Path:
        """Return the file that an ingest process locks which no other ever does.

        So delivery can tell that a process has ended, also while its successor begins.
        """
        return self.path / f"writer-{slot}-{first}.lock"

    @property
    def delivery_lock(self) -> Path:
        """The file that the delivery process locks."""
        return self.path / "delivery.lock"

    def segment(self, name: SegmentName) -> Path:
        """Return where a segment is."""
        return self.path / name.file_name

    def segments(self) -> list[SegmentName]:
        """Return the segments that are there, by boot, writer and number."""
        with os.scandir(self.path) as entries:
            names = [SegmentName.of_file(entry.name) for entry in entries]
        return sorted(name for name in names if name is not None)

    def socket(self, name: str) -> str:
        """Return the address of a Unix socket here, which may be shorter than its path."""
        path = str(self.path / name)
        if len(os.fsencode(path)) <= _MAX_SOCKET_PATH_BYTES:
            return path
        return f"/proc/self/fd/{self._descriptor}/{name}"

    def close(self) -> None:
        """Let go of it."""
        os.close(self._descriptor)


class ClaimedDirectory(Directory):
    """An outbox directory that this process has for itself and its children."""

    def __init__(self, path: Path, boot: int, lock: FileLock) -> None:
        super().__init__(path, boot)
        self._lock = lock

    @classmethod
    def claim(cls, path: Path, migrations: Mapping[int, Migration] = MIGRATIONS) -> Self:
        """Take the directory, make it if it is not there, and count a boot.

        Raises:
            OutboxInUse: another gateway has it.
            OutboxUnusable: it cannot be used; the message says why.
        """
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            file_system.check(path)
            if path.stat().st_uid == os.geteuid():  # A mounted volume may be another's.
                path.chmod(0o700)
            lock = _lock(path)
        except OSError as error:
            raise OutboxUnusable(path, str(error)) from error
        try:
            _await_orphans(path)
            _migrate(path, migrations)
            return cls(path, _next_boot(path), lock)
        except BaseException:
            lock.release()
            raise

    def close(self) -> None:
        """Let go of it; another gateway may have it."""
        super().close()
        self._lock.release()


def _lock(path: Path) -> FileLock:
    try:
        return FileLock.take(path / "lock")
    except OutboxInUse as error:
        raise OutboxInUse(path, f"another gateway uses it: {error}") from error


def _await_orphans(path: Path) -> None:
    for lock in (*path.glob("writer-*.lock"), *path.glob("delivery.lock")):
        FileLock.take(lock, wait_s=_ORPHANS_S).release()
    for lock in path.glob("writer-*.lock"):
        lock.unlink()


def _migrate(path: Path, migrations: Mapping[int, Migration]) -> None:
    """Bring an older format to ours; refuse a newer one."""
    file = path / "format"
    if not file.exists():
        _expect_nothing(path, file)
        _write_number(file, FORMAT)
    found = _number_in(file)
    if found > FORMAT:
        raise OutboxUnusable(path, f"its format is {found}; this gateway knows {FORMAT}")
    for version in range(found, FORMAT):
        migrations[version](path)
        _write_number(file, version + 1)


def _next_boot(path: Path) -> int:
    """Count up. The number is on disk before it is used, so that no stamp is given twice."""
    file = path / "boot"
    if not file.exists():
        _expect_nothing(path, file)
        _write_number(file, 0)
    boot = _number_in(file) + 1
    _write_number(file, boot)
    return boot


def _expect_nothing(path: Path, missing: Path) -> None:
    if any(path.glob("*.segment")) or (path / "delivery.db").exists():
        raise OutboxDamaged(missing, "it is missing, though there are files of an outbox")


def _number_in(file: Path) -> int:
    try:
        text = file.read_text()
    except OSError as error:
        raise OutboxUnusable(file, str(error)) from error
    if not text.rstrip("\n").isdecimal():
        raise OutboxDamaged(file, "it holds no number")
    return int(text)


def _write_number(file: Path, number: int) -> None:
    """Replace the number in a file by another, whole or not at all."""
    new = file.with_name(file.name + ".new")
    descriptor = os.open(new, os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    try:
        os.write(descriptor, f"{number}\n".encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    new.rename(file)
    database.sync(file.parent)
