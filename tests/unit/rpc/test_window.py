"""What lies between the two tasks of a stream."""

import asyncio
from typing import Any

import pytest

from gateway.acceptance import Admission, Prepared
from gateway.outbox.interface import OutboxUnavailable
from gateway.records import Chunk, Kind, Lane, Record
from gateway.routing.limits import Held
from gateway.rpc.errors import Draining
from gateway.rpc.window import Window
from gateway.telemetry.metrics import RECORDS_ACCEPTED

CHUNK = Chunk(Lane("shop", Kind.ITEMS), "a", "web", (Record("i", b"{}"),))
LABELS = ("shop", "items", "web")


class Noting(Held):
    """Notes that it was released."""

    released = False

    def release(self) -> None:
        self.released = True


def put(window: Window, sequence: int) -> tuple[asyncio.Future[Any], Noting]:
    """Put a request into a window; return what says that it is durable, and what it holds."""
    stored: asyncio.Future[Any] = asyncio.Future()
    held = Noting()
    window.add(sequence, Admission(Prepared([""], [CHUNK], [range(1)]), stored), held)
    return stored, held


async def test_what_is_durable_is_taken_in_order_up_to_a_gap() -> None:
    """Its records are counted, and its caller's limits let go of."""
    RECORDS_ACCEPTED.values.clear()
    window = Window(3)
    (first, held), (second, _), (third, waits) = (put(window, n) for n in (1, 2, 3))
    for one in (third, first):
        one.set_result(())
    assert await window.oldest_is_durable()
    assert [sequence for sequence, _ in window.take_durable()] == [1]
    assert (held.released, waits.released) == (True, False)
    assert RECORDS_ACCEPTED.values == {LABELS: 1}
    second.set_result(())
    assert [sequence for sequence, _ in window.take_durable()] == [2, 3]


async def test_there_is_room_again_once_one_is_taken() -> None:
    """Until then, whoever asks waits."""
    window = Window(1)
    stored, _ = put(window, 1)
    waiting = asyncio.create_task(window.room())
    await asyncio.sleep(0)
    assert not waiting.done()
    stored.set_result(())
    assert [sequence for sequence, _ in window.take_durable()] == [1]
    await waiting


async def test_the_end_comes_after_all_is_taken() -> None:
    """With the error that the stream ended with, if there is one."""
    window, failed = Window(2), Window(2)
    failed.end(Draining())
    stored, _ = put(window, 1)
    window.end()
    stored.set_result(())
    assert await window.oldest_is_durable()
    assert len(list(window.take_durable())) == 1
    assert not await window.oldest_is_durable()
    with pytest.raises(Draining):
        await failed.oldest_is_durable()


async def test_what_is_left_is_settled_when_it_is_stored() -> None:
    """What was not stored holds nothing either, but does not count."""
    RECORDS_ACCEPTED.values.clear()
    window = Window(3)
    left = [put(window, n) for n in (1, 2, 3)]
    window.abandon()
    left[0][0].set_result(())
    left[1][0].set_exception(OutboxUnavailable("full"))
    left[2][0].cancel()
    await asyncio.sleep(0)
    assert [held.released for _, held in left] == [True, True, True]
    assert RECORDS_ACCEPTED.values == {LABELS: 1}
