"""How long a call waits for what it asked for."""

import asyncio
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from gateway.acceptance import Acceptance, Prepared
from gateway.api import AckLevel, Outcome, OutcomeState
from gateway.config import Route
from gateway.outbox.interface import (
    DELIVERED,
    PENDING,
    DeadLetterReason,
    OutboxUnavailable,
)
from gateway.outbox.interface import Outcome as Known
from gateway.outbox.interface import OutcomeState as KnownState
from gateway.records import Chunk, Kind, Lane, Record
from gateway.routing.errors import CallerLimitReached
from gateway.routing.limits import Limits
from gateway.rpc.acknowledgement import (
    DEADLINE_MARGIN_S,
    MAX_WAIT_S,
    Acknowledgement,
    acknowledge,
    take,
)
from gateway.rpc.call import IncomingCall
from gateway.rpc.drain import Drain
from gateway.telemetry.metrics import LIMITS_EXCEEDED

if TYPE_CHECKING:
    from gateway.acceptance import Admission

COMMIT_S = 4.0


class Storing:
    """Becomes durable when it is awaited, which takes a while."""

    def __init__(self, clock: SimpleNamespace) -> None:
        self._clock = clock

    def __await__(self) -> Any:
        self._clock.now_s += COMMIT_S
        return iter(())


class Outbox:
    """Stands in for `Acceptance`: all is stored at once, and final once `final` is done.

    Attributes:
        so_far: what is known of the records until then.
    """

    def __init__(self, *so_far: Known | None) -> None:
        self.so_far = so_far
        self.final: asyncio.Future[list[Known | None]] = asyncio.Future()

    def append(self, prepared: Prepared) -> SimpleNamespace:
        stored: asyncio.Future[None] = asyncio.Future()
        stored.set_result(None)
        return SimpleNamespace(stored=stored, prepared=prepared)

    async def outcomes(self, _: object) -> list[Known | None]:
        return await self.final

    async def outcomes_so_far(self, _: object) -> list[Known | None]:
        return [*self.so_far]


def limits(**limit: Any) -> Limits:
    """Return the limits of one route."""
    route = {"name": "web", "callers": ["*"], "dataset_group": "shop", "limit": limit}
    return Limits([Route.model_validate(route)])


def prepared() -> Prepared:
    """Return a request of one record."""
    chunk = Chunk(Lane("shop", Kind.ITEMS), "a", "web", (Record("i", b"x" * 600),))
    return Prepared([""], [chunk], [range(1)])


def taking(
    outbox: Outbox, call: IncomingCall, limited: Limits | None = None
) -> asyncio.Task[Acknowledgement]:
    """Begin to take a request that asks for delivery."""
    acceptance, asked = cast("Acceptance", outbox), AckLevel.ACK_LEVEL_DELIVERED
    return asyncio.create_task(take(acceptance, limited or Limits(), prepared(), asked, call))


async def begun() -> None:
    """Let what was begun come to where it waits."""
    for _ in range(3):
        await asyncio.sleep(0)


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
    waits_s: list[float | None] = []

    def timeout(delay_s: float) -> asyncio.Timeout:
        waits_s.append(delay_s)
        return asyncio.Timeout(0.0)

    monkeypatch.setattr("gateway.rpc.acknowledgement.asyncio.timeout", timeout)
    admission = SimpleNamespace(stored=Storing(clock), prepared=SimpleNamespace(own=()))
    reached = await acknowledge(
        cast("Acceptance", Outbox(PENDING)),
        cast("Admission", admission),
        AckLevel.ACK_LEVEL_DELIVERED,
        IncomingCall("web", deadline_s, Drain()),
    )
    assert (waits_s, reached.ack_level) == ([wait_s], AckLevel.ACK_LEVEL_DURABLE)


@pytest.mark.parametrize("already", [True, False])
async def test_a_gateway_that_stops_answers_what_is_known(*, already: bool) -> None:
    """Whether it stopped before the wait or in it."""
    outbox, drain = Outbox(PENDING), Drain()
    if already:
        drain.set()
    waiting = taking(outbox, IncomingCall("web", None, drain))
    await begun()
    drain.set()
    pending = [Outcome(state=OutcomeState.OUTCOME_STATE_PENDING)]
    assert await waiting == (AckLevel.ACK_LEVEL_DURABLE, pending)


async def test_each_record_has_its_outcome() -> None:
    """A dead letter with its ID and reason, and one that was refused without any."""
    outbox = Outbox()
    reason = DeadLetterReason.REFUSED.value
    outbox.final.set_result([DELIVERED, Known(KnownState.DEAD_LETTERED, "7", reason), None])
    reached = await taking(outbox, IncomingCall("web", None, Drain()))
    assert reached == (
        AckLevel.ACK_LEVEL_DELIVERED,
        [
            Outcome(state=OutcomeState.OUTCOME_STATE_DELIVERED),
            Outcome(
                state=OutcomeState.OUTCOME_STATE_DEAD_LETTERED, dead_letter_id="7", reason=reason
            ),
            Outcome(),
        ],
    )


async def test_a_delivery_that_cannot_say_is_no_error() -> None:
    """What is stored is answered so."""
    outbox = Outbox(PENDING)
    outbox.final.set_exception(OutboxUnavailable("away"))
    reached = await taking(outbox, IncomingCall("web", None, Drain()))
    assert reached.ack_level == AckLevel.ACK_LEVEL_DURABLE


async def test_bytes_are_in_flight_until_the_answer() -> None:
    """Whatever the answer is; what is refused is counted by route and limit."""
    LIMITS_EXCEEDED.values.clear()
    limited, outbox, call = (
        limits(in_flight_bytes="1KiB"),
        Outbox(),
        IncomingCall("a", None, Drain()),
    )
    first = taking(outbox, call, limited)
    await begun()
    with pytest.raises(CallerLimitReached):
        await taking(outbox, call, limited)
    assert LIMITS_EXCEEDED.values == {("web", "in_flight_bytes"): 1}
    outbox.final.set_result([DELIVERED])
    await first
    await taking(outbox, call, limited)
