"""The states of a resource, computed from its timestamps: nothing has to run for them to pass."""

from dataclasses import dataclass
from enum import StrEnum

from gateway.personalize.emulator.config import Delays


class Status(StrEnum):
    """The states that Amazon Personalize documents for the emulated resources."""

    CREATE_PENDING = "CREATE PENDING"
    CREATE_IN_PROGRESS = "CREATE IN_PROGRESS"
    ACTIVE = "ACTIVE"
    CREATE_FAILED = "CREATE FAILED"
    DELETE_PENDING = "DELETE PENDING"
    DELETE_IN_PROGRESS = "DELETE IN_PROGRESS"


@dataclass(frozen=True, slots=True)
class Lifetime:
    """When a resource's life cycle moved, in seconds since the epoch.

    Attributes:
        created_at: when it was created.
        deleted_at: when its deletion was asked for; None while it was not.
        forced: a state that overrules the clock until it is taken back.
    """

    created_at: float
    deleted_at: float | None = None
    forced: Status | None = None


def status_at(now: float, lifetime: Lifetime, delays: Delays) -> Status | None:
    """Return the state at a time; None once the resource is gone."""
    if lifetime.forced is not None:
        return lifetime.forced
    if lifetime.deleted_at is not None:
        return _deleting(now - lifetime.deleted_at, delays)
    return _creating(now - lifetime.created_at, delays)


def _creating(age_s: float, delays: Delays) -> Status:
    if age_s < delays.create_pending_s:
        return Status.CREATE_PENDING
    if age_s < delays.create_pending_s + delays.create_in_progress_s:
        return Status.CREATE_IN_PROGRESS
    return Status.ACTIVE


def _deleting(age_s: float, delays: Delays) -> Status | None:
    if age_s < delays.delete_pending_s:
        return Status.DELETE_PENDING
    if age_s < delays.delete_pending_s + delays.delete_in_progress_s:
        return Status.DELETE_IN_PROGRESS
    return None
