"""The ledger of a gateway of several ingest processes: a file that all of them map into memory.

A table of keys, which grows under a file lock and never shrinks, and for each process a row of
numbers, three for each key. The numbers of a process that died are those of its successor, but for
what it had in flight.
"""

import fcntl
import mmap
import os
import sys
from hashlib import blake2b
from pathlib import Path
from typing import Self

from gateway.errors import GatewayError
from gateway.routing.ledger import CELL_NUMBERS, Account, AccountKey, MemoryLedger

MAX_ACCOUNTS = 4096
"""So many callers, each on each route with a limit, are counted together in a gateway's boot."""

_MAGIC = 0x31_72_67_6C_77_67_70  # "pgwlgr1"
_MAGIC_AT, _SLOTS_AT, _COUNT_AT, _KEYS_AT = 0, 1, 2, 8
_NUMBERS_AT = _KEYS_AT + MAX_ACCOUNTS
_ROW = MAX_ACCOUNTS * CELL_NUMBERS


class LedgerUnusable(GatewayError):
    """Unexpected error: the file is not there, or is no ledger with room for the process."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"the ledger of limits {path} cannot be used: {why}")


class SharedLedger:
    """The accounts of all processes of a gateway, as one of them sees and writes them.

    Past `MAX_ACCOUNTS`, further accounts are this process's own: their limit is for each process.

    Args:
        slot: which of the processes this is, from 0. No other that lives may have the same.
    """

    def __init__(self, path: Path, slot: int) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
        self._memory = mmap.mmap(self._descriptor, 0)
        self._view = memoryview(self._memory)
        self._words, self._numbers = self._view.cast("q"), self._view.cast("d")
        self._slots, self._slot = self._words[_SLOTS_AT], slot
        self._indices: dict[int, int] = {}
        self._accounts: dict[AccountKey, Account] = {}
        self._beyond = MemoryLedger()

    @staticmethod
    def create(path: Path, *, slots: int) -> None:
        """Make the file, in place of what an earlier boot left.

        Args:
            path: where; best in a file system of memory, for a store to mapped memory that a full
                disk has no room for kills the process.
            slots: how many ingest processes there are at most.

        Raises:
            OSError: it cannot be made.
        """
        new = path.with_name(f"{path.name}.new")
        new.unlink(missing_ok=True)
        descriptor = os.open(new, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            # Written, not only sized, so that there is room for all of it.
            head = [0] * _KEYS_AT
            head[_MAGIC_AT], head[_SLOTS_AT] = _MAGIC, slots
            file.write(b"".join(word.to_bytes(8, sys.byteorder) for word in head))
            file.write(bytes(8 * (MAX_ACCOUNTS + slots * _ROW)))
        new.replace(path)

    @classmethod
    def open(cls, path: Path, slot: int) -> Self:
        """Join what `create` made, in place of a process that had the slot before.

        Raises:
            LedgerUnusable: it was not made, or not for so many processes.
        """
        try:
            ledger = cls(path, slot)
        except (OSError, ValueError) as error:
            raise LedgerUnusable(path, str(error)) from error
        if ledger._words[_MAGIC_AT] != _MAGIC or not 0 <= slot < ledger._slots:
            slots = ledger._slots
            ledger.close()
            raise LedgerUnusable(path, f"it has no slot {slot} among {slots}")
        for index in range(MAX_ACCOUNTS):
            ledger._account_at(index).forget_in_flight()
        return ledger

    def account(self, key: AccountKey) -> Account:
        """Return the account of a key; see `Ledger`."""
        found = self._accounts.get(key)
        if found is None:
            index = self._index_of(_hashed(key))
            if index is None:
                return self._beyond.account(key)
            found = self._accounts[key] = self._account_at(index)
        return found

    def _account_at(self, index: int) -> Account:
        starts = tuple(
            _NUMBERS_AT + slot * _ROW + index * CELL_NUMBERS for slot in range(self._slots)
        )
        return Account(self._numbers, starts, starts[self._slot])

    def _index_of(self, hashed: int) -> int | None:
        """Return the place of a key in the table, putting it there; None where it is full."""
        if hashed not in self._indices and len(self._indices) < MAX_ACCOUNTS:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)
            try:
                self._find_or_add(hashed)
            finally:
                fcntl.flock(self._descriptor, fcntl.LOCK_UN)
        return self._indices.get(hashed)

    def _find_or_add(self, hashed: int) -> None:
        count = self._words[_COUNT_AT]
        for index in range(len(self._indices), count):
            self._indices[self._words[_KEYS_AT + index]] = index
        if hashed not in self._indices and count < MAX_ACCOUNTS:
            self._words[_KEYS_AT + count] = hashed
            self._words[_COUNT_AT] = count + 1
            self._indices[hashed] = count

    def close(self) -> None:
        """Let go of the memory. Its accounts may not be used afterwards."""
        self._numbers.release()
        self._words.release()
        self._view.release()
        self._memory.close()
        os.close(self._descriptor)


def _hashed(key: AccountKey) -> int:
    text = "\n".join(map(str, key)).encode()
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "little", signed=True)
