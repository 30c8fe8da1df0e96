"""What the gateway has accepted, kept outside of its processes, and whether all of it arrived."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Version(NamedTuple):
    """An update of an item. Versions of an item rise by one, from 1."""

    item_id: str
    version: int


Identity = str | Version
"""An event ID, or an item with its version."""


@dataclass(slots=True)
class Ledger:
    """Notes what was sent, what was answered, and what was accepted.

    Attributes:
        sent: all that was ever sent, also what was never answered.
        accepted: what the gateway said it has; each once, however often it was sent.
        answers: how often a call ended with each gRPC status but OK.
        anomalies: answers that nobody should get, by what they were.
    """

    sent: set[Identity] = field(default_factory=set)
    accepted: set[Identity] = field(default_factory=set)
    answers: Counter[str] = field(default_factory=Counter)
    anomalies: Counter[str] = field(default_factory=Counter)

    def audit(self, arrivals: "Arrivals", dead_letters: Iterable[Identity]) -> "Audit":
        """Compare what was accepted with what arrived, or became a dead letter.

        An update of an item is superseded where a newer one of the same item arrived.
        """
        dead = self.accepted & frozenset(dead_letters) - arrivals.counts.keys()
        missing = self.accepted - arrivals.counts.keys() - dead
        superseded = {one for one in missing if arrivals.supersede(one)}
        return Audit(
            accepted=len(self.accepted),
            delivered=len(self.accepted & arrivals.counts.keys()),
            superseded=len(superseded),
            duplicates=arrivals.counts.total() - len(arrivals.counts),
            dead_lettered=len(dead),
            lost=sorted(map(str, missing - superseded)),
            wrong_order=arrivals.wrong_order,
            strangers=sorted(map(str, arrivals.counts.keys() - self.sent)),
        )


class Arrivals:
    """What the emulator received.

    Args:
        events: its event elements.
        items: its item elements in the order of their arrival.
    """

    def __init__(
        self, events: Iterable[Mapping[str, Any]], items: Iterable[Mapping[str, Any]]
    ) -> None:
        self.counts: Counter[Identity] = Counter(identity_of(element) for element in events)
        self.wrong_order: list[str] = []
        self._newest: dict[str, int] = {}
        for element in items:
            self._add(version_of(element))

    def _add(self, arrived: Version) -> None:
        self.counts[arrived] += 1
        newest = self._newest.get(arrived.item_id, 0)
        if arrived.version < newest:
            self.wrong_order.append(f"{arrived.item_id}: {arrived.version} after {newest}")
        self._newest[arrived.item_id] = max(newest, arrived.version)

    def supersede(self, one: Identity) -> bool:
        """Return whether a newer update of the same item arrived."""
        return isinstance(one, Version) and self._newest.get(one.item_id, 0) > one.version


def identity_of(event: Mapping[str, Any]) -> Identity:
    """Return the event ID of an element of PutEvents."""
    return str(event["eventId"])


def version_of(item: Mapping[str, Any]) -> Version:
    """Return item and version of an element of PutItems."""
    properties = json.loads(item["properties"])
    return Version(item["itemId"], int(properties["version"]))


@dataclass(frozen=True, slots=True)
class Audit:
    """What became of all that was accepted.

    Attributes:
        accepted: how many events and updates.
        delivered: how many of them arrived.
        superseded: how many did not, because a newer update of their item arrived.
        duplicates: how often something arrived that had arrived before.
        dead_lettered: how many did not arrive and are dead letters.
        lost: those that are nowhere.
        wrong_order: where an older update of an item arrived after a newer one.
        strangers: what arrived and had never been sent.
    """

    accepted: int
    delivered: int
    superseded: int
    duplicates: int
    dead_lettered: int
    lost: Sequence[str]
    wrong_order: Sequence[str]
    strangers: Sequence[str]

    @property
    def complete(self) -> bool:
        """Whether nothing is missing (yet)."""
        return not self.lost
