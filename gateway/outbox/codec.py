"""How a chunk is written down: one blob that can be read on its own and shows damage.

Little-endian. Two forms: 1 for what is accepted now, 2 for a replay (`Chunk.origin`).

    4 bytes   magic `pgc`, then the form
    4         CRC-32 of all that follows; of form 2, begun with 2, so that the form is covered too
    8 + 8     stamp: boot number, CLOCK_MONOTONIC in ns
    8         wall clock at admission, ms since the epoch
    4         number of records, n
    4         length of the text in bytes
    32        form 2 alone: the origin: boot, CLOCK_MONOTONIC in ns, writer, row, index
    4 · (5 + 3n)  lengths in characters of the texts: dataset group, kind, caller, route, trace
              context; form 2 alone: dead letter; then all record IDs, all session IDs, all user
              IDs (0xFFFFFFFF: none)
    4 · n     lengths in bytes of the elements
    …         the text, UTF-8: the texts, one after another
    …         the elements, one after another

Columns instead of records, so that the loops are those of `str.join` and `struct`: 0.4 µs a record
each way in chunks of ten.
"""

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from operator import attrgetter
from sys import intern
from typing import AnyStr, NamedTuple

from gateway.errors import GatewayError
from gateway.outbox.interface import Stamp
from gateway.records import Chunk, Kind, Lane, Origin, Record

_MAGIC_BYTES = 4

CHECKED_FROM = 8
"""Where that begins which the checksum before it covers."""

_HEAD = struct.Struct("<4sIQQQII")
_CRC = struct.Struct("<I")
_ORIGIN = struct.Struct("<QQIQI")


class _Form(NamedTuple):
    """What the forms differ in: where the lengths begin, and how many texts the chunk has."""

    magic: bytes
    crc_start: int
    lengths_at: int
    texts: int


_ACCEPTED = _Form(b"pgc\1", crc_start=0, lengths_at=_HEAD.size, texts=5)
_REPLAYED = _Form(b"pgc\2", crc_start=2, lengths_at=_HEAD.size + _ORIGIN.size, texts=6)
_FORMS = {form.magic: form for form in (_ACCEPTED, _REPLAYED)}

MAGICS = tuple(_FORMS)

_COLUMNS = attrgetter("record_id", "session_id", "user_id", "element")
_KINDS = {kind.value: kind for kind in Kind}  # What `Kind(…)` looks up, for a tenth of the time.
_NONE = 0xFFFF_FFFF


class ChunkDamaged(GatewayError):
    """Expected error: a blob is not a chunk as it was written."""


@dataclass(frozen=True, slots=True)
class WrittenChunk:
    """A chunk with what was noted at its admission.

    Attributes:
        stamp: the moment of admission in the order of all chunks of the machine.
        accepted_at_ms: the same moment by the wall clock, ms since the epoch.
    """

    stamp: Stamp
    accepted_at_ms: int
    chunk: Chunk


def lane_of(dataset_group: str, kind: str) -> Lane:
    """Return the lane that is stored as two texts."""
    return Lane(dataset_group, _KINDS[kind])


def encode(chunk: Chunk, stamp: Stamp, accepted_at_ms: int) -> bytes:
    """Return the blob of a chunk, which has at least one record."""
    ids, sessions, users, elements = zip(*map(_COLUMNS, chunk.records), strict=True)
    group, kind = chunk.lane
    form, origin = _ACCEPTED, b""
    texts = [group, kind.value, chunk.caller, chunk.route, chunk.trace_context]
    if chunk.origin is not None:
        form, origin = _REPLAYED, _ORIGIN.pack(*chunk.origin)
        texts.append(chunk.dead_letter_id)
    texts += (*ids, *sessions)
    lengths = [*map(len, texts)]
    lengths += [_NONE if user is None else len(user) for user in users]
    lengths += map(len, elements)
    text = "".join(texts + [user or "" for user in users]).encode()
    head = _HEAD.pack(form.magic, 0, *stamp, accepted_at_ms, len(ids), len(text))
    packed_lengths = struct.pack(f"<{len(lengths)}I", *lengths)
    checked = b"".join((head[CHECKED_FROM:], origin, packed_lengths, text, *elements))
    return form.magic + _CRC.pack(zlib.crc32(checked, form.crc_start)) + checked


