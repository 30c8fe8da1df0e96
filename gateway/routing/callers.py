"""Finds what lists of callers lead to, the most specific first."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Generic, TypeVar

from gateway.config.caller_pattern import ANYBODY, CallerPattern, Rank, SpiffeId, is_pattern
from gateway.identity import Caller

_T = TypeVar("_T")


class CallerTable(Generic[_T]):
    """What each entry of lists of callers leads to.

    A name is looked up; patterns are gone through, those of the caller's trust domain.

    Args:
        entries: names, patterns and `*`, each with what it leads to.
    """

    def __init__(self, entries: Iterable[tuple[str, _T]]) -> None:
        self._named: defaultdict[str, list[_T]] = defaultdict(list)
        patterns: defaultdict[str, dict[Rank, list[tuple[CallerPattern, _T]]]] = defaultdict(dict)
        for entry, found in entries:
            if not is_pattern(entry):
                self._named[entry].append(found)
                continue
            pattern = CallerPattern.of(entry)
            of_rank = patterns[pattern.trust_domain].setdefault(pattern.rank, [])
            of_rank.append((pattern, found))
        self._anybody = self._named.pop(ANYBODY, [])
        self._patterns = {
            trust_domain: [of_rank for _, of_rank in sorted(by_rank.items(), reverse=True)]
            for trust_domain, by_rank in patterns.items()
        }

    def __repr__(self) -> str:
        patterns = sorted(
            str(pattern)
            for by_rank in self._patterns.values()
            for of_rank in by_rank
            for pattern, _ in of_rank
        )
        others = "anybody" if self._anybody else "no others"
        return f"<CallerTable {sorted(self._named) + patterns} and {others}>"

    def find(self, caller: Caller) -> Sequence[Sequence[_T]]:
        """Return what a caller is led to: by its name, by patterns, by `*`.

        Returns:
            The more specific before the less; what is equally specific in one, none of them empty.
        """
        # By `get`: a default for every caller would grow without end.
        levels = [self._named.get(caller, []), *self._by_pattern(caller), self._anybody]
        return [level for level in levels if level]

    def _by_pattern(self, caller: Caller) -> Iterable[list[_T]]:
        id_ = SpiffeId.of(caller) if self._patterns else None
        if id_ is None:
            return
        for of_rank in self._patterns.get(id_.trust_domain, ()):
            yield [found for pattern, found in of_rank if pattern.matches(id_)]
