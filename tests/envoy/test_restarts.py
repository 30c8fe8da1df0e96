"""Gateways that end and come back behind Envoy, while they are called."""

import asyncio
import os
import signal
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import grpc
import pytest
from personalize_gateway.v1.event_service_pb2 import PutEventsRequest
from personalize_gateway.v1.event_service_pb2_grpc import EventServiceStub

from gateway.personalize.emulator import Emulator
from tests.envoy.pair import Member, Pair
from tests.support.messages import event
from tests.support.served import until

IN_FLIGHT = 4
PAUSE_S = 0.03

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def put(channel: grpc.aio.Channel, item_id: str) -> str:
    """Send an event that has no event ID; return the one that it was given."""
    request = PutEventsRequest(events=[event(item_id=item_id)])
    response = await EventServiceStub(channel).PutEvents(request)
    (event_id,) = response.event_ids
    return str(event_id)


@dataclass
class Calling:
    """Calls that go on until they are to end. The first that fails ends the test.

    Attributes:
        event_ids: that of each item whose event was accepted.
    """

    prefix: str
    event_ids: dict[str, str] = field(default_factory=dict)
    ending: bool = False
    _begun: int = 0

    async def call(self, channel: grpc.aio.Channel) -> None:
        """Send one event after another."""
        while not self.ending:
            self._begun += 1
            item_id = f"{self.prefix}-{self._begun}"
            self.event_ids[item_id] = await put(channel, item_id)
            await asyncio.sleep(PAUSE_S)

    async def more(self, count: int) -> None:
        """Wait until so many more were answered."""
        enough = len(self.event_ids) + count
        await until(lambda: len(self.event_ids) >= enough)

    def counted(self, emulator: Emulator) -> dict[str, str]:
        """Return the event ID, or the several, by which Personalize knows each item's event."""
        found: dict[str, set[str]] = defaultdict(set)
        for record in emulator.records("events"):
            element = record.parsed()
            if element["itemId"].startswith(f"{self.prefix}-"):
                found[element["itemId"]].add(element["eventId"])
        return {item_id: " and ".join(event_ids) for item_id, event_ids in found.items()}


@asynccontextmanager
async def calling(pair: Pair, prefix: str) -> AsyncIterator[Calling]:
    """Call through Envoy as long as the context lasts; all calls are answered when it ends."""
    made = Calling(prefix)
    async with pair.sidecar.channel() as channel, asyncio.TaskGroup() as tasks:
        for _ in range(IN_FLIGHT):
            tasks.create_task(made.call(channel))
        yield made
        made.ending = True


async def restart(pair: Pair, member: Member, other: Member) -> None:
    """Stop one as Kubernetes does, and start it again; return when it is called again."""
    await member.end(signal.SIGTERM)
    await pair.sends_to(other)
    await member.start()
    await pair.sends_to(member, other)


def is_frozen(pid: int) -> bool:
    """Return whether all threads of a process have stopped."""
    threads = [file.read_text() for file in Path(f"/proc/{pid}/task").glob("*/stat")]
    return all(thread.rpartition(")")[2].split()[0] == "T" for thread in threads)


async def kill_while_called(pair: Pair, member: Member) -> None:
    """Kill one that has calls to answer: it is frozen until all callers wait for it."""
    supervisor, ingest = member.served.process.pid, member.served.child("ingest")
    for pid in (supervisor, ingest):
        os.kill(pid, signal.SIGSTOP)
    await until(lambda: is_frozen(supervisor) and is_frozen(ingest))
    await pair.sidecar.waits_for(member.address, IN_FLIGHT)
    os.kill(ingest, signal.SIGKILL)
    await member.end(signal.SIGKILL)


async def test_a_rolling_restart_fails_no_call(pair: Pair) -> None:
    """One gateway after the other, under load; all that was accepted arrives, as one event."""
    async with calling(pair, "rolling") as calls:
        await calls.more(50)
        await restart(pair, pair.first, pair.second)
        await calls.more(50)
        await restart(pair, pair.second, pair.first)
        await calls.more(50)
    await until(lambda: calls.counted(pair.emulator) == calls.event_ids)


async def test_a_gateway_that_dies_fails_no_call_and_counts_none_twice(pair: Pair) -> None:
    """What was under way is sent again to the other, which gives it the same event ID."""
    async with calling(pair, "killed") as calls:
        await calls.more(100)
        retried = await pair.sidecar.counter("cluster.gateway.upstream_rq_retry_success")
        await kill_while_called(pair, pair.first)
        await calls.more(100)
    assert await pair.sidecar.counter("cluster.gateway.upstream_rq_retry_success") > retried
    await pair.first.start()
    await pair.sends_to(pair.first, pair.second)
    await until(lambda: calls.counted(pair.emulator).keys() == calls.event_ids.keys())
    assert calls.counted(pair.emulator) == calls.event_ids


async def test_both_gateways_derive_the_same_event_id(pair: Pair) -> None:
    """So that what each of them took is one event to Personalize."""
    derived = set()
    for member in (pair.first, pair.second):
        async with grpc.aio.insecure_channel(member.address) as channel:
            derived.add(await put(channel, "twice"))
    assert len(derived) == 1


async def test_a_gateway_that_drains_is_taken_out_while_it_still_serves(pair: Pair) -> None:
    """Nobody sees the difference: new calls go to the other, and the one answers what comes."""
    await pair.first.reload(shutdown_notice="60s")
    pair.first.served.process.send_signal(signal.SIGTERM)
    try:
        await pair.sends_to(pair.second)
        async with grpc.aio.insecure_channel(pair.first.address) as channel:
            assert await put(channel, "to-the-draining-one")
        before = await pair.sidecar.calls()
        async with calling(pair, "drained") as calls:
            await calls.more(20)
        after = await pair.sidecar.calls()
        made = {address: after[address] - before[address] for address in after}
        assert made == {pair.first.address: 0, pair.second.address: len(calls.event_ids)}
    finally:
        await pair.first.end(signal.SIGKILL)
