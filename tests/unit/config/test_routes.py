"""What an entry of `routes` may say, and what is said of one that says it wrongly."""

from collections.abc import Callable

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from gateway.config import Route, schema
from gateway.config.caller_pattern import CallerPattern, SpiffeId, is_pattern
from gateway.config.checks.ambiguity import ambiguities
from gateway.config.problems import key_of
from gateway.records import Kind
from gateway.rules import Action

Problems = Callable[..., list[str]]

ARN = "arn:aws:personalize:eu-west-1:123456789012:dataset-group/"
GROUPS = f"""dataset_groups:
  shop: {{arn: {ARN}shop, tracking_id: shop}}
  next: {{arn: {ARN}next, tracking_id: next}}
routes:
"""
WEB = "  - {name: web, callers: [web], kinds: [events], dataset_group: shop"


def route(name: str, callers: list[str], kinds: str = "events", dataset_group: str = "shop") -> str:
    """Return a line that states a route."""
    sent = f"kinds: [{kinds}], dataset_group: {dataset_group}"
    return f"  - {{name: {name}, callers: {callers}, {sent}}}\n"


def test_a_mirror_is_a_name_or_a_mapping() -> None:
    """A name alone means that it goes without while it is full."""
    made = Route.model_validate(
        yaml.safe_load(
            "{name: web, callers: [web], dataset_group: shop,"
            " mirror_to: [a, {dataset_group: b}, {dataset_group: c, when_full: refuse}],"
            " rules: {PRECISION: count}}"
        )
    )
    assert [(to.dataset_group, to.sheds) for to in made.mirror_to] == [
        ("a", True),
        ("b", True),
        ("c", False),
    ]
    assert made.rules == {"PRECISION": Action.COUNT}


@pytest.mark.parametrize(
    ("mirror", "fits"),
    [
        ("next", True),
        ("${GROUP}", True),
        ({"dataset_group": "next"}, True),
        ({"dataset_group": "next", "when_full": "shed"}, True),
        ("a b", False),
        (["next"], False),
        ({"when_full": "shed"}, False),
        ({"dataset_group": "next", "full": "shed"}, False),
        ({"dataset_group": "next", "when_full": "drop"}, False),
    ],
)
def test_the_schema_knows_both_forms_of_a_mirror(mirror: object, fits: bool) -> None:  # noqa: FBT001 - the expectation
    """As the gateway does."""
    validator = Draft202012Validator(schema())
    made = {"name": "a", "callers": ["a"], "dataset_group": "shop", "mirror_to": [mirror]}
    file = {"dataset_groups": {"shop": {"arn": f"{ARN}shop"}}, "routes": [made]}
    assert validator.is_valid(file) is fits


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (
            "UNKNOWN_PROPERTIES: count",
            "is no rule that a route may set; did you mean 'UNKNOWN_PROPERTY'?",
        ),
        ("precision: count", "is no rule that a route may set; did you mean 'PRECISION'?"),
        ("EVENT_TYPES: count", "is a rule that only counts; leave it out"),
    ],
)
def test_rules_are_those_that_a_route_may_set(problems: Problems, rule: str, said: str) -> None:
    """A name that is nearly right is answered with the right one."""
    key = rule.partition(":")[0]
    assert problems(f"{GROUPS}{WEB}, rules: {{{rule}}}}}\n") == [
        f"F:5: routes[0].rules.{key}: {said}"
    ]


def test_a_rule_that_is_like_none_is_answered_with_all(problems: Problems) -> None:
    """Those that may be set."""
    (said,) = problems(f"{GROUPS}{WEB}, rules: {{SIZE: count}}}}\n")
    assert said.startswith(
        "F:5: routes[0].rules.SIZE: is no rule that a route may set; expected one"
    )
    assert said.endswith(" TRACKER_NOT_ACTIVE, UNKNOWN_PROPERTY")


def test_a_burst_needs_a_rate(problems: Problems) -> None:
    """By itself it limits nothing."""
    assert problems(f"{GROUPS}{WEB}, limit: {{burst: 5, in_flight_bytes: 1MiB}}}}\n") == [
        "F:5: routes[0].limit.burst: needs records_per_s beside it"
    ]


def test_a_mirror_is_named_once(problems: Problems) -> None:
    """However it is written."""
    mirrors = "[next, {dataset_group: next, when_full: refuse}]"
    assert problems(f"{GROUPS}{WEB}, mirror_to: {mirrors}}}\n") == [
        (
            "F:5: routes[0].mirror_to[1]: is the same dataset group as"
            " routes[0].mirror_to[0] (line 5)"
        )
    ]


