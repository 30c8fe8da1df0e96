"""What keeps a request from being served for who sends it, or for where it is to go."""

from collections.abc import Sequence
from typing import Literal

from gateway.errors import GatewayError
from gateway.identity import Caller
from gateway.records import Kind

_MAX_SHOWN = 10
_MAX_NAME_SHOWN = 200


class RoutingError(GatewayError):
    """The root of what keeps a record from going anywhere."""


class RouteMissing(RoutingError):
    """Expected error: no route lets the caller send this kind to this dataset group.

    Says nothing of dataset groups that the caller has no route to.

    Attributes:
        caller: who called.
        kind: what was to be sent; None where any would do.
        dataset_group: the one that was named; empty where none was.
        allowed: what the caller may send where, in a stable order.
    """

    def __init__(
        self,
        caller: Caller,
        kind: Kind | None,
        dataset_group: str,
        allowed: Sequence[tuple[Kind, str]],
    ) -> None:
        where = f" to dataset group {_short(dataset_group)!r}" if dataset_group else ""
        allowing = f"; its routes allow: {_listed(allowed)}" if allowed else "; it has no route"
        sent = kind or "anything"
        super().__init__(f"no route lets {_named(caller)} send {sent}{where}{allowing}")
        self.caller = caller
        self.kind = kind
        self.dataset_group = dataset_group
        self.allowed = tuple(allowed)


class DatasetGroupUnknown(RoutingError):
    """Expected error: there is no dataset group of the name that was given.

    Attributes:
        name: the name, cut where it is longer than any can be.
        choices: where the caller may send this kind.
    """

    def __init__(self, name: str, choices: Sequence[str]) -> None:
        self.name = _short(name)
        instead = f"; name one of {_some(choices)}" if choices else ", and no route to another"
        super().__init__(f"there is no dataset group {self.name!r}{instead}")
        self.choices = tuple(choices)


class DatasetGroupAmbiguous(RoutingError):
    """Expected error: several dataset groups are possible, and none was named.

    Attributes:
        caller: who called.
        kind: what was to be sent; None where the dataset group itself was asked for.
        choices: the dataset groups of which one is to be named.
    """

    def __init__(self, caller: Caller, kind: Kind | None, choices: Sequence[str]) -> None:
        what = f"may send {kind} to" if kind else "may ask for"
        some = _some(choices)
        super().__init__(f"{_named(caller)} {what} several dataset groups; name one of {some}")
        self.caller = caller
        self.kind = kind
        self.choices = tuple(choices)


class AdminRequired(GatewayError):
    """Expected error: what was asked for is for administrators, and the caller is none."""

    def __init__(self, caller: Caller) -> None:
        super().__init__(
            f"{_named(caller)} is no administrator; the key `admins` of the gateway's configuration"
            " lists who is"
        )
        self.caller = caller


LimitName = Literal["records_per_s", "in_flight_bytes"]


class CallerLimitReached(GatewayError):
    """Expected error: a caller sends more than its route allows; nothing was stored.

    Attributes:
        caller: who called.
        route: the name of the route.
        limit: the key of the configuration that states the limit.
        retry_after_s: when the same may be tried again, in seconds.
    """

    def __init__(
        self, caller: Caller, route: str, limit: LimitName, said: str, retry_after_s: float
    ) -> None:
        super().__init__(f"{_named(caller)} has reached the limit of route {route!r}: {said}")
        self.caller = caller
        self.route = route
        self.limit = limit
        self.retry_after_s = retry_after_s


def _named(caller: Caller) -> str:
    return f"caller {_short(caller)!r}"


def _short(name: str) -> str:
    # A message travels in a trailer, which is bounded; what was sent as a name may be long.
    return name if len(name) <= _MAX_NAME_SHOWN else f"{name[:_MAX_NAME_SHOWN]}…"


def _listed(allowed: Sequence[tuple[Kind, str]]) -> str:
    return _some([f"{kind} → {dataset_group}" for kind, dataset_group in allowed])


def _some(texts: Sequence[str]) -> str:
    return ", ".join(texts[:_MAX_SHOWN]) + (", …" if len(texts) > _MAX_SHOWN else "")
