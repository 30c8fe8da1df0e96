"""The guard against what Personalize drops without a word: event types and attribution sources.

A dataset group takes ten event types, fewer with metadata columns, and a hundred attribution
sources. Which it has taken before nobody tells, so those count that this process met first. They
are forgotten with the process.
"""

from collections.abc import Sequence
from operator import attrgetter

from gateway.api import Event, Rule
from gateway.validation.limits import ATTRIBUTION_SOURCES_MAX_COUNT, EVENT_TYPES_MAX_COUNT
from gateway.validation.strictness import Strictness, Way

_EVENT_TYPE = attrgetter("event_type")
_SOURCE = attrgetter("event_attribution_source")


class Census:
    """Counts events of types and attribution sources beyond those that a dataset group may have."""

    def __init__(self, strictness: Strictness) -> None:
        self._strictness = strictness
        self._event_types: dict[str, set[str]] = {}
        self._sources: dict[str, set[str]] = {}

    def take(self, events: Sequence[Event], way: Way, metadata_count: int) -> None:
        """Look at events that are taken.

        Args:
            events: what goes the same way.
            way: the way.
            metadata_count: how many metadata columns the dataset has; 0 where that is not known.
        """
        types = self._event_types.setdefault(way.dataset_group, set())
        sources = self._sources.setdefault(way.dataset_group, set())
        # Nearly always all of them were met before, and this takes a fifth of the time.
        if types.issuperset(map(_EVENT_TYPE, events)) and not any(map(_SOURCE, events)):
            return
        max_types = EVENT_TYPES_MAX_COUNT - metadata_count
        for event in events:
            if event.event_type not in types:
                self._meet(Rule.RULE_EVENT_TYPES, event.event_type, types, max_types, way)
            source = event.event_attribution_source
            if source and source not in sources:
                limit = ATTRIBUTION_SOURCES_MAX_COUNT
                self._meet(Rule.RULE_ATTRIBUTION_SOURCES, source, sources, limit, way)

    def _meet(self, rule: Rule, value: str, met: set[str], max_count: int, way: Way) -> None:
        if len(met) < max_count:
            met.add(value)
        else:
            self._strictness.count(rule, way, 1, [value])
