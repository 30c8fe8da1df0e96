"""How delivery behaves."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.delivery.pace import PaceSettings
from gateway.delivery.refusals import RefusalSettings
from gateway.delivery.steps import LookAhead
from gateway.records import Kind


@dataclass(frozen=True, slots=True)
class DeliverySettings:
    """How delivery behaves.

    Attributes:
        linger_s: how long a record waits for others to share its call.
        quotas: calls a second of each kind, for each dataset group.
        call_timeout_s: the time-out of a call; for so long a call whose answer was not read may
            still be at work.
        max_age_s: how old a record may become before a failure of its call is its last; only time
            counts in which its lane could send.
        pace: how a lane behaves when calls fail.
        refusals: how it behaves when records are refused.
    """

    linger_s: float
    quotas: Mapping[Kind, float]
    call_timeout_s: float
    max_age_s: float = 7 * 24 * 3600.0
    look_ahead: LookAhead = field(default_factory=LookAhead)
    pace: PaceSettings = field(default_factory=PaceSettings)
    refusals: RefusalSettings = field(default_factory=RefusalSettings)
