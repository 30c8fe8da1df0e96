from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from google.protobuf.message import Message

from gateway.api import Event, Rule
from gateway.validation.validator import Validator

if TYPE_CHECKING:
    from gateway.validation.violation import Fault


@pytest.fixture(scope="session")
def validator() -> Validator:
    """Make the validator, whose annotations take a moment to compile."""
    return Validator()


@pytest.fixture
def good_event() -> Callable[..., Event]:
    """Make an event that breaks no rule, but for what is given."""

    def make(**fields: Any) -> Event:
        event = Event(session_id="session-1", event_type="View")
        event.event_time.seconds = 1787462253
        event.MergeFrom(Event(**fields))
        return event

    return make


@pytest.fixture
def broken(validator: Validator) -> Callable[[Message], list[tuple[str, str, int | None]]]:
    """Name the path, rule and record index of each violation of a request."""

    def violations(request: Message) -> list[tuple[str, str, int | None]]:
        found = validator.violations(request)
        return [(v.field, _name(v.rule), v.record_index) for v in found]

    return violations


@pytest.fixture
def faults_of() -> Callable[..., list[tuple[str, str]]]:
    """Run one check and name the path and rule of each fault that it adds."""

    def run(check: Callable[..., None], *arguments: Any) -> list[tuple[str, str]]:
        faults: list[Fault] = []
        check(*arguments, faults)
        return [(fault.field, _name(fault.rule)) for fault in faults]

    return run


def _name(rule: Rule) -> str:
    return Rule.Name(rule).removeprefix("RULE_")
