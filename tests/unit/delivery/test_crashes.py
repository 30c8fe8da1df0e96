"""Records that kill the delivery process, among others that do not."""

import asyncio
import contextlib
import json
from collections.abc import Sequence
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.clock import SystemClock
from gateway.dataset_group import UNKNOWN, DatasetFacts, DatasetGroupFacts, TrackerFacts
from gateway.delivery.destination import Destination
from gateway.delivery.engine import Delivery, DeliverySettings
from gateway.delivery.journal import Journal
from gateway.delivery.lane import MAX_CRASHES
from gateway.delivery.memory import Lasting
from gateway.outbox.interface import DELIVERED, OutcomeState
from gateway.outbox.memory import MemoryOutbox
from gateway.personalize.call import Call, Endpoint
from gateway.records import Chunk, Kind, Lane, Record

FACTS = DatasetGroupFacts(
    "shop",
    "arn:shop",
    TrackerFacts("", "", "events-id", UNKNOWN),
    {kind: DatasetFacts(f"arn:{kind}", tracking_id="actions-id") for kind in Kind},
)
GROUPS = ("shop", "outlet")
SETTINGS = DeliverySettings(linger_s=0.0, quotas=dict.fromkeys(Kind, 1e6), call_timeout_s=0.001)
LANES = [Lane(group, kind) for group in GROUPS for kind in (Kind.EVENTS, Kind.ITEMS, Kind.USERS)]


class _Mortal:
    """A data plane whose process dies, at once or soon, when it is given one of some records.

    Attributes:
        died: set when the process is dead: nothing is answered from then on.
    """

    def __init__(self, killers: set[str], random: Random) -> None:
        self.died = asyncio.Event()
        self._killers = [f'"{killer}"'.encode() for killer in killers]
        self._random = random

    async def put(self, call: Call) -> None:
        for _ in range(self._random.randrange(4)):
            await asyncio.sleep(0)
        if any(killer in call.body for killer in self._killers):
            self.died.set()
        if self.died.is_set():
            await asyncio.Event().wait()

    async def close(self) -> None:
        pass


async def _live(outbox: MemoryOutbox, path: Path, data_plane: _Mortal, random: Random) -> bool:
    """Deliver until the process dies, or nothing is left; return whether it died."""
    # It is not closed: nothing is, by a process that dies.
    lasting = Lasting(journal=Journal(path / "in-flight"))
    destinations = {group: Destination(Endpoint("eu-west-1"), FACTS) for group in GROUPS}
    delivery = Delivery(
        outbox,
        data_plane,
        destinations,
        SETTINGS,
        clock=SystemClock(),
        random=random,
        lasting=lasting,
    )
    running = asyncio.create_task(delivery.run())
    ends = [asyncio.create_task(one) for one in (delivery.drained(), data_plane.died.wait())]
    async with asyncio.timeout(60):
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    for task in (running, *ends):
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    return data_plane.died.is_set()


async def _lives(
    records: Sequence[tuple[Lane, str, int]], killers: set[str], random: Random
) -> tuple[int, set[str]]:
    """Deliver records over as many lives as it takes; return how many deaths, and what is dead."""
    outbox, deaths = MemoryOutbox(), 0
    chunks = [
        Chunk(lane, "web", "route", (Record(i, json.dumps({"id": i}).encode(), f"s{n}", None),))
        for lane, i, n in records
    ]
    positions = await outbox.append(chunks)
    with TemporaryDirectory() as directory:
        while await _live(outbox, Path(directory), _Mortal(killers, random), random):
            deaths += 1
            assert deaths <= MAX_CRASHES * len(killers)
    outcomes = [outcome for (outcome,) in await outbox.outcomes_so_far(positions)]
    dead = {
        record_id
        for (_, record_id, _), outcome in zip(records, outcomes, strict=True)
        if outcome.state is OutcomeState.DEAD_LETTERED
    }
    assert all(
        outcome == DELIVERED or record_id in dead
        for (_, record_id, _), outcome in zip(records, outcomes, strict=True)
    )
    return deaths, dead


@settings(max_examples=40, deadline=None)
@given(
    placed=st.lists(st.tuples(st.sampled_from(LANES), st.integers(0, 2)), min_size=1, max_size=80),
    killing=st.sets(st.integers(0, 79), min_size=1, max_size=3),
    seed=st.integers(0, 2**32),
)
def test_a_record_that_kills_the_process_stops_nobody_but_itself(
    placed: list[tuple[Lane, int]], killing: set[int], seed: int
) -> None:
    """Whatever was in flight beside it, in its lane and in others, is delivered."""
    records = [(lane, f"r{number}", session) for number, (lane, session) in enumerate(placed)]
    killers = {f"r{number % len(records)}" for number in killing}
    deaths, dead = asyncio.run(_lives(records, killers, Random(seed)))
    assert dead == killers
    assert deaths >= MAX_CRASHES
