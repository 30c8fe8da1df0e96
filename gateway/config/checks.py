"""The rules that concern several keys at once.

They are judged on whatever parts are well-formed, so that a fault in one place does not hide
another elsewhere. A part that is not is left out, or None where its name still counts.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice

from gateway.config.delivery import Delivery
from gateway.config.model import Config, DatasetGroup, Route, Server
from gateway.config.problems import Finding, Path
from gateway.records import Kind

Place = Callable[[Path], str]
"""Names another place of the file in a message."""

_NEEDED: Mapping[Kind, Path] = {
    Kind.EVENTS: ("tracking_id",),
    Kind.ACTION_INTERACTIONS: ("action_interactions_tracking_id",),
    Kind.ITEMS: ("datasets", "items"),
    Kind.USERS: ("datasets", "users"),
    Kind.ACTIONS: ("datasets", "actions"),
}
_MAX_CHOICES = 10
_DATASET_TYPES = frozenset({"INTERACTIONS", "ITEMS", "USERS", "ACTIONS", "ACTION_INTERACTIONS"})


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a configuration that are well-formed, each by itself.

    Attributes:
        server: None where it is malformed; likewise `delivery`.
        identity_stated: whether the file says where callers' names are taken from; so too where
            it says it wrongly.
        dataset_groups: None for one that is malformed.
        routes: by their index in the file.
    """

    server: Server | None
    identity_stated: bool
    delivery: Delivery | None
    dataset_groups: Mapping[str, DatasetGroup | None]
    routes: Mapping[int, Route]


def parts_of(config: Config) -> Parts:
    """Return the parts of a configuration that is well-formed throughout."""
    return Parts(
        config.server,
        "sources" in config.identity.model_fields_set,
        config.delivery,
        config.dataset_groups,
        dict(enumerate(config.routes)),
    )


def check(parts: Parts, place: Place) -> Iterator[Finding]:
    """Yield what is wrong between the parts."""
    yield from _exposure(parts)
    yield from _delivery_times(parts.delivery)
    yield from _dataset_arns(parts.dataset_groups)
    yield from _shared_targets(parts.dataset_groups, place)
    yield from _route_names(parts.routes, place)
    # Without any dataset group, that is what there is to say.
    for index, route in parts.routes.items() if parts.dataset_groups else ():
        yield from _route_targets(index, route, parts.dataset_groups, place)
    yield from _ambiguities(parts.routes, place)


def _exposure(parts: Parts) -> Iterator[Finding]:
    if parts.server and not parts.server.on_loopback and not parts.identity_stated:
        yield Finding(
            ("server", "listen"),
            "is not a loopback address, so others could call under any name; state"
            " `identity: {from: [header]}` if all who can reach it are trusted",
        )


def _delivery_times(delivery: Delivery | None) -> Iterator[Finding]:
    if delivery is None:
        return
    if delivery.retry.max_s < delivery.retry.base_s:
        yield Finding(("delivery", "retry", "max"), "must not be below delivery.retry.base")
    if delivery.call_timeout_s < delivery.connect_timeout_s:
        yield Finding(("delivery", "call_timeout"), "must not be below delivery.connect_timeout")


def _dataset_arns(groups: Mapping[str, DatasetGroup | None]) -> Iterator[Finding]:
    # The type ends the ARN of a dataset (Developer Guide): items sent to the users' dataset would
    # be refused one by one, long after the start.
    for name, group in _well_formed(groups):
        account = group.arn.partition("dataset-group/")[0]
        for kind, arn in group.dataset_arns.items():
            path: Path = ("dataset_groups", name, "datasets", kind.value)
            if not arn.startswith(account):
                yield Finding(path, "is of another region or account than its dataset group")
            dataset_type = arn.rpartition("/")[2]
            if dataset_type in _DATASET_TYPES and dataset_type != kind.upper():
                yield Finding(path, f"is the ARN of a dataset of type {dataset_type}")


def _shared_targets(groups: Mapping[str, DatasetGroup | None], place: Place) -> Iterator[Finding]:
    # Two names for one target would each spend the whole quota, and a mirror would count twice.
    seen: dict[tuple[str | None, str], Path] = {}
    for name, group in _well_formed(groups):
        for keys, target in _targets_of(group):
            path: Path = ("dataset_groups", name, *keys)
            first = seen.setdefault((group.endpoint_url, target), path)
            if first[1] != name:
                yield Finding(path, f"is the same as {place(first)}")


def _targets_of(group: DatasetGroup) -> Iterator[tuple[Path, str]]:
    yield ("arn",), group.arn
    if group.tracking_id:
        yield _NEEDED[Kind.EVENTS], group.tracking_id
    if group.action_interactions_tracking_id:
        yield _NEEDED[Kind.ACTION_INTERACTIONS], group.action_interactions_tracking_id
    for kind, arn in group.dataset_arns.items():
        yield _NEEDED[kind], arn


def _well_formed(
    groups: Mapping[str, DatasetGroup | None],
) -> Iterator[tuple[str, DatasetGroup]]:
    return ((name, group) for name, group in groups.items() if group is not None)


def _route_names(routes: Mapping[int, Route], place: Place) -> Iterator[Finding]:
    seen: dict[str, Path] = {}
    for index, route in routes.items():
        path: Path = ("routes", index, "name")
        first = seen.setdefault(route.name, path)
        if first != path:
            yield Finding(path, f"is the same as {place(first)}")


def _route_targets(
    index: int, route: Route, groups: Mapping[str, DatasetGroup | None], place: Place
) -> Iterator[Finding]:
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
        needed = place(("dataset_groups", name, *_NEEDED[kind]))
        hint = "" if stated else "; the route lists no kinds and so means all of them"
        yield Finding(path, f"dataset group {name!r} takes no {kind} without {needed}{hint}")


def _ambiguities(routes: Mapping[int, Route], place: Place) -> Iterator[Finding]:
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
