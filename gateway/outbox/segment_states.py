"""What delivery knows of each segment, in memory."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gateway.outbox.progress import DoneRows
from gateway.outbox.segment_name import SegmentName

_ROW_BITS = 32
_ROW_MASK = (1 << _ROW_BITS) - 1


@dataclass(slots=True, eq=False)
class SegmentState:
    """What delivery knows of a segment.

    Attributes:
        ordinal: names it within this process.
        done: its rows that are settled whole.
        copied: its open chunks are in `delivery.db`, and its file is gone.
        scanned_row: the last row that was found.
        finished: no row will be added.
        complete: finished, and found to its end.
        open_chunks: how many of the chunks that were found are not settled whole.
        open_bytes: what these count for.
        total_bytes: what all that were found count for.
        touched_at_s: when a chunk of it was settled last, by the monotonic clock; None before.
    """

    name: SegmentName
    ordinal: int
    done: DoneRows
    copied: bool = False
    scanned_row: int = 0
    finished: bool = False
    complete: bool = False
    open_chunks: int = 0
    open_bytes: int = 0
    total_bytes: int = 0
    touched_at_s: float | None = None

    def key(self, row: int) -> int:
        """Return the key of a row, by which lanes keep it: less than 2⁶⁴."""
        return self.ordinal << _ROW_BITS | row

    @property
    def drained(self) -> bool:
        """Whether nothing in it will be wanted again."""
        return self.complete and not self.open_chunks


_GONE = SegmentState(SegmentName(0, 0, 0), 0, DoneRows(elsewhere=True))


class SegmentStates:
    """The segments that are there, by name and by ordinal."""

    def __init__(self) -> None:
        self._by_name: dict[SegmentName, SegmentState] = {}
        self._by_ordinal: list[SegmentState] = []

    def __iter__(self) -> Iterator[SegmentState]:
        return iter(list(self._by_name.values()))

    def __contains__(self, name: SegmentName) -> bool:
        return name in self._by_name

    def get(self, name: SegmentName) -> SegmentState | None:
        """Return what is known of a segment; None where it is not there (any more)."""
        return self._by_name.get(name)

    def add(self, name: SegmentName, done: DoneRows, *, copied: bool = False) -> SegmentState:
        """Note a segment of which nothing was found yet."""
        state = SegmentState(
            name, len(self._by_ordinal), done, copied, finished=copied, complete=copied
        )
        self._by_name[name] = state
        self._by_ordinal.append(state)
        return state

    def forget(self, state: SegmentState) -> None:
        """Forget a drained segment; its keys stay known as settled."""
        del self._by_name[state.name]
        self._by_ordinal[state.ordinal] = _GONE

    def open_places(self, keys: Iterable[int], first: int) -> list[tuple[SegmentState, int, int]]:
        """Return the segments and rows of those of several keys whose chunks are not settled whole.

        Each with which of the keys it is, counted from `first`.
        """
        states = self._by_ordinal
        return [
            (states[key >> _ROW_BITS], key & _ROW_MASK, number)
            for number, key in enumerate(keys, first)
            if key & _ROW_MASK not in states[key >> _ROW_BITS].done
        ]

    def open_keys(self, keys: Iterable[int]) -> list[int]:
        """Return those of several keys whose chunks are not settled whole."""
        states = self._by_ordinal
        return [key for key in keys if key & _ROW_MASK not in states[key >> _ROW_BITS].done]
