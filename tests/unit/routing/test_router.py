"""Who may send what where."""

import re
from collections.abc import Iterable
from itertools import product
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from gateway.config import Route
from gateway.config.caller_pattern import CallerPattern, SpiffeId, is_pattern
from gateway.config.route import MirrorTo
from gateway.records import Kind
from gateway.routing.router import (
    DatasetGroupAmbiguous,
    DatasetGroupUnknown,
    Decision,
    Grant,
    Mirror,
    RouteMissing,
    Router,
    RoutingError,
)
from gateway.rules import Action

DOCS = Path(__file__).parents[3] / "docs" / "routing.md"
GROUPS = ["shop", "shop_next", "sandbox", "secret"]


def route(
    name: str,
    callers: Iterable[str],
    kinds: Iterable[str],
    dataset_group: str,
    mirror_to: Iterable[str] = (),
) -> Route:
    """Return a route of the configuration."""
    return Route(
        name=name,
        callers=tuple(callers),
        kinds=tuple(Kind(kind) for kind in kinds),
        dataset_group=dataset_group,
        mirror_to=tuple(MirrorTo(dataset_group=name) for name in mirror_to),
    )


WEB = route("web", ["web", "app"], ["events", "users"], "shop", ["shop_next"])
WEB_NEXT = route("web-next", ["web"], ["users"], "shop_next")
ANYONE = route("anyone", ["*"], ["events", "items"], "sandbox")


def refusal(router: Router, caller: str, kind: Kind, dataset_group: str) -> RoutingError:
    """Return the error that a request meets."""
    with pytest.raises(RoutingError) as caught:
        router.decide(caller, kind, dataset_group)
    return caught.value


@pytest.mark.parametrize(
    ("caller", "kind", "named", "decision"),
    [
        ("web", Kind.EVENTS, "", Decision("web", "shop", (Mirror("shop_next"),))),
        ("app", Kind.EVENTS, "", Decision("web", "shop", (Mirror("shop_next"),))),
        ("web", Kind.EVENTS, "shop", Decision("web", "shop", (Mirror("shop_next"),))),
        ("web", Kind.USERS, "shop_next", Decision("web-next", "shop_next")),
        ("app", Kind.USERS, "", Decision("web", "shop", (Mirror("shop_next"),))),
        ("web", Kind.EVENTS, "sandbox", Decision("anyone", "sandbox")),
        ("web", Kind.ITEMS, "", Decision("anyone", "sandbox")),
        ("anonymous", Kind.EVENTS, "", Decision("anyone", "sandbox")),
        ("anonymous", Kind.EVENTS, "sandbox", Decision("anyone", "sandbox")),
        ("WEB", Kind.EVENTS, "", Decision("anyone", "sandbox")),
    ],
)
def test_a_caller_sends_by_its_own_routes_and_by_those_for_everybody(
    caller: str, kind: Kind, named: str, decision: Decision
) -> None:
    """Where it names no dataset group, its own come first."""
    assert Router([WEB, WEB_NEXT, ANYONE], GROUPS).decide(caller, kind, named) == decision


def test_a_route_by_name_decides_over_one_for_everybody() -> None:
    """In whatever order they stand, with its mirrors or without."""
    everybody = route("anyone", ["*"], ["events"], "shop", ["shop_next"])
    own = route("web", ["web"], ["events"], "shop")
    found = [
        Router(routes, GROUPS).decide(caller, Kind.EVENTS, named)
        for routes in ([own, everybody], [everybody, own])
        for caller, named in product(("web", "app"), ("", "shop"))
    ]
    by_name, by_star = Decision("web", "shop"), Decision("anyone", "shop", (Mirror("shop_next"),))
    assert found == [by_name, by_name, by_star, by_star] * 2


@pytest.mark.parametrize(
    ("caller", "kind", "named", "message"),
    [
        (
            "app",
            Kind.ITEMS,
            "shop",
            (
                "no route lets caller 'app' send items to dataset group 'shop'; its routes allow:"
                " events → shop, users → shop"
            ),
        ),
        (
            "app",
            Kind.ITEMS,
            "",
            (
                "no route lets caller 'app' send items; its routes allow: events → shop,"
                " users → shop"
            ),
        ),
        ("import", Kind.EVENTS, "", "no route lets caller 'import' send events; it has no route"),
        (
            "import",
            Kind.EVENTS,
            "secret",
            (
                "no route lets caller 'import' send events to dataset group 'secret'; it has no"
                " route"
            ),
        ),
        ("*", Kind.EVENTS, "", "no route lets caller '*' send events; it has no route"),
    ],
)
def test_what_no_route_allows_is_refused(caller: str, kind: Kind, named: str, message: str) -> None:
    """The error says which route would be needed, and what the caller's routes allow."""
    error = refusal(Router([WEB], GROUPS), caller, kind, named)
    allowed = ((Kind.EVENTS, "shop"), (Kind.USERS, "shop")) if caller == "app" else ()
    assert isinstance(error, RouteMissing)
    assert (str(error), error.caller, error.kind, error.dataset_group, error.allowed) == (
        message,
        caller,
        kind,
        named,
        allowed,
    )


