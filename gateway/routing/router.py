"""Who may send what where: caller → route → dataset groups."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from gateway.config import Route
from gateway.identity import Caller
from gateway.records import Kind
from gateway.routing.callers import CallerTable
from gateway.routing.errors import (
    DatasetGroupAmbiguous,
    DatasetGroupUnknown,
    RouteMissing,
    RoutingError,
)
from gateway.rules import Action

__all__ = [
    "DatasetGroupAmbiguous",
    "DatasetGroupUnknown",
    "Decision",
    "Grant",
    "Mirror",
    "RouteMissing",
    "Router",
    "RoutingError",
]

_MAX_REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class Mirror:
    """A dataset group that gets a copy of each record.

    Attributes:
        sheds: whether it goes without while its budget is used up; otherwise requests are refused.
    """

    dataset_group: str
    sheds: bool = True


@dataclass(frozen=True, slots=True)
class Decision:
    """Where the records of a request go.

    Attributes:
        route: name of the route that lets them.
        dataset_group: where they go.
        mirrors: who gets a copy of each.
        rules: what becomes of a record that breaks a rule, where the route says so; by the rule's
            name without `RULE_`.
    """

    route: str
    dataset_group: str
    mirrors: tuple[Mirror, ...] = ()
    rules: Mapping[str, Action] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Grant:
    """What a route lets a caller do, where none that is more specific decides instead.

    Attributes:
        kinds: those of the route for which it decides, in the order of `Kind`.
    """

    route: Route
    kinds: tuple[Kind, ...]


_ByKind = dict[Kind, dict[str, Decision]]
_NOTHING: Mapping[str, Decision] = MappingProxyType({})


class _Granted(NamedTuple):
    """What one caller may send.

    Attributes:
        named: for each kind where to, and by which route.
        unnamed: likewise, of the most specific routes for the kind alone.
    """

    named: _ByKind
    unnamed: _ByKind


class Router:
    """Decides by the routes of the configuration.

    A caller may send what any route grants it, be it by name, by pattern or by `*`. Where several
    grant the same kind to the same dataset group, the most specific decides. What is decided for a
    caller is remembered, for as many as call in turns.

    Args:
        routes: of the configuration; no two that are equally specific give one caller the same
            kind for the same dataset group.
        dataset_groups: the names of all that there are.
    """

    def __init__(self, routes: Iterable[Route], dataset_groups: Iterable[str]) -> None:
        self._dataset_groups = frozenset(dataset_groups)
        self._routes = tuple(routes)
        decided = [(route, _decision(route)) for route in self._routes]
        self._table = CallerTable((caller, one) for one in decided for caller in one[0].callers)
        self._granted = lru_cache(_MAX_REMEMBERED)(self._find_granted)

    def __repr__(self) -> str:
        return f"<Router {self._table!r}>"

    def decide(self, caller: Caller, kind: Kind, dataset_group: str) -> Decision:
        """Return where the records of one kind go.

        Args:
            caller: who sends them.
            kind: what they are.
            dataset_group: the name in the request; empty where it names none. Then the routes that
                are most specific for the caller count, of those for the kind.

        Raises:
            RouteMissing: the caller may not.
            DatasetGroupUnknown: there is none of that name.
            DatasetGroupAmbiguous: none is named, and there are several.
        """
        granted = self._granted(caller)
        if not dataset_group:
            return self._only(caller, kind, granted.unnamed.get(kind, _NOTHING))
        choices = granted.named.get(kind, _NOTHING)
        decision = choices.get(dataset_group)
        if decision is not None:
            return decision
        if dataset_group not in self._dataset_groups:
            raise DatasetGroupUnknown(dataset_group, sorted(choices))
        raise RouteMissing(caller, kind, dataset_group, self._allowed(caller))

    def grants(self, caller: Caller) -> list[Grant]:
        """Return what the routes let a caller do, in the order of the configuration."""
        named = self._granted(caller).named
        found = (Grant(route, _deciding(route, named)) for route in self._routes)
        return [grant for grant in found if grant.kinds]

    def shown(self, caller: Caller, dataset_group: str, *, to_all: bool = False) -> str:
        """Return the name of a dataset group that a caller may be told of.

        Args:
            caller: who asks.
            dataset_group: the one that it asks for; empty for the only one that there is for it.
            to_all: whether it may be told of all, not of those alone that it has a route to.

        Raises:
            RouteMissing: it may not be told of this one.
            DatasetGroupUnknown: there is none of that name.
            DatasetGroupAmbiguous: none is named, and there are several.
        """
        own = {group for groups in self._granted(caller).named.values() for group in groups}
        choices = self._dataset_groups if to_all else own
        if dataset_group in choices:
            return dataset_group
        if not dataset_group and len(choices) > 1:
            raise DatasetGroupAmbiguous(caller, None, sorted(choices))
        if not dataset_group and choices:
            return next(iter(choices))
        if dataset_group and dataset_group not in self._dataset_groups:
            raise DatasetGroupUnknown(dataset_group, sorted(choices))
        raise RouteMissing(caller, None, dataset_group, self._allowed(caller))

    def _only(self, caller: Caller, kind: Kind, choices: Mapping[str, Decision]) -> Decision:
        if len(choices) > 1:
            raise DatasetGroupAmbiguous(caller, kind, sorted(choices))
        for decision in choices.values():
            return decision
        raise RouteMissing(caller, kind, "", self._allowed(caller))

    def _allowed(self, caller: Caller) -> list[tuple[Kind, str]]:
        named = self._granted(caller).named
        return [(kind, group) for kind in Kind for group in sorted(named.get(kind, _NOTHING))]

    def _find_granted(self, caller: Caller) -> _Granted:
        granted = _Granted({}, {})
        for level in self._table.find(caller):
            unnamed: _ByKind = {}
            for route, decision in level:
                for kind in route.kinds:
                    granted.named.setdefault(kind, {}).setdefault(route.dataset_group, decision)
                    unnamed.setdefault(kind, {})[route.dataset_group] = decision
            for kind, decisions in unnamed.items():
                granted.unnamed.setdefault(kind, decisions)
        return granted


def _decision(route: Route) -> Decision:
    mirrors = tuple(Mirror(mirror.dataset_group, mirror.sheds) for mirror in route.mirror_to)
    return Decision(route.name, route.dataset_group, mirrors, route.rules)


def _deciding(route: Route, named: _ByKind) -> tuple[Kind, ...]:
    def decides(kind: Kind) -> bool:
        decision = named.get(kind, _NOTHING).get(route.dataset_group)
        return decision is not None and decision.route == route.name

    return tuple(kind for kind in Kind if kind in route.kinds and decides(kind))