def decode(blob: bytes) -> WrittenChunk:
    """Return the chunk of a blob.

    Raises:
        ChunkDamaged: the blob was not made by `encode`, or has changed since.
    """
    form = _checked(blob)
    _, _, boot, monotonic_ns, accepted_at_ms, count, text_bytes = _HEAD.unpack_from(blob)
    lengths = struct.unpack_from(f"<{form.texts + 4 * count}I", blob, form.lengths_at)
    text_at = form.lengths_at + 4 * len(lengths)
    elements_at = text_at + text_bytes
    elements = _cut(blob, lengths[len(lengths) - count :], elements_at)
    texts = _cut(blob[text_at:elements_at].decode(), _present(lengths[: len(lengths) - count]), 0)
    anonymous = [length == _NONE for length in lengths[-2 * count : len(lengths) - count]]
    origin = Origin(*_ORIGIN.unpack_from(blob, _HEAD.size)) if form is _REPLAYED else None
    chunk = _chunk(texts, anonymous, elements, origin)
    return WrittenChunk((boot, monotonic_ns), accepted_at_ms, chunk)


def check(
    blob: object, stamp_ns: int, lane: tuple[str, str], records: int, size_bytes: int
) -> None:
    """Return if a blob is as it was written, and is what the columns beside it say.

    Costs a fraction of `decode`.

    Raises:
        ChunkDamaged: it is not. Whatever the columns hold, no other error is raised.
    """
    form = _checked(blob)
    assert isinstance(blob, bytes), "so it was checked"
    _, _, _, found_ns, _, found_records, text_bytes = _HEAD.unpack_from(blob)
    text_at = form.lengths_at + 4 * (form.texts + 4 * found_records)
    elements_at = text_at + text_bytes
    text = blob[text_at:elements_at].decode()
    group_end, kind_chars = struct.unpack_from("<2I", blob, form.lengths_at)
    found_lane = text[:group_end], text[group_end : group_end + kind_chars]
    found = found_ns, found_lane, found_records, len(blob) - elements_at
    if found != (stamp_ns, lane, records, size_bytes):
        raise ChunkDamaged("its blob and the columns beside it differ")


def _checked(blob: object) -> _Form:
    form = _FORMS.get(blob[:_MAGIC_BYTES]) if isinstance(blob, bytes) else None
    if form is None or not isinstance(blob, bytes) or len(blob) < _HEAD.size:
        raise ChunkDamaged("it does not begin as a chunk does")
    checksum = zlib.crc32(memoryview(blob)[CHECKED_FROM:], form.crc_start)
    if _CRC.unpack_from(blob, _MAGIC_BYTES)[0] != checksum:
        raise ChunkDamaged("its checksum is wrong")
    return form


def _present(lengths: Sequence[int]) -> list[int]:
    return [0 if length == _NONE else length for length in lengths]


def _cut(joined: AnyStr, lengths: Sequence[int], start: int) -> list[AnyStr]:
    """Take apart what was joined, from an offset on."""
    return [joined[a:b] for a, b in pairwise(accumulate(lengths, initial=start))]


def _chunk(
    texts: list[str], anonymous: list[bool], elements: list[bytes], origin: Origin | None
) -> Chunk:
    count = len(elements)
    dataset_group, kind, caller, route, trace_context, *of_records = texts
    dead_letter_id = of_records.pop(0) if origin else ""
    ids, sessions, users = (of_records[n * count : (n + 1) * count] for n in range(3))
    records = tuple(
        Record(record_id, element, session, None if nobody else user)
        for record_id, element, session, user, nobody in zip(
            ids, elements, sessions, users, anonymous, strict=True
        )
    )
    lane = lane_of(dataset_group, kind)
    # One text for all chunks: delivery holds the callers of a hundred thousand records.
    caller = intern(caller)
    return Chunk(lane, caller, route, records, trace_context, origin, dead_letter_id)
