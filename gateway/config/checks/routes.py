"""Routes, each by itself and beside the others."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from itertools import islice
from typing import TYPE_CHECKING

from gateway.config.checks.dataset_groups import NEEDED
from gateway.config.checks.parts import Place
from gateway.config.dataset_group import DatasetGroup
from gateway.config.problems import Finding, Path
from gateway.config.route import Route

if TYPE_CHECKING:
    from gateway.records import Kind

_MAX_CHOICES = 10


def route_names(routes: Mapping[int, Route], place: Place) -> Iterator[Finding]:
    """Yield names that two routes share."""
    seen: dict[str, Path] = {}
    for index, route in routes.items():
        path: Path = ("routes", index, "name")
        first = seen.setdefault(route.name, path)
        if first != path:
            yield Finding(path, f"is the same as {place(first)}")


def route_targets(
    index: int, route: Route, groups: Mapping[str, DatasetGroup | None], place: Place
) -> Iterator[Finding]:
    """Yield the targets of a route that are not there, or do not take what it sends."""
    targets: list[tuple[Path, str]] = [(("dataset_group",), route.dataset_group)]
    targets += ((("mirror_to", i), name) for i, name in enumerate(route.mirror_to))
    for keys, name in targets:
        path: Path = ("routes", index, *keys)
        if name not in groups:
            yield Finding(path, f"is no dataset group{_suggestion(name, groups)}")
        elif name == route.dataset_group and keys != ("dataset_group",):
            yield Finding(path, "is the route's own dataset group")
        elif (group := groups[name]) is not None:
            yield from _kinds_not_taken(path, route, name, group, place)


def _suggestion(name: str, groups: Mapping[str, DatasetGroup | None]) -> str:
    close = get_close_matches(name, groups, n=1)
    if close:
        return f"; did you mean {close[0]!r}?"
    some = [repr(group) for group in islice(groups, _MAX_CHOICES)]
    return f"; there are {', '.join(some)}{', …' if len(groups) > _MAX_CHOICES else ''}"


def _kinds_not_taken(
    target: Path, route: Route, name: str, group: DatasetGroup, place: Place
) -> Iterator[Finding]:
    stated = "kinds" in route.model_fields_set
    for i, kind in enumerate(route.kinds):
        if kind in group.kinds:
            continue
        path = target
        if target[-1] == "dataset_group":
            path = (*target[:2], "kinds", i) if stated else (*target[:2], "kinds")
        needed = place(("dataset_groups", name, *NEEDED[kind]))
        hint = "" if stated else "; the route lists no kinds and so means all of them"
        yield Finding(path, f"dataset group {name!r} takes no {kind} without {needed}{hint}")


def ambiguities(routes: Mapping[int, Route], place: Place) -> Iterator[Finding]:
    """Yield callers that two routes let send the same."""
    first: dict[tuple[str, Kind, str], int] = {}
    for index, route in routes.items():
        for i, caller in enumerate(route.callers):
            clashes: dict[int, list[Kind]] = {}
            for kind in route.kinds:
                other = first.setdefault((caller, kind, route.dataset_group), index)
                if other != index:
                    clashes.setdefault(other, []).append(kind)
            for other, kinds in clashes.items():
                yield Finding(
                    ("routes", index, "callers", i),
                    f"{place(('routes', other))} lets this caller send {', '.join(kinds)} to the"
                    " same dataset group already",
                )
