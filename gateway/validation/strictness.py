"""Which violations refuse a record, and which are only counted."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

import structlog

from gateway.api import Rule
from gateway.clock import Clock
from gateway.rules import CONFIGURABLE, DEFAULTS, Action
from gateway.telemetry.metrics import RULES_BROKEN
from gateway.validation.path import quoted
from gateway.validation.violation import Violation

log = structlog.get_logger()

_LOG_INTERVAL_S = 60.0
_MAX_NAMED = 10


class Way(Protocol):
    """What a route says of records; a routing decision is one."""

    @property
    def route(self) -> str:
        """Its name."""

    @property
    def dataset_group(self) -> str:
        """Where the records go."""

    @property
    def rules(self) -> Mapping[str, Action]:
        """What becomes of records that break a rule, where that is not the default; by name."""


class Strictness:
    """Decides by the rules of a route, and counts whatever is broken.

    What is only counted is logged too, for each rule and dataset group once a minute at most.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._notices: dict[tuple[str, str], _Notice] = {}

    def refusing(self, violations: Sequence[Violation], way: Way) -> list[Violation]:
        """Return those violations for which records are refused, in their order.

        Args:
            violations: those of records that are taken, or refused, together.
            way: theirs.
        """
        refusing = [found for found in violations if action(found.rule, way.rules) is Action.REFUSE]
        by_rule = Counter(
            rule for _, rule in {(v.record_index, v.rule) for v in refusing or violations}
        )
        for rule, count in by_rule.items():
            if refusing:
                RULES_BROKEN.add(count, way.route, name_of(rule), "refused")
            else:
                self.count(rule, way, count)
        return refusing

    def refuses(self, rule: Rule, way: Way) -> bool:
        """Tell whether a request that breaks a rule is refused. If it is, it is counted."""
        if action(rule, way.rules) is Action.COUNT:
            return False
        RULES_BROKEN.add(1, way.route, name_of(rule), "refused")
        return True

    def count(self, rule: Rule, way: Way, records: int, values: Iterable[str] = ()) -> None:
        """Count records that break a rule and are taken all the same.

        Args:
            rule: which.
            way: theirs.
            records: how many.
            values: what is at fault, to be named; no personal data.
        """
        name = name_of(rule)
        RULES_BROKEN.add(records, way.route, name, "counted")
        notice = self._notices.setdefault((name, way.dataset_group), _Notice())
        notice.add(records, values)
        if notice.is_due(self._clock.monotonic()):
            log.warning(
                "records are taken that break a rule",
                rule=name,
                dataset_group=way.dataset_group,
                route=way.route,
                **notice.take(),
            )


class _Notice:
    """What is to be said of a rule when its time has come."""

    def __init__(self) -> None:
        self._due_at: float | None = None
        self._records = 0
        self._named: dict[str, None] = {}

    def add(self, records: int, values: Iterable[str]) -> None:
        self._records += records
        for value in values:
            if len(self._named) < _MAX_NAMED:
                self._named[quoted(value)] = None

    def is_due(self, now: float) -> bool:
        if self._due_at is not None and now < self._due_at:
            return False
        self._due_at = now + _LOG_INTERVAL_S
        return True

    def take(self) -> dict[str, object]:
        said: dict[str, object] = {"records": self._records}
        if self._named:
            said["named"] = list(self._named)
        self._records = 0
        self._named.clear()
        return said


def action(rule: Rule, rules: Mapping[str, Action]) -> Action:
    """Return what becomes of a record that breaks a rule.

    Args:
        rule: which.
        rules: what its route says of some, by name.
    """
    name = name_of(rule)
    default = DEFAULTS.get(name, Action.REFUSE)
    return rules.get(name, default) if name in CONFIGURABLE else default


def name_of(rule: Rule) -> str:
    """Return the name of a rule as configuration, metrics and answers have it."""
    return Rule.Name(rule).removeprefix("RULE_")
