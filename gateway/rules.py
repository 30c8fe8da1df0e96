"""Which rules of validation may be relaxed, and what becomes of a record that breaks one.

The names are those of the enum `Rule` in `violation.proto`, without `RULE_`: the configuration
writes them so.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Action(StrEnum):
    """What becomes of a record that breaks a rule; the value is how the configuration writes it."""

    REFUSE = "refuse"
    """It is not taken; its caller is told."""
    COUNT = "count"
    """It is taken in the best form possible, and counted."""


_CONFIGURABLE = {
    "PLACEHOLDER_ID": Action.REFUSE,
    "CONTROL_CHARACTER": Action.REFUSE,
    "CATEGORY": Action.REFUSE,
    "PRECISION": Action.REFUSE,
    "UNKNOWN_PROPERTY": Action.REFUSE,
    "MISSING_PROPERTY": Action.REFUSE,
    "PROPERTY_TYPE": Action.REFUSE,
    "PROPERTY_RANGE": Action.REFUSE,
    "CATEGORY_LENGTH": Action.REFUSE,
    "IGNORED_IMPRESSION": Action.COUNT,
    "METADATA_COLUMNS": Action.REFUSE,
    "TRACKER_NOT_ACTIVE": Action.COUNT,
}

CONFIGURABLE = frozenset(_CONFIGURABLE)
"""The rules that a route may set to either action."""

COUNT_ONLY = frozenset({"EVENT_TYPES", "ATTRIBUTION_SOURCES"})
"""The rules that can only count: they rest on what one process happened to see first."""

DEFAULTS: Mapping[str, Action] = MappingProxyType(
    _CONFIGURABLE | dict.fromkeys(COUNT_ONLY, Action.COUNT)
)
"""What each rule does where its route does not say. A rule that is not here can only refuse:

without it there would be nothing to store, or Personalize's API refuses the call for sure.
"""
