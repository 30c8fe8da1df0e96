"""Fairness between the callers of one lane."""

from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from gateway.delivery.pending import Batch, Pending


class Turns:
    """Records that wait, each under a key, given out one of each caller in turn.

    A caller that has a thousand records waiting does not hold back one that has a single one. Among
    the records of one caller the order of arrival is kept.
    """

    def __init__(self) -> None:
        self._records: dict[str, Pending] = {}
        # Deques of keys: an `OrderedDict` takes a hundred bytes more for each.
        self._callers: OrderedDict[str, deque[str]] = OrderedDict()

    def get(self, key: str) -> Pending | None:
        """Return the record under a key; None where there is none."""
        return self._records.get(key)

    def put(self, key: str, pending: Pending, *, first: bool = False) -> None:
        """Put a record last of its caller's, or first of all.

        One that waits under the same key is replaced; the new one then has its place and its turn,
        so it counts as its caller's.
        """
        replaced = self._records.get(key)
        self._records[key] = pending
        if replaced is not None:
            pending.caller = replaced.caller
            return
        keys = self._callers.get(pending.caller)
        if keys is None:
            keys = self._callers[pending.caller] = deque()
        if first:
            keys.appendleft(key)
            self._callers.move_to_end(pending.caller, last=False)
        else:
            keys.append(key)

    def remove(self, key: str) -> None:
        """Take a record out; its caller's next turn comes after everybody else's.

        Costs little for one of the first of its caller's, which those are that `choose` returns.
        """
        caller = self._records.pop(key).caller
        keys = self._callers[caller]
        keys.remove(key)
        if keys:
            self._callers.move_to_end(caller)
        else:
            del self._callers[caller]

    def choose(
        self, most: int, is_free: Callable[[str], bool], *, of_one_caller: bool = False
    ) -> Batch:
        """Return the next records whose key is free; they stay until they are removed.

        Args:
            most: how many at most.
            is_free: whether the record under a key may be chosen.
            of_one_caller: choose from the first caller that has a free one, and from no other.
        """
        chosen: Batch = []
        streams: list[Iterator[Pending]] = []
        for keys in self._callers.values():
            stream = self._free(keys, is_free)
            taken = list(islice(stream, most if of_one_caller else 1))
            chosen += taken
            streams.append(stream)
            if len(chosen) == most or (taken and of_one_caller):
                return chosen
        return [*chosen, *islice(_in_turn(streams), most - len(chosen))]

    def _free(self, keys: Iterable[str], is_free: Callable[[str], bool]) -> Iterator[Pending]:
        return (self._records[key] for key in keys if is_free(key))


def _in_turn(streams: list[Iterator[Pending]]) -> Iterator[Pending]:
    while streams:
        going_on = []
        for stream in streams:
            for pending in islice(stream, 1):
                yield pending
                going_on.append(stream)
        streams = going_on
