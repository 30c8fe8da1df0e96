"""How long a call waits for what it asked for."""

import asyncio
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from gateway.api import AckLevel
from gateway.outbox.interface import PENDING
from gateway.rpc.acknowledgement import DEADLINE_MARGIN_S, MAX_WAIT_S, acknowledge
from gateway.rpc.call import IncomingCall

if TYPE_CHECKING:
    from gateway.acceptance import Acceptance, Admission

COMMIT_S = 4.0


class Storing:
    """Becomes durable when it is awaited, which takes a while."""

    def __init__(self, clock: SimpleNamespace) -> None:
        self._clock = clock

    def __await__(self) -> Any:
        self._clock.now_s += COMMIT_S
        return iter(())


class Waiting:
    """An acceptance that notes how long it is to wait."""

    def __init__(self) -> None:
        self.waits_s: list[float] = []

    async def outcomes(self, _: object, timeout_s: float) -> list[Any]:
        self.waits_s.append(timeout_s)
        return [PENDING]


def _admission(clock: SimpleNamespace) -> SimpleNamespace:
    return SimpleNamespace(stored=Storing(clock), prepared=SimpleNamespace(own=()))


@pytest.mark.parametrize(
    ("deadline_s", "wait_s"),
    [
        (None, MAX_WAIT_S),
        (110.0, 10 - COMMIT_S - DEADLINE_MARGIN_S),
        (1000.0, MAX_WAIT_S),
        (104.0, 0.0),
        (101.0, 0.0),
    ],
)
async def test_the_wait_for_delivery_ends_before_the_deadline(
    monkeypatch: pytest.MonkeyPatch, deadline_s: float | None, wait_s: float
) -> None:
    """However long the commit took."""
    clock = SimpleNamespace(now_s=100.0)
    monkeypatch.setattr("gateway.rpc.call.time", SimpleNamespace(monotonic=lambda: clock.now_s))
    waiting, admission = Waiting(), _admission(clock)
    call = IncomingCall("web", deadline_s, asyncio.Event())
    reached = await acknowledge(
        cast("Acceptance", waiting),
        cast("Admission", admission),
        AckLevel.ACK_LEVEL_DELIVERED,
        call,
    )
    assert (waiting.waits_s, reached.ack_level) == ([wait_s], AckLevel.ACK_LEVEL_DURABLE)
