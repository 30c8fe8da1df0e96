"""Where the records of one request go."""

from dataclasses import dataclass, field

from gateway.api import Rule
from gateway.encoding.element import RecordMessage, encode
from gateway.encoding.event_id import EventIds
from gateway.identity import Caller
from gateway.records import Kind, Record
from gateway.routing.router import Decision, Router, RoutingError
from gateway.targets import EventsNotTaken, KindNotAvailable, Target, Targets
from gateway.validation.expected_columns import ExpectedColumns
from gateway.validation.fast_pass import FastPass
from gateway.validation.strictness import Strictness

_NOT_ACTIVE = Rule.RULE_TRACKER_NOT_ACTIVE


@dataclass(slots=True)
class Part:
    """The records of a request that go the same way.

    Attributes:
        kind: what they are.
        decision: where they go.
        target: what is known of what takes them there.
        fast_pass: encodes those with which surely nothing is wrong.
        event_ids: gives an ID to those that are events and have none.
        indices: which records of the request they are.
        messages: they themselves, in the same order.
        records: they as they go to their own dataset group, once they are encoded; None for each
            that has to be judged by all rules first.
        doubtful: the positions of those.
    """

    kind: Kind
    decision: Decision
    target: Target
    fast_pass: FastPass
    event_ids: EventIds
    indices: list[int] = field(default_factory=list)
    messages: list[RecordMessage] = field(default_factory=list, repr=False)
    records: list[Record | None] = field(default_factory=list)
    doubtful: list[int] = field(default_factory=list)

    def encode_surely_good(self) -> None:
        """Encode the records with which surely nothing is wrong."""
        encoded, messages = self.fast_pass.encoded, self.messages
        found = encoded(messages, self.event_ids)
        if found is not None:
            self.records = [*found]
            return
        alone = len(messages) == 1
        each = (None if alone else encoded([one], self.event_ids) for one in messages)
        self.records = [one[0] if one else None for one in each]
        self.doubtful = [n for n, record in enumerate(self.records) if record is None]

    def encode_judged(self, position: int, *, is_good: bool) -> None:
        """Encode a record that was doubtful, and is taken.

        Args:
            position: which of the part.
            is_good: whether it breaks no rule at all.
        """
        message = self.messages[position]
        event_id = self.event_ids.of(message)
        self.records[position] = encode(self.kind, message, event_id, self.target.schema)
        if is_good:
            self.fast_pass.learn(message)

    def leave_out_unencoded(self) -> None:
        """Go on with the records that are encoded."""
        kept = [position for position, record in enumerate(self.records) if record is not None]
        self.indices = [self.indices[position] for position in kept]
        self.messages = [self.messages[position] for position in kept]
        self.records = [self.records[position] for position in kept]


class Ways:
    """Decides where the records of a request go, for each kind once, when it is first asked for.

    Args:
        caller: who sends them.
        dataset_group: the name in the request; empty where it names none.
    """

    def __init__(
        self,
        caller: Caller,
        dataset_group: str,
        router: Router,
        targets: Targets,
        strictness: Strictness,
    ) -> None:
        self._caller = caller
        self._dataset_group = dataset_group
        self._router = router
        self._targets = targets
        self._strictness = strictness
        self._found: dict[Kind, Part | RoutingError] = {}

    def find(self, kind: Kind) -> Part | RoutingError:
        """Return where records of a kind go, or why they may not."""
        way = self._found.get(kind)
        if way is None:
            try:
                way = self._part(kind)
            except RoutingError as error:
                way = error
            self._found[kind] = way
        return way

    def get(self, kind: Kind, /) -> ExpectedColumns | None:
        """Return the columns of where records of a kind go; None where they are not known."""
        way = self.find(kind)
        return way.target.expected if isinstance(way, Part) else None

    def parts(self) -> list[Part]:
        """Return the parts that have records, in the order in which their kinds were met."""
        return [way for way in self._found.values() if isinstance(way, Part) and way.messages]

    def _part(self, kind: Kind) -> Part:
        decision = self._router.decide(self._caller, kind, self._dataset_group)
        target = self._targets.target(decision.dataset_group, kind)
        if not target.exists:
            raise KindNotAvailable(decision.dataset_group, kind)
        if not target.is_active and self._strictness.refuses(_NOT_ACTIVE, decision):
            raise EventsNotTaken(decision.dataset_group)
        return Part(
            kind,
            decision,
            target,
            self._targets.fast_pass(decision.dataset_group, kind),
            EventIds(self._caller, decision.dataset_group),
        )
