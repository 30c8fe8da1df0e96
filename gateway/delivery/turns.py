"""Fairness between the callers of one lane."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from itertools import islice

from gateway.delivery.pending import Batch, Pending


class Turns:
    """Records that wait, each under a key, given out one of each caller in turn.

    A caller that has a thousand records waiting does not hold back one that has a single one. Among
    the records of one caller the order of arrival is kept.
    """

    def __init__(self) -> None:
        self._callers: OrderedDict[str, OrderedDict[Hashable, Pending]] = OrderedDict()
        self._caller_of: dict[Hashable, str] = {}

    def __len__(self) -> int:
        return len(self._caller_of)

    def get(self, key: Hashable) -> Pending | None:
        """Return the record under a key; None where there is none."""
        caller = self._caller_of.get(key)
        return None if caller is None else self._callers[caller][key]

    def put(self, key: Hashable, pending: Pending, *, first: bool = False) -> None:
        """Put a record last of its caller's, or first of all.

        One that waits under the same key is replaced; the new one then has its place and its turn.
        """
        caller = self._caller_of.setdefault(key, pending.caller)
        waiting = self._callers.setdefault(caller, OrderedDict())
        waiting[key] = pending
        if first:
            waiting.move_to_end(key, last=False)
            self._callers.move_to_end(caller, last=False)

    def remove(self, key: Hashable) -> None:
        """Take a record out; its caller's next turn comes after everybody else's."""
        caller = self._caller_of.pop(key)
        waiting = self._callers[caller]
        del waiting[key]
        if waiting:
            self._callers.move_to_end(caller)
        else:
            del self._callers[caller]

    def choose(
        self, most: int, is_free: Callable[[Hashable], bool], *, of_one_caller: bool = False
    ) -> Batch:
        """Return the next records whose key is free; they stay until they are removed.

        Args:
            most: how many at most.
            is_free: whether the record under a key may be chosen.
            of_one_caller: choose from the first caller that has a free one, and from no other.
        """
        chosen: Batch = []
        streams: list[Iterator[Pending]] = []
        for waiting in self._callers.values():
            stream = _free(waiting, is_free)
            taken = list(islice(stream, most if of_one_caller else 1))
            chosen += taken
            streams.append(stream)
            if len(chosen) == most or (taken and of_one_caller):
                return chosen
        return [*chosen, *islice(_in_turn(streams), most - len(chosen))]


def _free(
    waiting: OrderedDict[Hashable, Pending], is_free: Callable[[Hashable], bool]
) -> Iterator[Pending]:
    return (pending for key, pending in waiting.items() if is_free(key))


def _in_turn(streams: list[Iterator[Pending]]) -> Iterator[Pending]:
    while streams:
        going_on = []
        for stream in streams:
            for pending in islice(stream, 1):
                yield pending
                going_on.append(stream)
        streams = going_on
