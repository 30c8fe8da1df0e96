"""Which calls may be under way beside which."""

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.delivery.gate import Gate


@settings(max_examples=200, deadline=None)
@given(
    calls=st.lists(st.tuples(st.booleans(), st.integers(0, 3), st.booleans()), max_size=20),
)
def test_a_call_by_itself_is_by_itself_and_everybody_gets_in_in_turn(
    calls: list[tuple[bool, int, bool]],
) -> None:
    """Also where some that wait give up."""
    asyncio.run(_all_enter(calls))


async def _all_enter(calls: list[tuple[bool, int, bool]]) -> None:
    """Make calls: each is by itself or not, takes so many turns of the loop, and may give up."""
    gate = Gate()
    inside: list[bool] = []
    entered: list[int] = []

    async def call(number: int, turns: int, *, by_itself: bool) -> None:
        await gate.enter(by_itself=by_itself)
        entered.append(number)
        inside.append(by_itself)
        for _ in range(turns):
            assert len(inside) == 1 or not any(inside)
            await asyncio.sleep(0)
        inside.remove(by_itself)
        gate.leave(by_itself=by_itself)

    given_up = 0
    async with asyncio.TaskGroup() as tasks:
        for number, (by_itself, turns, gives_up) in enumerate(calls):
            task = tasks.create_task(call(number, turns, by_itself=by_itself))
            await asyncio.sleep(0)
            if gives_up and number not in entered:
                given_up += task.cancel()
    assert (entered, len(entered)) == (sorted(entered), len(calls) - given_up)
    assert repr(gate) == "<Gate 0 calls, open>"


async def test_nobody_passes_a_call_that_waits_to_be_by_itself() -> None:
    """However many come after it."""
    gate = Gate()
    await gate.enter(by_itself=False)
    lone = asyncio.create_task(gate.enter(by_itself=True))
    later = asyncio.create_task(gate.enter(by_itself=False))
    await asyncio.sleep(0)
    gate.leave(by_itself=False)
    await lone
    assert not later.done()
    gate.leave(by_itself=True)
    await later
