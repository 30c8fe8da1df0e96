"""Whether SQLite reads a WAL to its end.

SQLite takes a frame that is not as it was written for the end of the WAL, as after a crash it is:
what stands behind it is passed over in silence. After a crash that can be one group at most, of
which nobody was told. If there are more, then what was lost had been answered for, and the file is
damaged.

Format of the WAL and of the wal-index (-shm): https://www.sqlite.org/walformat.html
"""

import struct
from pathlib import Path

_HEADER = struct.Struct(">IIIIIIII")
_FRAME = struct.Struct(">IIII")
_FRAME_HEADER_BYTES = 24
_MAGIC = 0x377F0682
_LAST_VALID_FRAME_AT = 16


def problem(database: Path) -> str | None:
    """Return what is wrong with the WAL of a database; None if nothing is.

    Must be called while the caller has the database open, and has read from it: then the wal-index
    says how far SQLite reads. Locks that this process holds on the wal-index are lost by it.
    """
    wal = database.with_name(database.name + "-wal")
    if not wal.exists() or wal.stat().st_size <= _HEADER.size:
        return None
    with wal.open("rb") as file:
        header = file.read(_HEADER.size)
        if not _is_header(header):
            return "the header of its WAL"
        page_bytes, _, salt = struct.unpack_from(">II8s", header, 8)
        first_unread = _frames_read(database)
        frame_bytes = _FRAME_HEADER_BYTES + page_bytes
        lost = 0
        for index in range(first_unread, wal.stat().st_size // frame_bytes):
            file.seek(_HEADER.size + index * frame_bytes)
            _, commit, found = struct.unpack(">II8s", file.read(16))
            lost += bool(commit) and found == salt
    return f"its WAL, from frame {first_unread + 1} on" if lost > 1 else None


def _frames_read(database: Path) -> int:
    """Return how many frames SQLite reads."""
    index = database.with_name(database.name + "-shm").read_bytes()[:32]
    count: int = struct.unpack_from("=I", index, _LAST_VALID_FRAME_AT)[0]
    return count


def _is_header(header: bytes) -> bool:
    """Check magic and checksum; without them SQLite takes the WAL for empty."""
    magic, *_ = words = _HEADER.unpack(header)
    if magic & ~1 != _MAGIC:
        return False
    order = ">" if magic & 1 else "<"
    first = second = 0
    for even, odd in struct.iter_unpack(f"{order}II", header[:_FRAME_HEADER_BYTES]):
        first = first + even + second & 0xFFFF_FFFF
        second = second + odd + first & 0xFFFF_FFFF
    return (first, second) == words[6:]