def test_what_everybody_may_send_is_among_what_is_allowed() -> None:
    """A caller's own routes and those for everybody are told together, each once."""
    error = refusal(Router([WEB, WEB_NEXT, ANYONE], GROUPS), "web", Kind.ACTIONS, "")
    assert isinstance(error, RouteMissing)
    assert error.allowed == (
        (Kind.EVENTS, "sandbox"),
        (Kind.EVENTS, "shop"),
        (Kind.ITEMS, "sandbox"),
        (Kind.USERS, "shop"),
        (Kind.USERS, "shop_next"),
    )


def test_a_mirror_is_no_target() -> None:
    """It gets copies; nobody may send to it for that."""
    error = refusal(Router([WEB], GROUPS), "web", Kind.EVENTS, "shop_next")
    assert isinstance(error, RouteMissing)


def test_a_dataset_group_that_there_is_not_is_unknown() -> None:
    """Also to a caller without any route; the choices are the caller's own."""
    router = Router([WEB, WEB_NEXT, ANYONE], GROUPS)
    found = [refusal(router, caller, Kind.USERS, "shpo") for caller in ("web", "import")]
    assert [
        (str(error), error.name, error.choices)
        for error in found
        if isinstance(error, DatasetGroupUnknown)
    ] == [
        (
            "there is no dataset group 'shpo'; name one of shop, shop_next",
            "shpo",
            ("shop", "shop_next"),
        ),
        ("there is no dataset group 'shpo', and no route to another", "shpo", ()),
    ]


def test_one_of_several_dataset_groups_has_to_be_named() -> None:
    """Those of its own routes are the choices, not those for everybody."""
    users = route("users", ["*"], ["users"], "sandbox")
    error = refusal(Router([WEB, WEB_NEXT, users], GROUPS), "web", Kind.USERS, "")
    assert isinstance(error, DatasetGroupAmbiguous)
    assert (str(error), error.caller, error.kind, error.choices) == (
        "caller 'web' may send users to several dataset groups; name one of shop, shop_next",
        "web",
        Kind.USERS,
        ("shop", "shop_next"),
    )


def test_routes_for_everybody_can_be_several_too() -> None:
    """Then a caller without routes of its own has to name one."""
    other = route("other", ["*"], ["events"], "shop")
    error = refusal(Router([ANYONE, other], GROUPS), "web", Kind.EVENTS, "")
    assert isinstance(error, DatasetGroupAmbiguous)
    assert error.choices == ("sandbox", "shop")


def test_no_refusal_tells_of_dataset_groups_without_a_route() -> None:
    """Neither in its message nor in its attributes, unless the caller named it itself."""
    router = Router([WEB, WEB_NEXT, route("s", ["boss"], ["actions"], "secret")], GROUPS)
    errors = [
        refusal(router, "web", *request)
        for request in [(Kind.ACTIONS, ""), (Kind.ACTIONS, "shop"), (Kind.USERS, "")]
    ]
    errors.append(refusal(router, "web", Kind.ACTIONS, "secrets"))
    told = [f"{error} {vars(error)}".replace("secrets", "") for error in errors]
    assert [text for text in told if "secret" in text] == []


def test_messages_stay_short() -> None:
    """They travel in trailers: neither a long name nor many routes make them long."""
    caller = "c" * 2048
    groups = [f"group-{n:056}" for n in range(400)]
    routes = [route(f"r{n}", [caller], Kind, group) for n, group in enumerate(groups)]
    router = Router(routes, [*groups, "other"])
    messages = [
        str(refusal(router, caller, Kind.EVENTS, named)) for named in ("", "other", "g" * 63)
    ]
    assert [len(message) < 1500 for message in messages] == [True] * 3
    assert "…" in messages[0]
    assert "…" in messages[1]


