"""How much all lanes of a process hold in memory together."""

from weakref import WeakSet

from gateway.delivery.window import Window

MAX_BYTES = 108 * 1024 * 1024

_RECORD_BYTES = 800
"""What a record takes besides its element: measured, with a session and a chunk for each event. It
is more where each has a caller of its own."""

_ALWAYS_RECORDS = 2_000
"""So many a lane may hold however much the others do: twenty seconds of PutItems' quota."""


class Room:
    """What lanes read ahead shares it.

    Args:
        max_bytes: how much there is.
    """

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._windows: WeakSet[Window] = WeakSet()

    def __repr__(self) -> str:
        return f"<Room {self.used_bytes} of {self._max_bytes} bytes>"

    @property
    def used_bytes(self) -> int:
        """How much all lanes hold, about."""
        return sum(one.size_bytes + one.records * _RECORD_BYTES for one in self._windows)

    def add(self, window: Window) -> None:
        """Count what a lane holds, for as long as the lane is there."""
        self._windows.add(window)

    def may_read(self, window: Window) -> bool:
        """Return whether a lane may read on."""
        return window.records < _ALWAYS_RECORDS or self.used_bytes < self._max_bytes
