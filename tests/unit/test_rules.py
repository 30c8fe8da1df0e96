from gateway.api import Rule
from gateway.rules import CONFIGURABLE, COUNT_ONLY, DEFAULTS, Action


def test_rules_are_those_of_the_api() -> None:
    """Each name is one of the enum, and each rule that may count says what it does by default."""
    names = {name.removeprefix("RULE_") for name in Rule.keys()}  # noqa: SIM118 - no dict
    assert names >= DEFAULTS.keys()
    assert DEFAULTS.keys() == CONFIGURABLE | COUNT_ONLY
    assert not CONFIGURABLE & COUNT_ONLY
    assert {DEFAULTS[name] for name in COUNT_ONLY} == {Action.COUNT}