def test_a_router_shows_whom_it_knows() -> None:
    """For logs and debuggers."""
    found = [repr(Router(routes, GROUPS)) for routes in ([WEB], [WEB, ANYONE])]
    assert found == [
        "<Router <CallerTable ['app', 'web'] and no others>>",
        "<Router <CallerTable ['app', 'web'] and anybody>>",
    ]


def test_the_docs_show_how_it_is_decided() -> None:
    """Each row of the table, by the routes of the example above it."""
    page = DOCS.read_text()
    (text,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    router = Router(map(Route.model_validate, yaml.safe_load(text)["routes"]), GROUPS[:3])
    (table,) = re.findall(r"\| caller \| kind .*\n\|[-|]*\n((?:\|.*\n)*)", page)
    rows = [[cell.strip() for cell in row.strip("|").split("|")] for row in table.splitlines()]
    assert len(rows) == 7
    for caller, kind, named, goes_to, by in rows:
        assert _told(router, caller, Kind(kind), named.replace("nothing", "")) == (goes_to, by)


def _told(router: Router, caller: str, kind: Kind, named: str) -> tuple[str, str]:
    try:
        decision = router.decide(caller, kind, named)
    except RouteMissing:
        return "PERMISSION_DENIED", ""
    except DatasetGroupUnknown:
        return "NOT_FOUND", ""
    copies = f", copy to {decision.mirrors[0].dataset_group}" if decision.mirrors else ""
    return decision.dataset_group + copies, decision.route


def test_the_docs_show_a_real_message() -> None:
    """The one for a missing route."""
    router = Router([route("r", ["web"], ["events"], "shop")], GROUPS)
    assert f"```\n{refusal(router, 'web', Kind.ITEMS, 'shop')}\n```" in DOCS.read_text()


PATTERNS = ["spiffe://e/ns/shop/sa/*", "spiffe://e/ns/shop/**", "spiffe://e/ns/*/sa/web"]
ENTRIES = ["a", "b", "*", "spiffe://e/ns/shop/sa/web", *PATTERNS]
CALLERS = [
    "a",
    "c",
    "spiffe://e/ns",
    *(f"spiffe://e/ns/{n}/sa/{s}" for n in ("shop", "x") for s in ("web", "x")),
]
grants = st.dictionaries(
    st.tuples(st.sampled_from(ENTRIES), st.sampled_from(Kind), st.sampled_from(GROUPS)),
    st.sets(st.sampled_from(GROUPS), max_size=2),
    max_size=12,
)


@given(grants)
def test_decisions_are_those_of_a_scan_of_all_routes(
    granted: dict[tuple[str, Kind, str], set[str]],
) -> None:
    """For every caller, kind and dataset group, whatever the routes."""
    routes = [
        route(f"r{n}", [caller], [kind], group, sorted(mirrors - {group}))
        for n, ((caller, kind, group), mirrors) in enumerate(granted.items())
    ]
    router = Router(routes, GROUPS)
    for caller, kind, named in product(CALLERS, Kind, ["", *GROUPS, "none"]):
        found = _outcome(router, caller, kind, named)
        assert found in _scanned(routes, caller, kind, named)


def _outcome(router: Router, caller: str, kind: Kind, named: str) -> object:
    try:
        return router.decide(caller, kind, named).route
    except RoutingError as error:
        return type(error)


def _specific(entry: str, caller: str) -> tuple[object, ...]:
    """Return how specific an entry is for a caller; nothing where it does not match."""
    if entry == caller:
        return (2,)
    id_ = SpiffeId.of(caller)
    if is_pattern(entry) and id_ and CallerPattern.of(entry).matches(id_):
        return (1, *CallerPattern.of(entry).rank)
    return (0,) if entry == "*" else ()


def _scanned(routes: list[Route], caller: str, kind: Kind, named: str) -> list[object]:
    """Return what may be decided: of routes that `config check` would refuse, any."""
    fitting = [
        (_specific(found.callers[0], caller), found)
        for found in routes
        if _specific(found.callers[0], caller)
        and kind in found.kinds
        and named in ("", found.dataset_group)
    ]
    if not fitting:
        return [RouteMissing if named in ("", *GROUPS) else DatasetGroupUnknown]
    highest = max(rank for rank, _ in fitting)
    best = [found for rank, found in fitting if rank == highest]
    if len({found.dataset_group for found in best}) > 1:
        return [DatasetGroupAmbiguous]
    return [found.name for found in best]


SA_WEB = "spiffe://e/ns/shop/sa/web"
BY_RANK = [
    route("anyone", ["*"], ["events"], "shop"),
    route("wide", ["spiffe://e/**"], ["events"], "shop"),
    route("namespace", ["spiffe://e/ns/shop/**"], ["events"], "shop"),
    route("accounts", ["spiffe://e/ns/shop/sa/*"], ["events", "users"], "shop"),
    route("web", [SA_WEB], ["events"], "shop"),
]


@pytest.mark.parametrize(
    ("caller", "by"),
    [
        (SA_WEB, "web"),
        ("spiffe://e/ns/shop/sa/app", "accounts"),
        ("spiffe://e/ns/shop/app", "namespace"),
        ("spiffe://e/ns/bank/sa/web", "wide"),
        ("spiffe://f/ns/shop/sa/web", "anyone"),
        ("web", "anyone"),
    ],
)
@pytest.mark.parametrize("named", ["", "shop"])
@pytest.mark.parametrize("order", [1, -1])
def test_the_most_specific_route_decides(caller: str, by: str, named: str, order: int) -> None:
    """A name before patterns, a narrow pattern before a wide one, `*` last; in any order."""
    router = Router(BY_RANK[::order], GROUPS)
    assert router.decide(caller, Kind.EVENTS, named).route == by


def test_what_is_granted_is_told_in_the_order_of_the_file() -> None:
    """Of each route those kinds for which none decides that is more specific."""
    users = route("users", ["*"], ["users", "events"], "sandbox")
    router = Router([*BY_RANK, users], GROUPS)
    assert router.grants(SA_WEB) == [
        Grant(BY_RANK[3], (Kind.USERS,)),
        Grant(BY_RANK[4], (Kind.EVENTS,)),
        Grant(users, (Kind.EVENTS, Kind.USERS)),
    ]
    assert Router(BY_RANK[1:], GROUPS).grants("web") == []


def test_the_rules_and_mirrors_of_the_route_go_with_the_decision() -> None:
    """As the configuration states them."""
    made = Route.model_validate(
        {
            "name": "r",
            "callers": ["web"],
            "dataset_group": "shop",
            "mirror_to": ["shop_next", {"dataset_group": "sandbox", "when_full": "refuse"}],
            "rules": {"PRECISION": "count"},
        }
    )
    decision = Router([made], GROUPS).decide("web", Kind.EVENTS, "")
    mirrors = (Mirror("shop_next", sheds=True), Mirror("sandbox", sheds=False))
    assert decision == Decision("r", "shop", mirrors, {"PRECISION": Action.COUNT})


@pytest.mark.parametrize(
    ("caller", "named", "to_all", "shown"),
    [
        ("web", "shop", False, "shop"),
        ("web", "shop_next", False, "shop_next"),
        ("web", "sandbox", False, RouteMissing),
        ("web", "shpo", False, DatasetGroupUnknown),
        ("web", "", False, DatasetGroupAmbiguous),
        ("app", "", False, "shop"),
        ("ops", "", False, RouteMissing),
        ("ops", "secret", False, RouteMissing),
        ("ops", "secret", True, "secret"),
        ("ops", "", True, DatasetGroupAmbiguous),
        ("ops", "shpo", True, DatasetGroupUnknown),
    ],
)
def test_a_dataset_group_is_shown_to_who_has_a_route_to_it(
    caller: str,
    named: str,
    to_all: bool,  # noqa: FBT001 - a case
    shown: object,
) -> None:
    """And to those that may see all."""
    router = Router([WEB, WEB_NEXT], GROUPS)
    try:
        found: object = router.shown(caller, named, to_all=to_all)
    except RoutingError as error:
        found = type(error)
    assert found == shown


def test_what_is_shown_is_refused_in_words_that_fit() -> None:
    """No kind is spoken of where none was asked for."""
    router = Router([WEB, WEB_NEXT], GROUPS)
    messages = []
    for caller, named in (("web", ""), ("app", "secret"), ("ops", "")):
        with pytest.raises(RoutingError) as caught:
            router.shown(caller, named)
        messages.append(str(caught.value))
    assert messages == [
        "caller 'web' may ask for several dataset groups; name one of shop, shop_next",
        (
            "no route lets caller 'app' send anything to dataset group 'secret'; its routes allow:"
            " events → shop, users → shop"
        ),
        "no route lets caller 'ops' send anything; it has no route",
    ]


def test_as_many_callers_as_there_are_names_do_not_fill_the_memory() -> None:
    """What is remembered of callers is bounded."""
    router = Router([ANYONE], GROUPS)
    for number in range(5000):
        router.decide(f"c{number}", Kind.EVENTS, "")
    assert router._granted.cache_info().currsize == 4096