def test_patterns_that_share_callers_are_refused(problems: Problems) -> None:
    """Where they are equally specific; both lines are named, and what both match."""
    text = GROUPS + route("a", ["web", "spiffe://e/ns/*/sa/web"], "events, users")
    text += route("b", ["spiffe://e/ns/shop/sa/*"], "users, items, events")
    hint = "add an entry that is more specific to the one that is to decide"
    assert [line for line in problems(text) if "specific" in line] == [
        (
            "F:6: routes[1].callers[0]: routes[0].callers[1] (line 5) is as specific, and both let"
            f" spiffe://e/ns/shop/sa/web send users, events to the same dataset group; {hint}"
        )
    ]


@pytest.mark.parametrize(
    ("first", "second", "more"),
    [
        ("spiffe://e/ns/shop/**", "spiffe://e/ns/shop/sa/*", ""),
        ("spiffe://e/ns/*", "spiffe://e/ns/**", ""),
        ("spiffe://e/*/sa", "spiffe://f/ns/*", ""),
        ("spiffe://e/ns/*", "*", ""),
        ("spiffe://e/ns/*", "spiffe://e/ns/web", ""),
        ("spiffe://e/a/*", "spiffe://e/b/*", ""),
        ("spiffe://e/a/*", "spiffe://e/*/b", "spiffe://e/a/b"),
        ("spiffe://e/a/*/*", "spiffe://e/*/b/*", "spiffe://e/a/b/**"),
    ],
)
def test_one_that_is_more_specific_decides(
    problems: Problems, first: str, second: str, more: str
) -> None:
    """Between two that are not, a third may."""
    text = GROUPS + route("a", [first]) + route("b", [second])
    assert problems(text + (route("c", [more]) if more else "")) == []


def test_only_the_same_kind_and_dataset_group_are_ambiguous(problems: Problems) -> None:
    """Else a caller has two choices, of which it names one."""
    text = (
        GROUPS + route("a", ["spiffe://e/a/*"]) + route("b", ["spiffe://e/*/b"], "events", "next")
    )
    assert problems(text) == []


PATHS = "a * ** a/b a/* */b */* a/** */** a/b/** a/*/** */b/** */*/** a/*/c */b/* a/*/* */*/c a/b/c"
ENTRIES = ["*", "web", *(f"spiffe://e/{path}" for path in PATHS.split())]
CALLERS = ["web", "app"] + [
    f"spiffe://e/{a}{b}{c}{d}"
    for a in "ax"
    for b in ("", "/b", "/x")
    for c in ("", "/c", "/x")
    for d in ("", "/d")
]


def made(name: str, callers: list[str]) -> Route:
    """Return a route for events."""
    return Route(name=name, callers=tuple(callers), kinds=(Kind.EVENTS,), dataset_group="shop")


def best(routes: list[Route], caller: str) -> set[str]:
    """Return the routes of which none is more specific for a caller, by looking at all."""
    id_ = SpiffeId.of(caller)

    def specific(entry: str) -> tuple[int, object]:
        if entry == caller:
            return (2, 0)
        if is_pattern(entry) and id_ and CallerPattern.of(entry).matches(id_):
            return (1, CallerPattern.of(entry).rank)
        return (0, 0) if entry == "*" else (-1, 0)

    ranks = {route.name: max(map(specific, route.callers)) for route in routes}
    highest = max(ranks.values())
    return {name for name, rank in ranks.items() if rank == highest and rank[0] >= 0}


@example([["spiffe://e/a/*/**"], ["spiffe://e/*/b/**"], ["spiffe://e/a/b/*"]])
@example(
    [["spiffe://e/a/*/**"], ["spiffe://e/*/b/**"], ["spiffe://e/a/b/*", "spiffe://e/a/b/*/**"]]
)
@given(
    st.lists(
        st.lists(st.sampled_from(ENTRIES), min_size=1, max_size=3, unique=True),
        min_size=1,
        max_size=4,
    )
)
def test_what_is_refused_is_what_leaves_a_caller_with_two_routes(callers: list[list[str]]) -> None:
    """Judged by all callers that there are, as far as the patterns can tell them apart."""
    routes = [made(f"r{n}", entries) for n, entries in enumerate(callers)]
    refused = list(ambiguities(dict(enumerate(routes)), key_of))
    undecided = [caller for caller in CALLERS if len(best(routes, caller)) > 1]
    repeated = {
        entry
        for entries in callers
        for entry in entries
        if sum(entry in one for one in callers) > 1
    }
    assert bool(refused) == bool(undecided or repeated), (refused, undecided)
