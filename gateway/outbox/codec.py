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
from collections.abc import Iterable
from functools import lru_cache, partial
from sys import intern
from typing import Any, NamedTuple

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

_SHARED_TEXTS = 5  # of all records of a chunk
_RECORD = partial(tuple.__new__, Record)  # What `Record(…)` does, for less than half of the time.
_KINDS = {kind.value: kind for kind in Kind}  # What `Kind(…)` looks up, for a tenth of the time.
_NONE = 0xFFFF_FFFF


class ChunkDamaged(GatewayError):
    """Expected error: a blob is not a chunk as it was written."""


class WrittenChunk(NamedTuple):
    """A chunk with what was noted at its admission.

    Attributes:
        stamp: the moment of admission in the order of all chunks of the machine.
        accepted_at_ms: the same moment by the wall clock, ms since the epoch.
    """

    stamp: Stamp
    accepted_at_ms: int
    chunk: Chunk


_WRITTEN_CHUNK = partial(tuple.__new__, WrittenChunk)


@lru_cache(maxsize=1024)
def _lengths(count: int) -> struct.Struct:
    return struct.Struct(f"<{count}I")


@lru_cache(maxsize=1024)
def lane_of(dataset_group: str, kind: str) -> Lane:
    """Return the lane that is stored as two texts."""
    return Lane(dataset_group, _KINDS[kind])


def encode(chunk: Chunk, stamp: Stamp, accepted_at_ms: int) -> bytes:
    """Return the blob of a chunk, which has at least one record."""
    ids, elements, sessions, users = zip(*chunk.records, strict=True)
    group, kind = chunk.lane
    form, origin = _ACCEPTED, b""
    texts = [group, kind.value, chunk.caller, chunk.route, chunk.trace_context]
    if chunk.origin is not None:
        form, origin = _REPLAYED, _ORIGIN.pack(*chunk.origin)
        texts.append(chunk.dead_letter_id)
    texts += ids + sessions
    lengths = [*map(len, texts)]
    lengths += [_NONE if user is None else len(user) for user in users]
    lengths += map(len, elements)
    texts += [user or "" for user in users]
    text = "".join(texts).encode()
    head = _HEAD.pack(form.magic, 0, *stamp, accepted_at_ms, len(ids), len(text))
    packed_lengths = _lengths(len(lengths)).pack(*lengths)
    checked = b"".join((head[CHECKED_FROM:], origin, packed_lengths, text, *elements))
    return form.magic + _CRC.pack(zlib.crc32(checked, form.crc_start)) + checked


def decode(blob: bytes) -> WrittenChunk:
    """Return the chunk of a blob.

    Raises:
        ChunkDamaged: the blob was not made by `encode`, or has changed since.
    """
    form = _checked(blob)
    _, _, boot, monotonic_ns, accepted_at_ms, count, text_bytes = _HEAD.unpack_from(blob)
    lengths = _lengths(form.texts + 4 * count).unpack_from(blob, form.lengths_at)
    text_at = form.lengths_at + 4 * len(lengths)
    elements_at = text_at + text_bytes
    texts = _texts(blob[text_at:elements_at].decode(), lengths[:-count])
    elements = _elements(blob, lengths[-count:], elements_at)
    group, kind, caller, route, trace_context = texts[:_SHARED_TEXTS]
    ids = texts[-3 * count : -2 * count]
    sessions, users = texts[-2 * count : -count], texts[-count:]
    origin, dead_letter_id = None, ""
    if form is _REPLAYED:
        origin = Origin(*_ORIGIN.unpack_from(blob, _HEAD.size))
        dead_letter_id = texts[_SHARED_TEXTS]
    chunk = Chunk(
        lane_of(group, kind),
        # One text for all chunks: delivery holds the callers of a hundred thousand records.
        intern(caller),
        route,
        tuple(map(_RECORD, zip(ids, elements, sessions, users))),  # noqa: B905 - n of each
        trace_context,
        origin,
        dead_letter_id,
    )
    return _WRITTEN_CHUNK(((boot, monotonic_ns), accepted_at_ms, chunk))


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


def _texts(joined: str, lengths: Iterable[int]) -> list[Any]:
    """Take texts apart that were joined; None for those that there are none of."""
    texts: list[str | None] = []
    start = 0
    for length in lengths:
        if length == _NONE:
            texts.append(None)
        else:
            end = start + length
            texts.append(joined[start:end])
            start = end
    return texts


def _elements(blob: bytes, lengths: Iterable[int], start: int) -> list[bytes]:
    elements: list[bytes] = []
    for length in lengths:
        end = start + length
        elements.append(blob[start:end])
        start = end
    return elements
