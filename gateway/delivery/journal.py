"""What was in flight when the delivery process died.

A record may be what kills the process. So the records of each call are noted before it is made and
struck out when what became of them is noted, or where it ended without an answer when Personalize
can no longer be at work on it, in a file that is mapped into memory: it outlives the process, costs
no write to the disk, and need not outlive the machine.
"""

import json
import mmap
import os
import struct
import sys
import zlib
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from gateway.delivery.pending import MAX_BATCH_RECORDS
from gateway.outbox.interface import RecordRef
from gateway.records import Lane

_REF = struct.Struct("<QQIQI")  # boot, ns, writer, row, index
_HEAD = struct.Struct("<I")  # how many records, the lane's tag, whether it has returned
_SLOT_BYTES = _HEAD.size + MAX_BATCH_RECORDS * _REF.size
_SLOTS = 4096
_MAX_SUSPECTS = 10_000
_COUNT_BITS = 4
_TAG_BITS = 27
_RETURNED = 1 << 31
"""Marks a call that has returned: it kills nobody any more."""

SUSPECTED_TOGETHER = 2
"""So many crashes count for all that was in flight, those after them only for a record that was in
flight by itself: nothing else can have caused them."""

_Tagged = dict["RefKey", tuple[int, int]]
"""Counts of crashes, each with the tag of the record's lane."""

RefKey = tuple[int, int, int, int, int]
"""What a record is known by in the journal: boot, ns, writer, row, index."""


class Journal:
    """Notes the records of calls under way.

    Args:
        path: the file; made where it is missing. Beside it lies one with the counts of crashes.
    """

    def __init__(self, path: Path) -> None:
        self._counts_path = path.with_suffix(".suspects")
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.ftruncate(descriptor, _SLOTS * _SLOT_BYTES)
            self._map = mmap.mmap(descriptor, _SLOTS * _SLOT_BYTES)
        finally:
            os.close(descriptor)
        self._free = list(range(_SLOTS - 1, -1, -1))
        self._held: deque[tuple[float, int]] = deque()
        self._suspects = self._taken_stock()

    def __repr__(self) -> str:
        return f"<Journal {_SLOTS - len(self._free)} calls, {len(self._suspects)} suspects>"

    @property
    def has_suspects(self) -> bool:
        """Whether a process ever died, or ended, while a record was in flight."""
        return bool(self._suspects)

    def suspects(self, lane: Lane) -> Mapping[RefKey, int]:
        """Return how often a process died while a record of a lane was in flight, by `key`."""
        tag = _tag(lane)
        return {ref: count for ref, (count, of) in self._suspects.items() if of == tag}

    def _taken_stock(self) -> _Tagged:
        """Count one more crash for all that was in flight, on disk before it is forgotten here."""
        self._keep(crashed=True)
        return self._counts()

    def _keep(self, *, crashed: bool) -> None:
        """Count a crash for what was in flight, but not for what had returned; forget it here."""
        before = self._counts()
        noted = list(self._noted())
        most = (
            sys.maxsize if sum(not returned for *_, returned in noted) == 1 else SUSPECTED_TOGETHER
        )
        counts = dict(before)
        for ref, tag, returned in noted:
            count, _ = before.get(ref, (0, tag))
            accused = crashed and not returned and count < most
            counts[ref] = (count + accused, tag)
        if counts != before:
            rows = [[*ref, *counted] for ref, counted in list(counts.items())[-_MAX_SUSPECTS:]]
            partial = self._counts_path.with_suffix(".new")
            partial.write_text(json.dumps(rows))
            partial.rename(self._counts_path)
        self._map[:] = bytes(len(self._map))

    def _counts(self) -> _Tagged:
        try:
            rows = json.loads(self._counts_path.read_text())
        except FileNotFoundError:
            return {}
        return {
            (boot, ns, writer, row, index): (n, tag)
            for boot, ns, writer, row, index, n, tag in rows
        }

    def _noted(self) -> Iterator[tuple[RefKey, int, bool]]:
        """Yield the records of all calls, each with its lane's tag and whether it returned."""
        for slot in range(_SLOTS):
            start = slot * _SLOT_BYTES
            (head,) = _HEAD.unpack_from(self._map, start)
            count, tag = head % (1 << _COUNT_BITS), (head & ~_RETURNED) >> _COUNT_BITS
            for number in range(min(count, MAX_BATCH_RECORDS)):
                at = start + _HEAD.size + number * _REF.size
                yield _REF.unpack_from(self._map, at), tag, bool(head & _RETURNED)

    def begin(self, lane: Lane, refs: Sequence[RecordRef], now_s: float) -> int | None:
        """Note the records of a call that begins; return what `end` is to be told.

        None where 4,096 calls are noted already: one more is not.
        """
        while self._held and self._held[0][0] <= now_s:
            self.end(self._held.popleft()[1])
        if not self._free:
            return None
        slot = self._free.pop()
        start = slot * _SLOT_BYTES
        at = start + _HEAD.size
        for ref in refs:
            position = ref.position  # As `key` has it, which would take as long again.
            boot, ns = position.stamp
            _REF.pack_into(self._map, at, boot, ns, position.writer, position.row, ref.index)
            at += _REF.size
        _HEAD.pack_into(self._map, start, len(refs) | _tag(lane) << _COUNT_BITS)
        return slot

    def end(self, slot: int | None) -> None:
        """Strike out the records of a call: what became of them is noted."""
        if slot is not None:
            _HEAD.pack_into(self._map, slot * _SLOT_BYTES, 0)
            self._free.append(slot)

    def returned(self, slot: int | None) -> None:
        """Note that a call has ended, with or without an answer."""
        if slot is not None:
            at = slot * _SLOT_BYTES
            (head,) = _HEAD.unpack_from(self._map, at)
            _HEAD.pack_into(self._map, at, head | _RETURNED)

    def hold(self, slot: int | None, until_s: float) -> None:
        """Strike out a call without an answer at that time: until then it may be at work."""
        if slot is not None:
            self._held.append((until_s, slot))

    def close(self) -> None:
        """Let go of the file. What is in flight at an orderly end has killed nobody."""
        self._keep(crashed=False)
        self._map.close()


@lru_cache(maxsize=1024)
def _tag(lane: Lane) -> int:
    """Return a number for a lane; two may have the same, which does no harm."""
    return zlib.crc32(str(lane).encode()) % (1 << _TAG_BITS)


def key(ref: RecordRef) -> RefKey:
    """Return what a record is known by in the journal."""
    position = ref.position
    return (*position.stamp, position.writer, position.row, ref.index)
