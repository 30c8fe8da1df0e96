"""The states of a resource over time."""

import pytest

from gateway.personalize.emulator.config import Delays
from gateway.personalize.emulator.lifecycle import Lifetime, Status, status_at

DELAYS = Delays(10, 20, 30, 40)


@pytest.mark.parametrize(
    ("now", "status"),
    [
        (100, Status.CREATE_PENDING),
        (109.9, Status.CREATE_PENDING),
        (110, Status.CREATE_IN_PROGRESS),
        (129.9, Status.CREATE_IN_PROGRESS),
        (130, Status.ACTIVE),
        (1e9, Status.ACTIVE),
        (50, Status.CREATE_PENDING),
    ],
)
def test_creation(now: float, status: Status) -> None:
    """A resource is pending, then in progress, then active, also if the clock steps back."""
    assert status_at(now, Lifetime(created_at=100), DELAYS) is status


@pytest.mark.parametrize(
    ("now", "status"),
    [
        (200, Status.DELETE_PENDING),
        (230, Status.DELETE_IN_PROGRESS),
        (269.9, Status.DELETE_IN_PROGRESS),
        (270, None),
    ],
)
def test_deletion(now: float, status: Status | None) -> None:
    """A deleted resource is pending, then in progress, then gone."""
    assert status_at(now, Lifetime(created_at=100, deleted_at=200), DELAYS) is status


def test_a_forced_state_overrules_the_clock() -> None:
    """A forced state holds whatever the time, and after a deletion."""
    lifetime = Lifetime(created_at=100, deleted_at=200, forced=Status.CREATE_FAILED)

    assert status_at(1e9, lifetime, DELAYS) is Status.CREATE_FAILED
