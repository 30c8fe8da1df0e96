"""Routes of which none decides over the other, for a caller that there may be."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from typing import NamedTuple

from gateway.config.caller_pattern import CallerPattern, Rank, SpiffeId, is_pattern
from gateway.config.checks.parts import Place
from gateway.config.problems import Finding
from gateway.config.route import Route
from gateway.records import Kind

_Target = tuple[Kind, str]
_Clash = tuple["_Entry", "_Entry", str]


class _Entry(NamedTuple):
    """One of the callers of a route, by their places in the file."""

    route: int
    caller: int


class _Pattern(NamedTuple):
    at: _Entry
    pattern: CallerPattern
    rank: Rank


def ambiguities(routes: Mapping[int, Route], place: Place) -> Iterator[Finding]:
    """Yield callers that two routes let send the same, where none of the two is more specific.

    Patterns that share callers are refused only where no more specific entry decides for all of
    those.
    """
    clashes: defaultdict[_Clash, list[Kind]] = defaultdict(list)
    for target, entries in _by_target(routes).items():
        for clash in (*_of_names(entries), *_of_patterns(entries)):
            clashes[clash].append(target[0])
    for (first, second, shared), kinds in sorted(clashes.items(), key=lambda one: one[0][1::-1]):
        yield Finding(
            _path(second), _message(first, shared, _in_order(routes, second, kinds), place)
        )


def _by_target(routes: Mapping[int, Route]) -> Mapping[_Target, list[tuple[_Entry, str]]]:
    by_target: defaultdict[_Target, list[tuple[_Entry, str]]] = defaultdict(list)
    for index, route in routes.items():
        for kind in route.kinds:
            by_target[kind, route.dataset_group] += (
                (_Entry(index, i), caller) for i, caller in enumerate(route.callers)
            )
    return by_target


def _of_names(entries: Iterable[tuple[_Entry, str]]) -> Iterator[_Clash]:
    """Yield entries that are the same word for word."""
    first: dict[str, _Entry] = {}
    for at, caller in entries:
        found = first.setdefault(caller, at)
        if found.route != at.route:
            yield found, at, ""


def _of_patterns(entries: Iterable[tuple[_Entry, str]]) -> Iterator[_Clash]:
    """Yield patterns that share callers for whom nothing more specific decides."""
    known = [
        _Pattern(at, pattern, pattern.rank)
        for at, caller in entries
        if is_pattern(caller) or SpiffeId.of(caller)
        for pattern in (CallerPattern.of(caller),)
    ]
    alike: defaultdict[tuple[str, Rank], list[_Pattern]] = defaultdict(list)
    for one in known:
        alike[one.pattern.trust_domain, one.rank].append(one)
    for group in alike.values():
        for one, other in combinations(group, 2):
            if one.at.route == other.at.route or one.pattern == other.pattern:
                continue
            shared = one.pattern.shared(other.pattern)
            if shared is not None and not _decided(shared, one.rank, known):
                yield one.at, other.at, str(shared)


def _decided(shared: CallerPattern, rank: Rank, known: Iterable[_Pattern]) -> bool:
    """Tell whether entries above a rank match all that a pattern does."""
    above = [one.pattern for one in known if one.rank > rank]
    longest = max((len(pattern.segments) for pattern in above), default=0)
    return all(
        any(pattern.matches(example) for pattern in above) for example in shared.examples(longest)
    )


def _in_order(routes: Mapping[int, Route], entry: _Entry, kinds: list[Kind]) -> list[Kind]:
    return [kind for kind in routes[entry.route].kinds if kind in kinds]


def _path(entry: _Entry) -> tuple[str | int, ...]:
    return ("routes", entry.route, "callers", entry.caller)


def _message(first: _Entry, shared: str, kinds: Iterable[Kind], place: Place) -> str:
    sent = f"send {', '.join(kinds)} to the same dataset group"
    if not shared:
        return f"{place(('routes', first.route))} lets this caller {sent} already"
    return (
        f"{place(_path(first))} is as specific, and both let {shared} {sent}; add an entry that is"
        " more specific to the one that is to decide"
    )
