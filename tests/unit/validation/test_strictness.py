from collections.abc import Iterator
from types import MappingProxyType
from typing import NamedTuple

import pytest
from structlog.testing import capture_logs

from gateway.api import Event, Rule
from gateway.clock import SystemClock
from gateway.rules import CONFIGURABLE, DEFAULTS, Action
from gateway.telemetry.metrics import RULES_BROKEN
from gateway.validation.census import Census
from gateway.validation.strictness import Strictness, action, name_of
from gateway.validation.violation import Violation

UNKNOWN, TYPE = Rule.RULE_UNKNOWN_PROPERTY, Rule.RULE_PROPERTY_TYPE
IGNORED, REQUIRED = Rule.RULE_IGNORED_IMPRESSION, Rule.RULE_REQUIRED
COUNT, REFUSE = Action.COUNT, Action.REFUSE


class Way(NamedTuple):
    """What a route says."""

    rules: MappingProxyType[str, Action] = MappingProxyType({})
    route: str = "web"
    dataset_group: str = "shop"


class Clock(SystemClock):
    """A clock that stands until it is moved."""

    now_s = 0.0

    def monotonic(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    """Return the clock of the strictness."""
    return Clock()


@pytest.fixture
def strictness(clock: Clock) -> Iterator[Strictness]:
    """Make one, with nothing counted before."""
    RULES_BROKEN.values.clear()
    yield Strictness(clock)
    RULES_BROKEN.values.clear()


def violations(*found: tuple[int | None, Rule]) -> list[Violation]:
    """Return violations of these records and rules."""
    return [Violation("f", rule, "", index) for index, rule in found]


def way(**rules: Action) -> Way:
    """Return a way whose route sets these rules."""
    return Way(MappingProxyType(rules))


@pytest.mark.parametrize("rule", Rule.values())
def test_a_route_may_set_what_is_configurable_and_nothing_else(rule: Rule) -> None:
    """Without a setting, the default holds; a rule that has none refuses."""
    name = name_of(rule)
    default = DEFAULTS.get(name, REFUSE)
    assert action(rule, {}) is default
    for setting in Action:
        expected = setting if name in CONFIGURABLE else default
        assert action(rule, {name: setting}) is expected


def test_what_refuses_is_counted_so(strictness: Strictness) -> None:
    """Each rule counts once for each record; what is only counted of a refused record does not."""
    found = violations((0, UNKNOWN), (1, TYPE), (1, TYPE), (1, UNKNOWN), (2, IGNORED))
    assert strictness.refusing(found, way(UNKNOWN_PROPERTY=COUNT)) == [found[1], found[2]]
    assert strictness.refusing(found, way()) == found[:4]
    assert RULES_BROKEN.values == {
        ("web", "PROPERTY_TYPE", "refused"): 2,
        ("web", "UNKNOWN_PROPERTY", "refused"): 2,
    }


def test_what_only_counts_refuses_nothing(strictness: Strictness) -> None:
    """It is counted by rule, for each record once."""
    found = violations((0, UNKNOWN), (0, UNKNOWN), (1, UNKNOWN), (1, IGNORED))
    assert strictness.refusing(found, way(UNKNOWN_PROPERTY=COUNT)) == []
    assert RULES_BROKEN.values == {
        ("web", "UNKNOWN_PROPERTY", "counted"): 2,
        ("web", "IGNORED_IMPRESSION", "counted"): 1,
    }


def test_a_rule_that_no_violation_stands_for_is_asked_about(strictness: Strictness) -> None:
    """Where the answer is no, the record goes on, and is counted by whoever takes it."""
    inactive = Rule.RULE_TRACKER_NOT_ACTIVE
    assert not strictness.refuses(inactive, way())
    assert RULES_BROKEN.values == {}
    assert strictness.refuses(inactive, way(TRACKER_NOT_ACTIVE=REFUSE))
    assert RULES_BROKEN.values == {("web", "TRACKER_NOT_ACTIVE", "refused"): 1}


def test_what_is_counted_is_logged_once_a_minute(strictness: Strictness, clock: Clock) -> None:
    """For each rule and dataset group, with what has come since, bounded and escaped."""
    rule = Rule.RULE_EVENT_TYPES
    with capture_logs() as logs:
        strictness.count(rule, way(), 1, ["é" * 100])
        clock.now_s = 59.9
        for number in range(20):
            strictness.count(rule, way(), 2, [f"type-{number}\n", "type-0\n"])
        strictness.count(rule, Way(dataset_group="outlet"), 1)
        clock.now_s = 60.0
        strictness.count(rule, way(), 1, ["last"])
    said = {
        "event": "records are taken that break a rule",
        "log_level": "warning",
        "rule": "EVENT_TYPES",
        "route": "web",
    }
    assert logs == [
        said | {"dataset_group": "shop", "records": 1, "named": ['"' + r"\u00e9" * 64 + '..."']},
        said | {"dataset_group": "outlet", "records": 1},
        said
        | {
            "dataset_group": "shop",
            "records": 41,
            "named": [rf'"type-{number}\n"' for number in range(10)],
        },
    ]


def event(event_type: str = "View", source: str | None = None) -> Event:
    """Return an event of a type and attribution source."""
    return Event(event_type=event_type, event_attribution_source=source)


def test_event_types_beyond_those_that_fit_are_counted_and_named(strictness: Strictness) -> None:
    """Ten less the metadata columns, for each dataset group by itself; the first met are in."""
    census = Census(strictness)
    with capture_logs() as logs:
        census.take([event(f"t{n}") for n in range(8)], way(), 2)
        assert logs == []
        census.take([event("t7"), event("t8"), event("t0"), event("t8"), event("t9")], way(), 2)
        census.take([event("t8")], Way(dataset_group="outlet"), 2)
    assert [entry["named"] for entry in logs] == [['"t8"']]
    assert RULES_BROKEN.values == {("web", "EVENT_TYPES", "counted"): 3}
    census.take([event("t8"), event("t9"), event("t10")], way(), 0)
    assert RULES_BROKEN.values == {("web", "EVENT_TYPES", "counted"): 4}


def test_attribution_sources_beyond_a_hundred_are_counted_and_named(
    strictness: Strictness,
) -> None:
    """An event without one does not count."""
    census = Census(strictness)
    sources = [f"s{n}" for n in range(100)]
    with capture_logs() as logs:
        census.take([event(), *(event(source=source) for source in sources)], way(), 0)
        assert logs == []
        census.take([event(source="s0"), event(source="s100")], way(), 0)
    assert [entry["named"] for entry in logs] == [['"s100"']]
    assert RULES_BROKEN.values == {("web", "ATTRIBUTION_SOURCES", "counted"): 1}


def test_what_a_census_remembers_is_bounded(strictness: Strictness) -> None:
    """Callers choose the names, so no more are kept than may be in."""
    census = Census(strictness)
    census.take([event(f"t{n}", f"s{n}") for n in range(1000)], way(), 0)
    assert len(census._event_types["shop"]) == 10
    assert len(census._sources["shop"]) == 100
