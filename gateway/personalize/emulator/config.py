"""What can be set about the emulator; every default in one place."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

Clock = Callable[[], float]
"""Returns the time in seconds since the Unix epoch."""

DOCUMENTED_QUOTAS: Mapping[str, float | None] = MappingProxyType(
    {
        "PutEvents": 1000.0,
        "PutActionInteractions": 1000.0,
        "PutItems": 10.0,
        "PutUsers": 10.0,
        "PutActions": 10.0,
    }
)
"""Calls a second for each dataset group (Developer Guide, quotas)."""


class UnusableTracker(StrEnum):
    """What happens to PutEvents with a tracking ID that is unknown, or whose tracker is not ACTIVE.

    What AWS does has not been verified against a live account: it may refuse the call, or answer
    200 and drop the events.
    """

    REFUSE = "refuse"
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class Delays:
    """How long a resource stays in each passing state, in seconds."""

    create_pending_s: float = 0.2
    create_in_progress_s: float = 0.3
    delete_pending_s: float = 0.2
    delete_in_progress_s: float = 0.3


@dataclass(frozen=True, slots=True)
class EmulatorConfig:
    """Everything that can be set about one emulator.

    Attributes:
        host: address to listen on.
        port: TCP port; 0 lets the system choose.
        state: SQLite file that keeps resources and records; None keeps them in memory.
        region: AWS region that signatures must be scoped to, and part of every ARN.
        account_id: AWS account, part of every ARN.
        credentials: secret access key for each access key ID that is known.
        any_credentials: True takes signatures of every key; scope and date are still checked.
        clock_skew_s: how far the date of a signature may be from the emulator's clock.
        delays: how long resources stay in passing states.
        quotas: calls a second for each put operation and dataset group; None is unlimited.
        throttling_status: HTTP status of ThrottlingException. Unverified: 400 is what AWS's JSON
            services use, 429 what many of its REST services do.
        constraint_error: the code for input outside the limits of the service model. Unverified:
            the models name InvalidInputException, AWS's frameworks often say ValidationException.
        unusable_tracker: what happens to PutEvents without a tracker that is ACTIVE.
        event_size_bytes: largest event; documented as 10 KB.
        resource_limit: most active resources of one type, documented as 500.
        random_seed: makes the faults that hit a share of the calls reproducible.
    """

    host: str = "127.0.0.1"
    port: int = 0
    state: Path | None = None
    region: str = "us-east-1"
    account_id: str = "000000000000"
    credentials: Mapping[str, str] = field(
        default_factory=lambda: MappingProxyType({"emulator": "emulator"})
    )
    any_credentials: bool = False
    clock_skew_s: float = 300.0
    delays: Delays = Delays()
    quotas: Mapping[str, float | None] = field(default_factory=lambda: DOCUMENTED_QUOTAS)
    throttling_status: int = 400
    constraint_error: str = "InvalidInputException"
    unusable_tracker: UnusableTracker = UnusableTracker.REFUSE
    event_size_bytes: int = 10 * 1024
    resource_limit: int = 500
    random_seed: int = 0

    def arn(self, resource: str) -> str:
        """Return the ARN of a resource (`dataset-group/shop`) of this account and region."""
        return f"arn:aws:personalize:{self.region}:{self.account_id}:{resource}"
