"""Who may send what where: caller → route → dataset groups."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from gateway.config import ANYBODY, Route
from gateway.errors import GatewayError
from gateway.identity import Caller
from gateway.records import Kind

_MAX_SHOWN = 10
_MAX_CALLER_SHOWN = 200


class RoutingError(GatewayError):
    """The root of what keeps a record from going anywhere."""


class RouteMissing(RoutingError):
    """Expected error: no route lets the caller send this kind to this dataset group.

    Says nothing of dataset groups that the caller has no route to.

    Attributes:
        caller: who called.
        kind: what was to be sent.
        dataset_group: the one that was named; empty where none was.
        allowed: what the caller may send where, in a stable order.
    """

    def __init__(
        self,
        caller: Caller,
        kind: Kind,
        dataset_group: str,
        allowed: Sequence[tuple[Kind, str]],
    ) -> None:
        where = f" to dataset group {dataset_group!r}" if dataset_group else ""
        allowing = f"; its routes allow: {_shown(allowed)}" if allowed else "; it has no route"
        super().__init__(f"no route lets {_named(caller)} send {kind}{where}{allowing}")
        self.caller = caller
        self.kind = kind
        self.dataset_group = dataset_group
        self.allowed = tuple(allowed)


class DatasetGroupUnknown(RoutingError):
    """Expected error: there is no dataset group of the name that was given.

    Attributes:
        name: the name.
        choices: where the caller may send this kind.
    """

    def __init__(self, name: str, choices: Sequence[str]) -> None:
        super().__init__(f"there is no dataset group {name!r}")
        self.name = name
        self.choices = tuple(choices)


class DatasetGroupAmbiguous(RoutingError):
    """Expected error: several dataset groups are possible, and none was named.

    Attributes:
        caller: who called.
        kind: what was to be sent.
        choices: the dataset groups of which one is to be named.
    """

    def __init__(self, caller: Caller, kind: Kind, choices: Sequence[str]) -> None:
        several = ", ".join(choices[:_MAX_SHOWN]) + (", …" if len(choices) > _MAX_SHOWN else "")
        super().__init__(
            f"{_named(caller)} may send {kind} to several dataset groups; name one of {several}"
        )
        self.caller = caller
        self.kind = kind
        self.choices = tuple(choices)


@dataclass(frozen=True, slots=True)
class Decision:
    """Where the records of a request go.

    Attributes:
        route: name of the route that lets them.
        dataset_group: where they go.
        mirrors: dataset groups that get a copy of each.
    """

    route: str
    dataset_group: str
    mirrors: tuple[str, ...] = ()


_Grants = Mapping[Kind, Mapping[str, Decision]]
_NOTHING: Mapping[str, Decision] = MappingProxyType({})
_NO_GRANTS: _Grants = MappingProxyType({})


class Router:
    """Decides by the routes of the configuration, with look-ups alone.

    A caller may send what a route grants it by name, and what a route for `*` grants to everybody.
    Where both grant the same kind to the same dataset group, the one by name decides.

    Args:
        routes: of the configuration; no two give one caller the same kind for the same dataset
            group.
        dataset_groups: the names of all that there are.
    """

    def __init__(self, routes: Iterable[Route], dataset_groups: Iterable[str]) -> None:
        self._dataset_groups = frozenset(dataset_groups)
        self._grants: dict[str, dict[Kind, dict[str, Decision]]] = {}
        for route in routes:
            self._add(route)
        self._anybody: _Grants = self._grants.pop(ANYBODY, _NO_GRANTS)

    def __repr__(self) -> str:
        return f"<Router {sorted(self._grants)} and {'anybody' if self._anybody else 'no others'}>"

    def _add(self, route: Route) -> None:
        decision = Decision(route.name, route.dataset_group, route.mirror_to)
        for caller in route.callers:
            kinds = self._grants.setdefault(caller, {})
            for kind in route.kinds:
                kinds.setdefault(kind, {})[route.dataset_group] = decision

    def decide(self, caller: Caller, kind: Kind, dataset_group: str) -> Decision:
        """Return where the records of one kind go.

        Args:
            caller: who sends them.
            kind: what they are.
            dataset_group: the name in the request; empty where it names none. Then the caller's own
                routes count, and those for everybody only where it has none for the kind.

        Raises:
            RouteMissing: the caller may not.
            DatasetGroupUnknown: there is none of that name.
            DatasetGroupAmbiguous: none is named, and there are several.
        """
        own = self._grants.get(caller, _NO_GRANTS).get(kind, _NOTHING)
        anybody = self._anybody.get(kind, _NOTHING)
        if not dataset_group:
            return self._only(caller, kind, own or anybody)
        decision = own.get(dataset_group) or anybody.get(dataset_group)
        if decision is not None:
            return decision
        if dataset_group not in self._dataset_groups:
            raise DatasetGroupUnknown(dataset_group, sorted({*own, *anybody}))
        raise RouteMissing(caller, kind, dataset_group, self._allowed(caller))

    def _only(self, caller: Caller, kind: Kind, choices: Mapping[str, Decision]) -> Decision:
        if len(choices) > 1:
            raise DatasetGroupAmbiguous(caller, kind, sorted(choices))
        for decision in choices.values():
            return decision
        raise RouteMissing(caller, kind, "", self._allowed(caller))

    def _allowed(self, caller: Caller) -> list[tuple[Kind, str]]:
        own = self._grants.get(caller, _NO_GRANTS)
        return [
            (kind, group)
            for kind in Kind
            for group in sorted({*own.get(kind, _NOTHING), *self._anybody.get(kind, _NOTHING)})
        ]


def _named(caller: Caller) -> str:
    # A message travels in a trailer, which is bounded; a caller's name may be long.
    short = caller if len(caller) <= _MAX_CALLER_SHOWN else f"{caller[:_MAX_CALLER_SHOWN]}…"
    return f"caller {short!r}"


def _shown(allowed: Sequence[tuple[Kind, str]]) -> str:
    some = ", ".join(f"{kind} → {dataset_group}" for kind, dataset_group in allowed[:_MAX_SHOWN])
    return f"{some}, …" if len(allowed) > _MAX_SHOWN else some
