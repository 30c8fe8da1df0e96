"""The section `delivery`."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from gateway.config.scalars import duration, size
from gateway.config.section import Section
from gateway.records import Kind

CallsPerSecond = Annotated[float, Field(gt=0, le=1_000_000, allow_inf_nan=False)]


class Retry(Section):
    """How a lane behaves when calls fail."""

    base_s: Annotated[float, duration("1ms", "1m")] = Field(
        default="100ms",
        alias="base",
        validate_default=True,
        description="The longest wait after the first failure; it doubles with each.",
    )
    max_s: Annotated[float, duration("1ms", "1h")] = Field(
        default="30s", alias="max", validate_default=True, description="What that wait grows to."
    )
    probe_s: Annotated[float, duration("100ms", "1h")] = Field(
        default="30s",
        alias="probe",
        validate_default=True,
        description="How long a parked lane waits before it tries again.",
    )


class Quotas(Section):
    """Calls a second for one dataset group. The defaults are those that AWS documents."""

    events: CallsPerSecond = Field(default=1000.0, description="PutEvents calls a second.")
    action_interactions: CallsPerSecond = Field(
        default=1000.0, description="PutActionInteractions calls a second."
    )
    items: CallsPerSecond = Field(default=10.0, description="PutItems calls a second.")
    users: CallsPerSecond = Field(default=10.0, description="PutUsers calls a second.")
    actions: CallsPerSecond = Field(default=10.0, description="PutActions calls a second.")

    def calls_per_s(self) -> Mapping[Kind, float]:
        """Return the quota of every kind, in calls a second."""
        return {kind: getattr(self, kind) for kind in Kind}


class Delivery(Section):
    """How records go from the outbox to Personalize."""

    linger_s: Annotated[float, duration("0ms", "1m")] = Field(
        default="20ms",
        alias="linger",
        validate_default=True,
        description="How long a record waits for others to share its call.",
    )
    max_in_flight: int = Field(
        default=64,
        ge=1,
        le=1000,
        description="Calls under way at once in a lane. 1000 calls a second of 50 ms each need 50.",
    )
    max_age_s: Annotated[float, duration("1s", "365d")] = Field(
        default="7d",
        alias="max_age",
        validate_default=True,
        description="A record whose call fails becomes a dead letter when it is older; only time "
        "counts in which its lane could send.",
    )
    max_dead_letter_share: float = Field(
        default=0.5,
        gt=0,
        le=1,
        allow_inf_nan=False,
        description="The share of a lane's last 200 records that may become dead letters. Past it "
        "the lane parks: then the fault is hardly the records'.",
    )
    look_ahead_records: int = Field(
        default=100_000,
        ge=10,
        le=10_000_000,
        description="Records of a lane that are read ahead, to find those that can share a call.",
    )
    look_ahead_bytes: Annotated[int, size("1MiB", "16GiB")] = Field(
        default="64MiB",
        validate_default=True,
        description="The same in bytes; what is reached first.",
    )
    retry: Retry = Field(default_factory=Retry, description="What follows a failed call.")
    connect_timeout_s: Annotated[float, duration("10ms", "1m")] = Field(
        default="3s",
        alias="connect_timeout",
        validate_default=True,
        description="How long connecting to Personalize may take.",
    )
    call_timeout_s: Annotated[float, duration("10ms", "10m")] = Field(
        default="10s",
        alias="call_timeout",
        validate_default=True,
        description="How long a call may take in all, connecting included.",
    )
    drain_s: Annotated[float, duration("0s", "1h")] = Field(
        default="10s",
        alias="drain",
        validate_default=True,
        description="How long a gateway that was told to stop waits for its outbox to empty.",
    )
    quotas: Quotas = Field(
        default_factory=Quotas, description="Calls a second of each kind, for each dataset group."
    )
