"""How a gateway takes its outbox directory: what the supervisor does before it starts anybody."""

import sqlite3
from pathlib import Path
from typing import Self

from gateway.outbox import delivery_db
from gateway.outbox.directory import ClaimedDirectory, Directory
from gateway.outbox.reserve import Reserve
from gateway.outbox.shared import Shared, path_for
from gateway.outbox.unusable import OutboxDamaged, OutboxUnusable
from gateway.outbox.verification import open_bytes


class Claim:
    """An outbox directory that is this gateway's: checked, of the current format, and ready."""

    def __init__(self, directory: ClaimedDirectory, writers: int) -> None:
        self.path = directory.path
        self._directory = directory
        self._shared_path = path_for(directory.path)
        _remove_leftovers(directory.path)
        # To open a database takes some room; the delivery process makes the reserve again.
        Reserve(directory.reserve).give_up()
        try:
            _make_delivery_db(directory)
            sizes_bytes = open_bytes(directory)
            self._shared = Shared.create(
                self._shared_path, boot=directory.boot, slots=writers, open_bytes=sizes_bytes
            )
        except (sqlite3.Error, OSError) as error:
            raise OutboxUnusable(directory.path, str(error)) from error

    def __repr__(self) -> str:
        return f"<Claim of {self._directory}>"

    @property
    def boot(self) -> int:
        """Which start of a gateway on this directory it is."""
        return self._directory.boot

    @classmethod
    def take(cls, path: Path, *, writers: int = 1) -> Self:
        """Take a directory; make it if it is not there. Blocks while all that is in it is read.

        Args:
            path: the directory.
            writers: how many ingest processes there will be at most.

        Raises:
            OutboxInUse: another gateway has it; the message says which process.
            OutboxDamaged: a file is not as it was written; the message says which, and what.
            OutboxUnusable: it cannot be used for another reason.
        """
        directory = ClaimedDirectory.claim(path)
        try:
            return cls(directory, writers)
        except BaseException:
            directory.close()
            raise

    def used_bytes(self, dataset_group: str) -> int:
        """Return how many bytes of a dataset group are in the outbox."""
        return self._shared.used_bytes(dataset_group)

    def close(self) -> None:
        """Let go of the directory, after all that used it have."""
        self._shared.close()
        self._shared_path.unlink(missing_ok=True)
        self._directory.close()


def _make_delivery_db(directory: Directory) -> None:
    path = directory.delivery_db
    if path.exists():
        return
    if directory.segments():
        raise OutboxDamaged(path, "it is missing, though there are segments")
    delivery_db.create(path)


def _remove_leftovers(path: Path) -> None:
    """Remove what was being made when a process ended, and what a removed segment left."""
    for file in (*path.glob("*.new"), *path.glob("*.new-*")):
        file.unlink()
    for suffix in ("-wal", "-shm"):
        for file in path.glob(f"*.segment{suffix}"):
            if not file.with_name(file.name.removesuffix(suffix)).exists():
                file.unlink()
