"""Where the batches of a lane go."""

from dataclasses import dataclass

from gateway.dataset_group import ACTIVE, UNKNOWN, DatasetGroupFacts
from gateway.delivery.pending import Batch
from gateway.encoding import body
from gateway.errors import LaneBlocked
from gateway.personalize.call import Call, Endpoint, Operation
from gateway.records import Kind

NOT_CONFIGURED = "NotConfigured"
"""The code of a lane whose records have nowhere to go.

The configuration no longer has the dataset group, or nothing in it is known to take the kind.
"""

TRACKER_NOT_ACTIVE = "TrackerNotActive"
"""The code of a lane of events whose event tracker is not ACTIVE: what is sent might be dropped."""

DATASET_NOT_ACTIVE = "DatasetNotActive"
"""The code of a lane whose dataset is not ACTIVE."""

_OPERATIONS = {
    Kind.EVENTS: Operation.PUT_EVENTS,
    Kind.ACTION_INTERACTIONS: Operation.PUT_ACTION_INTERACTIONS,
    Kind.ITEMS: Operation.PUT_ITEMS,
    Kind.USERS: Operation.PUT_USERS,
    Kind.ACTIONS: Operation.PUT_ACTIONS,
}


@dataclass(frozen=True, slots=True)
class Destination:
    """A dataset group as calls to it have to name it.

    Attributes:
        facts: what is known of it: of the configuration and of AWS, merged.
        quota_share: the share of the dataset group's quotas that is this gateway's, above 0 to 1.
    """

    endpoint: Endpoint
    facts: DatasetGroupFacts
    quota_share: float = 1.0

    def call(self, kind: Kind, batch: Batch) -> Call:
        """Return the call that puts a batch of one kind; of events: of one session and user.

        Raises:
            LaneBlocked: it is not known where records of that kind go, or AWS has told that it
                does not take them now. The code says which.
        """
        target = self._target(kind)
        elements = [pending.element for pending in batch]
        match kind:
            case Kind.EVENTS:
                data = body.events_body(target, *batch[0].session, elements)
            case Kind.ACTION_INTERACTIONS:
                data = body.action_interactions_body(target, elements)
            case Kind.ITEMS:
                data = body.items_body(target, elements)
            case Kind.USERS:
                data = body.users_body(target, elements)
            case Kind.ACTIONS:
                data = body.actions_body(target, elements)
        return Call(_OPERATIONS[kind], self.endpoint, data)

    def _target(self, kind: Kind) -> str:
        """Return the tracking ID or the dataset's ARN for a kind."""
        target = self.facts.target(kind)
        if target is None:
            raise LaneBlocked(NOT_CONFIGURED)
        # What is configured by hand and was not discovered is taken at its word.
        if self.facts.status(kind) not in (ACTIVE, UNKNOWN):
            raise LaneBlocked(TRACKER_NOT_ACTIVE if kind is Kind.EVENTS else DATASET_NOT_ACTIVE)
        return target


NOWHERE = Destination(Endpoint(""), DatasetGroupFacts("", ""))
"""Where the records of a dataset group go that is no longer in the configuration: they stay."""
