"""What was in flight when the delivery process died.

A record may be what kills the process. So the records of each call are noted before it is made and
struck out when it has ended, in a file that is mapped into memory: it outlives the process, costs
no write to the disk, and need not outlive the machine.
"""

import json
import mmap
import os
import struct
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from gateway.delivery.pending import MAX_BATCH_RECORDS
from gateway.outbox.interface import RecordRef

_REF = struct.Struct("<QQIQI")  # boot, ns, writer, row, index
_COUNT = struct.Struct("<I")
_SLOT_BYTES = _COUNT.size + MAX_BATCH_RECORDS * _REF.size
_SLOTS = 4096
_MAX_SUSPECTS = 10_000

RefKey = tuple[int, int, int, int, int]
"""What a record is known by in the journal: boot, ns, writer, row, index."""


class Journal:
    """Notes the records of calls under way.

    Args:
        path: the file; made where it is missing. Beside it lies one with the counts of crashes.
    """

    def __init__(self, path: Path) -> None:
        self._counts_path = path.with_suffix(".crashes")
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.ftruncate(descriptor, _SLOTS * _SLOT_BYTES)
            self._map = mmap.mmap(descriptor, _SLOTS * _SLOT_BYTES)
        finally:
            os.close(descriptor)
        self._free = list(range(_SLOTS - 1, -1, -1))
        self._suspects = self._taken_stock()

    def __repr__(self) -> str:
        return f"<Journal {_SLOTS - len(self._free)} calls, {len(self._suspects)} suspects>"

    @property
    def suspects(self) -> Mapping[RefKey, int]:
        """How often a process died while a record was in flight, by `key`."""
        return self._suspects

    def _taken_stock(self) -> dict[RefKey, int]:
        """Count one more crash for all that was in flight, on disk before it is forgotten here."""
        counts = self._counts()
        in_flight = set(self._in_flight())
        if in_flight:
            self._keep({ref: counts.get(ref, 0) + 1 for ref in in_flight})
        return self._counts()

    def _keep(self, changed: Mapping[RefKey, int]) -> None:
        """Write counts down, and forget here what was in flight."""
        if changed:
            counts = dict(list({**self._counts(), **changed}.items())[-_MAX_SUSPECTS:])
            partial = self._counts_path.with_suffix(".new")
            partial.write_text(json.dumps([[*ref, count] for ref, count in counts.items()]))
            partial.rename(self._counts_path)
        self._map[:] = bytes(len(self._map))

    def _counts(self) -> dict[RefKey, int]:
        try:
            rows = json.loads(self._counts_path.read_text())
        except FileNotFoundError:
            return {}
        return {(boot, ns, writer, row, index): n for boot, ns, writer, row, index, n in rows}

    def _in_flight(self) -> Iterator[RefKey]:
        for slot in range(_SLOTS):
            start = slot * _SLOT_BYTES
            (count,) = _COUNT.unpack_from(self._map, start)
            for number in range(min(count, MAX_BATCH_RECORDS)):
                yield _REF.unpack_from(self._map, start + _COUNT.size + number * _REF.size)

    def begin(self, refs: Sequence[RecordRef]) -> int | None:
        """Note the records of a call that begins; return what `end` is to be told.

        None where 4,096 calls are noted already: one more is not.
        """
        if not self._free:
            return None
        slot = self._free.pop()
        start = slot * _SLOT_BYTES
        for number, ref in enumerate(refs):
            _REF.pack_into(self._map, start + _COUNT.size + number * _REF.size, *key(ref))
        _COUNT.pack_into(self._map, start, len(refs))
        return slot

    def end(self, slot: int | None) -> None:
        """Strike out the records of a call that has ended."""
        if slot is not None:
            _COUNT.pack_into(self._map, slot * _SLOT_BYTES, 0)
            self._free.append(slot)

    def close(self) -> None:
        """Let go of the file. What is in flight at an orderly end has killed nobody."""
        self._keep({ref: self._suspects.get(ref, 0) for ref in self._in_flight()})
        self._map.close()


def key(ref: RecordRef) -> RefKey:
    """Return what a record is known by in the journal."""
    position = ref.position
    return (*position.stamp, position.writer, position.row, ref.index)
