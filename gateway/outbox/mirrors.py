"""Which copies for mirrors are stored with a request, and which are shed."""

from collections.abc import Callable, Sequence

from gateway.records import Chunk
from gateway.telemetry.metrics import RECORDS_SHED


def with_room(
    mirrors: Sequence[Chunk], sizes_bytes: dict[str, int], has_room: Callable[[str, int], bool]
) -> list[Chunk]:
    """Return the mirrors for which there is room, and count the others.

    Args:
        mirrors: the copies, the first to be considered first.
        sizes_bytes: what the request takes of each dataset group; what is returned is added.
        has_room: whether so many bytes of a dataset group may be admitted.
    """
    found: list[Chunk] = []
    for mirror in mirrors:
        group, kind = mirror.lane
        size_bytes = sizes_bytes.get(group, 0) + mirror.size_bytes
        if has_room(group, size_bytes):
            sizes_bytes[group] = size_bytes
            found.append(mirror)
        else:
            RECORDS_SHED.add(len(mirror.records), group, kind.value)
    return found
