"""Delivery as a whole: an outbox, its lanes and a data plane that does what the test says."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from random import Random

import pytest

from gateway.clock import SystemClock
from gateway.dataset_group import UNKNOWN, DatasetFacts, DatasetGroupFacts, TrackerFacts
from gateway.delivery.destination import Destination
from gateway.delivery.engine import Delivery, DeliverySettings
from gateway.delivery.pace import PaceSettings
from gateway.errors import CallFailed, CallRefused, LaneBlocked
from gateway.outbox.interface import (
    DELIVERED,
    DISCARDED,
    SUPERSEDED,
    OutboxUnavailable,
    Outcome,
    OutcomeState,
    Settlement,
)
from gateway.outbox.memory import MemoryOutbox
from gateway.personalize.call import Call, Endpoint, Operation
from gateway.records import Chunk, Kind, Lane, Record

ENDPOINT = Endpoint("eu-west-1")
TRACKER = TrackerFacts("", "", "events-id", UNKNOWN)
DATASETS = {kind: DatasetFacts(f"arn:{kind}", tracking_id="actions-id") for kind in Kind}
DESTINATION = Destination(ENDPOINT, DatasetGroupFacts("shop", "arn:shop", TRACKER, DATASETS))
DESTINATIONS = {"shop": DESTINATION, "outlet": DESTINATION}
SETTINGS = DeliverySettings(
    linger_s=0.0,
    quotas=dict.fromkeys(Kind, 1e6),
    call_timeout_s=0.01,
    pace=PaceSettings(backoff_base_s=0.001, probe_interval_s=0.001),
)


class _DataPlane:
    """Notes calls and answers each as it is told; those beyond succeed."""

    def __init__(self, *answers: Exception | None) -> None:
        self.calls: list[Call] = []
        self._answers = list(answers)

    async def put(self, call: Call) -> None:
        self.calls.append(call)
        error = self._answers.pop(0) if self._answers else None
        if error is not None:
            raise error

    async def close(self) -> None:
        pass


@asynccontextmanager
async def _delivering(
    outbox: MemoryOutbox,
    data_plane: _DataPlane,
    destinations: Mapping[str, Destination] = DESTINATIONS,
) -> AsyncIterator[Delivery]:
    delivery = Delivery(
        outbox,
        data_plane,
        destinations,
        SETTINGS,
        clock=SystemClock(),
        random=Random(1),
    )
    running = asyncio.create_task(delivery.run())
    try:
        yield delivery
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


def _chunk(lane: Lane, *ids: str, session: str = "") -> Chunk:
    records = tuple(Record(i, json.dumps({"id": i}).encode(), session, "u") for i in ids)
    return Chunk(lane, "web", "storefront", records)


def _bodies(data_plane: _DataPlane) -> list[tuple[Operation, object]]:
    return [(call.operation, json.loads(call.body)) for call in data_plane.calls]


@pytest.mark.parametrize(
    ("kind", "operation", "head"),
    [
        (
            Kind.EVENTS,
            Operation.PUT_EVENTS,
            {"trackingId": "events-id", "sessionId": "s", "userId": "u"},
        ),
        (Kind.ACTION_INTERACTIONS, Operation.PUT_ACTION_INTERACTIONS, {"trackingId": "actions-id"}),
        (Kind.ITEMS, Operation.PUT_ITEMS, {"datasetArn": "arn:items"}),
        (Kind.USERS, Operation.PUT_USERS, {"datasetArn": "arn:users"}),
        (Kind.ACTIONS, Operation.PUT_ACTIONS, {"datasetArn": "arn:actions"}),
    ],
)
async def test_each_kind_makes_its_call(
    kind: Kind, operation: Operation, head: dict[str, str]
) -> None:
    """The body names the destination once and holds the elements as they were encoded."""
    outbox, data_plane = MemoryOutbox(), _DataPlane()
    async with _delivering(outbox, data_plane):
        positions = await outbox.append([_chunk(Lane("shop", kind), "a", "b", session="s")])
        assert await outbox.outcomes(positions) == [(DELIVERED, DELIVERED)]
    ((made, body),) = _bodies(data_plane)
    assert isinstance(body, dict)
    elements = next(body.pop(name) for name in list(body) if isinstance(body[name], list))
    assert (made, body, elements) == (operation, head, [{"id": "a"}, {"id": "b"}])


async def test_what_was_there_before_is_delivered_too() -> None:
    """A start finds what an earlier one left, in every lane."""
    outbox, data_plane = MemoryOutbox(), _DataPlane()
    lanes = [Lane("shop", Kind.ITEMS), Lane("outlet", Kind.ITEMS), Lane("shop", Kind.USERS)]
    positions = await outbox.append([_chunk(lane, "a") for lane in lanes])
    async with _delivering(outbox, data_plane) as delivery:
        await delivery.drained()
        assert await outbox.outcomes_so_far(positions) == [(DELIVERED,)] * 3


@pytest.mark.parametrize(
    "error",
    [
        CallFailed("InternalFailure"),
        CallFailed("Timeout", outcome_unknown=True),
        ZeroDivisionError(),
    ],
)
async def test_a_failed_call_is_made_again(error: Exception) -> None:
    """A fault that passes costs a call and loses nothing."""
    outbox, data_plane = MemoryOutbox(), _DataPlane(error)
    async with _delivering(outbox, data_plane):
        positions = await outbox.append([_chunk(Lane("shop", Kind.ITEMS), "a")])
        assert await outbox.outcomes(positions) == [(DELIVERED,)]
    assert len(data_plane.calls) == 2
    assert outbox.dead_letters == []


async def test_a_refused_record_is_a_dead_letter_and_its_predecessor_is_sent() -> None:
    """What Personalize said is kept; of the same ID the one before is delivered."""
    outbox = MemoryOutbox()
    lane = Lane("shop", Kind.ITEMS)
    first, second = [
        *await outbox.append([_chunk(lane, "a")]),
        *await outbox.append([_chunk(lane, "a")]),
    ]
    data_plane = _DataPlane(CallRefused("InvalidInputException", "no such column"))
    async with _delivering(outbox, data_plane):
        outcomes = await outbox.outcomes([first, second])
    (letter,) = outbox.dead_letters
    assert outcomes == [
        (DELIVERED,),
        (Outcome(OutcomeState.DEAD_LETTERED, letter.dead_letter_id, "InvalidInputException"),),
    ]
    cause = letter.settlement.dead_letter
    assert cause is not None
    assert (cause.detail, cause.attempts) == ("no such column", 1)


async def test_only_the_newest_of_an_id_is_sent() -> None:
    """The others are superseded."""
    outbox, data_plane = MemoryOutbox(), _DataPlane()
    lane = Lane("shop", Kind.ITEMS)
    positions = await outbox.append([_chunk(lane, "a") for _ in range(5)])
    async with _delivering(outbox, data_plane):
        outcomes = await outbox.outcomes(positions)
    assert outcomes == [(SUPERSEDED,)] * 4 + [(DELIVERED,)]
    assert len(data_plane.calls) == 1


async def test_one_parked_lane_does_not_stop_another() -> None:
    """It is named with the reason, and the others go on."""
    outbox = MemoryOutbox()
    stuck, flowing = Lane("shop", Kind.ITEMS), Lane("outlet", Kind.ITEMS)

    class _ShopIsGone(_DataPlane):
        async def put(self, call: Call) -> None:
            await super().put(call)
            if b'"stuck"' in call.body:
                raise LaneBlocked("ResourceNotFoundException")

    async with _delivering(outbox, _ShopIsGone()) as delivery:
        await outbox.append([_chunk(stuck, "stuck")])
        positions = await outbox.append([_chunk(flowing, "a")])
        assert await outbox.outcomes(positions) == [(DELIVERED,)]
        assert await outbox.lanes() == {stuck}
        await _until(lambda: delivery.parked_lanes == {stuck: "ResourceNotFoundException"})


async def test_a_dataset_group_that_is_gone_keeps_its_records() -> None:
    """Its lane is parked, and the others go on."""
    outbox = MemoryOutbox()
    gone, no_kind = Lane("gone", Kind.ITEMS), Lane("shop", Kind.EVENTS)
    await outbox.append([_chunk(gone, "a"), _chunk(no_kind, "a")])
    (position,) = await outbox.append([_chunk(Lane("shop", Kind.ITEMS), "a")])
    items = {Kind.ITEMS: DatasetFacts("arn")}
    facts = DatasetGroupFacts("shop", "arn:shop", datasets=items)
    destinations = {"shop": Destination(ENDPOINT, facts)}
    async with _delivering(outbox, _DataPlane(), destinations) as delivery:
        assert await outbox.outcomes([position]) == [(DELIVERED,)]
        await _until(lambda: set(delivery.parked_lanes) == {gone, no_kind})
        assert set(delivery.parked_lanes.values()) == {"NotConfigured"}
    assert await outbox.lanes() == {gone, no_kind}


async def test_a_user_is_taken_out_of_all_that_waits() -> None:
    """Of its events, its action interactions and itself; what names others is delivered."""

    class _Closed(_DataPlane):
        open = False

        async def put(self, call: Call) -> None:
            if not self.open:
                raise LaneBlocked("AccessDeniedException")
            await super().put(call)

    outbox, data_plane = MemoryOutbox(), _Closed()
    of_user = {
        Kind.EVENTS: Record("e1", b'{"eventId":"e1"}', "s", "u1"),
        Kind.ACTION_INTERACTIONS: Record("a1", b'{"eventId":"a1","userId":"u1"}'),
        Kind.USERS: Record("u1", b'{"userId":"u1"}'),
    }
    of_others = {
        Kind.EVENTS: Record("e2", b'{"eventId":"e2"}', "s", None),
        Kind.ACTION_INTERACTIONS: Record("a2", b'{"eventId":"a2"}'),
        Kind.USERS: Record("u2", b'{"userId":"u2"}'),
    }
    chunks = [
        Chunk(Lane("shop", kind), "web", "storefront", (of_user[kind], of_others[kind]))
        for kind in of_user
    ]
    async with _delivering(outbox, data_plane) as delivery:
        positions = await outbox.append(chunks)
        await _until(lambda: len(delivery.parked_lanes) == 3)
        assert await delivery.forget_user("u1") == 3
        data_plane.open = True
        assert await outbox.outcomes(positions) == [(DISCARDED, DELIVERED)] * 3
    assert all(b"u1" not in call.body and b'"e1"' not in call.body for call in data_plane.calls)


async def test_an_outbox_that_cannot_be_written_is_tried_again() -> None:
    """A delivered record is not sent again while its settlement waits for the disk."""

    class _FullDisk(MemoryOutbox):
        failures = 1

        async def settle(self, settlements: list[Settlement]) -> None:  # type: ignore[override]  # narrower is enough here
            if self.failures:
                self.failures -= 1
                raise OutboxUnavailable("no space left")
            await super().settle(settlements)

    outbox, data_plane = _FullDisk(), _DataPlane()
    async with _delivering(outbox, data_plane):
        positions = await outbox.append([_chunk(Lane("shop", Kind.ITEMS), "a")])
        assert await outbox.outcomes(positions) == [(DELIVERED,)]
    assert len(data_plane.calls) == 1


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.001)
