"""What the processes of one gateway tell each other through memory that they share.

How many bytes of each dataset group are in the outbox, how far each ingest process has written, and
whether delivery sleeps. Every word has one process that writes it, so there are no locks; a reader
may see a sum that lacks what another process added in that instant. The exception is the table of
dataset groups, which grows under a file lock.

The memory is that of a file in /dev/shm, so that a write cannot fail for want of disk space; where
there is none, of a file in the outbox directory. It is made anew at each start of the gateway, from
what is on disk.
"""

import fcntl
import mmap
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from gateway.outbox.unusable import OutboxUnusable

MAX_GROUPS = 256
"""So many dataset groups at most have room; with AWS's default quota an account has five."""

_MAGIC = 0x31_68_73_2D_77_67_70  # "pgw-sh1"
_NAME_BYTES = 64
_HEADER_WORDS = 8
_MAGIC_AT, _BOOT_AT, _SLOTS_AT, _GROUPS_AT, _ASLEEP_AT = range(5)
_NAMES_AT = _HEADER_WORDS * 8
_BASE_AT = (_NAMES_AT + MAX_GROUPS * _NAME_BYTES) // 8
_RELEASED_AT = _BASE_AT + MAX_GROUPS
_SLOT_AT = _RELEASED_AT + MAX_GROUPS
_NUMBER, _CHUNKS, _FIRST, _ADMITTED = range(4)
_STORED = _ADMITTED + MAX_GROUPS
_SLOT_WORDS = _STORED + MAX_GROUPS


def path_for(directory: Path) -> Path:
    """Return where the memory of an outbox directory is; two directories never share a place."""
    memory = Path("/dev/shm")  # noqa: S108 - the file is made exclusively, and for its owner alone
    if not memory.is_dir():
        return directory / "shared"
    found = directory.stat()
    return memory / f"personalize-gateway-{found.st_dev:x}-{found.st_ino:x}"


