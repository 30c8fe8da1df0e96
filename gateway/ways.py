"""Where the records of one request go."""

from dataclasses import dataclass, field

from gateway.api import Rule
from gateway.encoding.element import RecordMessage
from gateway.identity import Caller
from gateway.records import Kind
from gateway.routing.router import Decision, Router, RoutingError
from gateway.targets import EventsNotTaken, KindNotAvailable, Target, Targets
from gateway.validation.expected_columns import ExpectedColumns
from gateway.validation.strictness import Strictness


@dataclass(slots=True)
class Part:
    """The records of a request that go the same way.

    Attributes:
        kind: what they are.
        decision: where they go.
        target: what is known of what takes them there.
        indices: which records of the request they are.
        messages: they themselves, in the same order.
    """

    kind: Kind
    decision: Decision
    target: Target
    indices: list[int] = field(default_factory=list)
    messages: list[RecordMessage] = field(default_factory=list)

    def add(self, index: int, message: RecordMessage) -> None:
        """Add a record of the request."""
        self.indices.append(index)
        self.messages.append(message)


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
        inactive = Rule.RULE_TRACKER_NOT_ACTIVE
        if not target.is_active and self._strictness.refuses(inactive, decision):
            raise EventsNotTaken(decision.dataset_group)
        return Part(kind, decision, target)
