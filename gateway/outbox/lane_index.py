"""Where the chunks of a lane are, in the order in which they are to be read."""

from array import array
from collections.abc import Callable, Iterable, Sequence

from gateway.outbox.interface import Position

_SLACK = 1024


class LaneIndex:
    """The chunks of a lane as keys of eight bytes each; what a key means is its user's business.

    A backlog of five million chunks is 40 MB here, which is why it is not a list of objects. Keys
    of chunks that are settled stay until they are half of all, and are swept out then: adding and
    settling cost the same however long the lane is.
    """

    def __init__(self) -> None:
        self.open = 0
        self._keys = array("Q")
        self._resume_after: Position | None = None
        self._resume_at = 0

    def __repr__(self) -> str:
        return f"<LaneIndex {self.open} open, {len(self._keys)} kept>"

    def __len__(self) -> int:
        return len(self._keys)

    def add(self, key: int) -> None:
        """Put an open chunk at the end."""
        self._keys.append(key)
        self.open += 1

    def keys(self, start: int, count: int) -> Sequence[int]:
        """Return keys from a place on."""
        return self._keys[start : start + count]

    def place_after(self, position: Position, key: int | None) -> int | None:
        """Return the place after a chunk; None where it is not there any more.

        At once for the chunk that `read_to` was told last, else by a search.

        Args:
            position: the chunk.
            key: its key; None where its segment is gone.
        """
        if position == self._resume_after:
            return self._resume_at
        try:
            return None if key is None else self._keys.index(key) + 1
        except ValueError:
            return None

    def read_to(self, position: Position, place_after: int) -> None:
        """Note that reading will go on after this chunk."""
        self._resume_after, self._resume_at = position, place_after

    def is_read(self, to: Position) -> bool:
        """Return whether reading went to this chunk, and there is none after it."""
        return to == self._resume_after and self._resume_at == len(self._keys)

    def settled(self, count: int, open_keys: Callable[[Iterable[int]], list[int]]) -> None:
        """Note that so many open chunks are settled, and sweep if it is time.

        Args:
            count: how many.
            open_keys: returns those keys of several whose chunks are not settled.
        """
        self.open -= count
        if len(self._keys) <= 2 * self.open + _SLACK:
            return
        read = open_keys(self._keys[: self._resume_at])
        unread = open_keys(self._keys[self._resume_at :])
        self._resume_at = len(read)
        self._keys = array("Q", read + unread)