class Shared:
    """The shared memory of one boot of a gateway."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
        self._memory = mmap.mmap(self._descriptor, 0)
        self._view = memoryview(self._memory)
        self._words = self._view.cast("q")
        self._indices: dict[str, int] = {}

    @classmethod
    def create(cls, path: Path, *, boot: int, slots: int, open_bytes: Mapping[str, int]) -> Self:
        """Make the memory, in place of what an earlier boot left.

        Args:
            path: where.
            boot: which start of the gateway.
            slots: how many ingest processes there are at most.
            open_bytes: what is in the outbox already, for each dataset group.
        """
        path.unlink(missing_ok=True)
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            # Written, not only sized: a store to memory that has no room kills the process.
            os.write(descriptor, bytes(8 * (_SLOT_AT + slots * _SLOT_WORDS)))
        finally:
            os.close(descriptor)
        shared = cls(path)
        shared._words[_BOOT_AT], shared._words[_SLOTS_AT] = boot, slots
        for group, size_bytes in open_bytes.items():
            shared._words[_BASE_AT + shared.index_of(group)] = size_bytes
        shared._words[_MAGIC_AT] = _MAGIC
        return shared

    @classmethod
    def open(cls, path: Path, *, boot: int) -> Self:
        """Join what `create` made.

        Raises:
            OutboxUnusable: there is none, or it is of another boot.
        """
        try:
            shared = cls(path)
        except (OSError, ValueError) as error:
            raise OutboxUnusable(path, f"no gateway has claimed the directory ({error})") from error
        if shared._words[_MAGIC_AT] != _MAGIC or shared._words[_BOOT_AT] != boot:
            shared.close()
            raise OutboxUnusable(path, f"it is not of boot {boot}")
        return shared

    @property
    def slots(self) -> int:
        """How many ingest processes there are at most."""
        return self._words[_SLOTS_AT]

    def slot(self, number: int) -> "Slot":
        """Return the words of an ingest process, the first of which has number 0."""
        if not 0 <= number < self.slots:
            raise ValueError(f"no slot {number} among {self.slots}")
        return Slot(self._words, _SLOT_AT + number * _SLOT_WORDS)

    def index_of(self, dataset_group: str) -> int:
        """Return the place of a dataset group in the tables; a new one is put at their end."""
        if dataset_group not in self._indices:
            with self._locked():
                self._read_names()
                if dataset_group not in self._indices:
                    self._add_name(dataset_group)
        return self._indices[dataset_group]

    def _read_names(self) -> None:
        for index in range(len(self._indices), self._words[_GROUPS_AT]):
            start = _NAMES_AT + index * _NAME_BYTES
            name = bytes(self._view[start : start + _NAME_BYTES]).rstrip(b"\0").decode()
            self._indices[name] = index

    def _add_name(self, dataset_group: str) -> None:
        index, name = len(self._indices), dataset_group.encode()
        if index == MAX_GROUPS or len(name) > _NAME_BYTES:
            raise ValueError(f"no room for dataset group {dataset_group!r} among {index}")
        start = _NAMES_AT + index * _NAME_BYTES
        self._view[start : start + len(name)] = name
        self._words[_GROUPS_AT] = index + 1
        self._indices[dataset_group] = index

    @contextmanager
    def _locked(self) -> Iterator[None]:
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def used_bytes(self, dataset_group: str) -> int:
        """Return how much of a dataset group is in the outbox, admitted but unwritten included."""
        index, words = self.index_of(dataset_group), self._words
        admitted = sum(words[_SLOT_AT + _ADMITTED + index :: _SLOT_WORDS])  # of all slots
        return words[_BASE_AT + index] + admitted - words[_RELEASED_AT + index]

    def set_released(self, dataset_group: str, size_bytes: int) -> None:
        """Say how much of a dataset group was given back in this boot. For delivery alone."""
        self._words[_RELEASED_AT + self.index_of(dataset_group)] = size_bytes

    @property
    def asleep(self) -> bool:
        """Whether delivery waits to be told of news."""
        return bool(self._words[_ASLEEP_AT])

    @asleep.setter
    def asleep(self, asleep: bool) -> None:
        """Note it. For delivery alone."""
        self._words[_ASLEEP_AT] = asleep

    def chunks(self) -> tuple[int, ...]:
        """Return how many chunks each ingest process has written in this boot."""
        first = _SLOT_AT + _CHUNKS
        return tuple(self._words[first + n * _SLOT_WORDS] for n in range(self.slots))

    def close(self) -> None:
        """Let go of the memory. Its slots may not be used afterwards."""
        self._words.release()
        self._view.release()
        self._memory.close()
        os.close(self._descriptor)


class Slot:
    """The words of one ingest process. It alone writes them, and only one such process lives."""

    def __init__(self, words: "memoryview[int]", start: int) -> None:
        self._words = words
        self._start = start

    @property
    def number(self) -> int:
        """The last segment that was made; all before it are finished. 0 before the first."""
        return self._words[self._start + _NUMBER]

    @number.setter
    def number(self, number: int) -> None:
        self._words[self._start + _NUMBER] = number

    @property
    def chunks(self) -> int:
        """How many chunks were written."""
        return self._words[self._start + _CHUNKS]

    def admit(self, group_index: int, size_bytes: int) -> None:
        """Count bytes that are to be written; less than zero where they could not be."""
        self._words[self._start + _ADMITTED + group_index] += size_bytes

    def wrote(self, chunks: int, sizes_bytes: Mapping[int, int]) -> None:
        """Count what is on disk: chunks, and bytes for each dataset group's index."""
        for index, size_bytes in sizes_bytes.items():
            self._words[self._start + _STORED + index] += size_bytes
        self._words[self._start + _CHUNKS] += chunks

    @property
    def first(self) -> int:
        """The first segment of the process that has the slot, or had it last."""
        return self._words[self._start + _FIRST]

    def take_over(self, first: int) -> None:
        """Begin: give back what the process before admitted but did not write.

        Args:
            first: the first segment that will be written.
        """
        self._words[self._start + _FIRST] = first
        for index in range(MAX_GROUPS):
            stored = self._words[self._start + _STORED + index]
            self._words[self._start + _ADMITTED + index] = stored
