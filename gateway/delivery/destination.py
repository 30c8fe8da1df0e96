"""Where the batches of a lane go."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.delivery.pending import Batch
from gateway.encoding import body
from gateway.personalize.call import Call, Endpoint, Operation
from gateway.records import Kind


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
            KeyError: the dataset group takes no records of that kind.
        """
        elements = [pending.record.element for pending in batch]
        match kind:
            case Kind.EVENTS if self.tracking_id:
                first = batch[0].record
                data = body.events_body(self.tracking_id, first.session_id, first.user_id, elements)
                return Call(Operation.PUT_EVENTS, self.endpoint, data)
            case Kind.ACTION_INTERACTIONS if self.action_interactions_tracking_id:
                data = body.action_interactions_body(self.action_interactions_tracking_id, elements)
                return Call(Operation.PUT_ACTION_INTERACTIONS, self.endpoint, data)
            case Kind.ITEMS:
                data = body.items_body(self.dataset_arns[kind], elements)
                return Call(Operation.PUT_ITEMS, self.endpoint, data)
            case Kind.USERS:
                data = body.users_body(self.dataset_arns[kind], elements)
                return Call(Operation.PUT_USERS, self.endpoint, data)
            case Kind.ACTIONS:
                data = body.actions_body(self.dataset_arns[kind], elements)
                return Call(Operation.PUT_ACTIONS, self.endpoint, data)
        raise KeyError(kind)
