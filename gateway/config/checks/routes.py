"""Routes, each by itself and beside the others."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from itertools import islice

from gateway.config.checks.dataset_groups import NEEDED
from gateway.config.checks.parts import Place
from gateway.config.dataset_group import DatasetGroup
from gateway.config.problems import Finding, Path
from gateway.config.route import Route

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
    targets += ((("mirror_to", i), to.dataset_group) for i, to in enumerate(route.mirror_to))
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


def route_mirrors(routes: Mapping[int, Route], place: Place) -> Iterator[Finding]:
    """Yield dataset groups that stand twice among the mirrors of a route."""
    for index, route in routes.items():
        seen: dict[str, Path] = {}
        for i, mirror in enumerate(route.mirror_to):
            path: Path = ("routes", index, "mirror_to", i)
            first = seen.setdefault(mirror.dataset_group, path)
            if first != path:
                yield Finding(path, f"is the same dataset group as {place(first)}")


def route_limits(routes: Mapping[int, Route]) -> Iterator[Finding]:
    """Yield keys of limits that mean nothing without another."""
    for index, route in routes.items():
        if route.limit.burst is not None and route.limit.records_per_s is None:
            yield Finding(("routes", index, "limit", "burst"), "needs records_per_s beside it")
