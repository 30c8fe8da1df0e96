"""Where the batches of a lane go."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.delivery.pending import Batch
from gateway.encoding import body
from gateway.errors import LaneBlocked
from gateway.personalize.call import Call, Endpoint, Operation
from gateway.records import Kind

NOT_CONFIGURED = "NotConfigured"
"""The code of a lane whose records have nowhere to go since the configuration was changed."""

_OPERATIONS = {
    Kind.EVENTS: Operation.PUT_EVENTS,
    Kind.ACTION_INTERACTIONS: Operation.PUT_ACTION_INTERACTIONS,
    Kind.ITEMS: Operation.PUT_ITEMS,
    Kind.USERS: Operation.PUT_USERS,
    Kind.ACTIONS: Operation.PUT_ACTIONS,
}


@dataclass(frozen=True, slots=True)
class Destination:
    """What Personalize must be told to find a dataset group.

    Attributes:
        tracking_id: of the event tracker; None where it takes no events.
        action_interactions_tracking_id: of the Action_Interactions dataset; None likewise.
        dataset_arns: of items, users and actions, where it takes them.
        quota_share: the share of the dataset group's quotas that is this gateway's, above 0 to 1.
    """

    endpoint: Endpoint
    tracking_id: str | None = None
    action_interactions_tracking_id: str | None = None
    dataset_arns: Mapping[Kind, str] = field(default_factory=dict)
    quota_share: float = 1.0

    def call(self, kind: Kind, batch: Batch) -> Call:
        """Return the call that puts a batch of one kind; of events: of one session and user.

        Raises:
            LaneBlocked: the configuration no longer says where records of that kind go.
        """
        elements = [pending.record.element for pending in batch]
        match kind:
            case Kind.EVENTS if self.tracking_id:
                first = batch[0].record
                data = body.events_body(self.tracking_id, first.session_id, first.user_id, elements)
            case Kind.ACTION_INTERACTIONS if self.action_interactions_tracking_id:
                data = body.action_interactions_body(self.action_interactions_tracking_id, elements)
            case Kind.ITEMS if kind in self.dataset_arns:
                data = body.items_body(self.dataset_arns[kind], elements)
            case Kind.USERS if kind in self.dataset_arns:
                data = body.users_body(self.dataset_arns[kind], elements)
            case Kind.ACTIONS if kind in self.dataset_arns:
                data = body.actions_body(self.dataset_arns[kind], elements)
            case _:
                raise LaneBlocked(NOT_CONFIGURED)
        return Call(_OPERATIONS[kind], self.endpoint, data)


NOWHERE = Destination(Endpoint(""))
"""Where the records of a dataset group go that is no longer in the configuration: they stay."""
