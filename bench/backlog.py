"""Group 4, the backlog: what it costs to accept, to deliver and to keep in memory.

For each size a gateway whose upstream is away takes so many records, of all kinds; then what it
costs to accept more is measured in turn with a gateway that has only what the measurement itself
sends. A new gateway takes over the outbox, with an upstream that answers, and its delivery is
measured. The largest backlog takes minutes: `python -m bench backlog`.
"""

import asyncio
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from personalize_gateway.v1.action_interaction_pb2 import ActionInteraction
from personalize_gateway.v1.action_pb2 import Action
from personalize_gateway.v1.ingest_service_pb2 import IngestRecord, IngestRequest
from personalize_gateway.v1.item_pb2 import Item
from personalize_gateway.v1.user_pb2 import User

from bench.baselines.events import event_time_s
from bench.effort import Effort
from bench.gateway import Running, gateway
from bench.load import load
from bench.messages import INGEST, event
from bench.processes import memory_mib
from bench.results import Figure, Target
from bench.rounds import Rounds, ratio_name
from bench.trial import Work, accepted
from bench.upstream import upstream

GROUP = "backlog"
SIZES = (10, 10_000, 1_000_000, 5_000_000)
_LARGEST = f"{SIZES[-1]:,} waiting"

_ACCEPTED, _BESIDE = "accepted", "accepted beside it, with few waiting"
_INGEST, _DELIVERY = "ingest, PSS", "delivery, PSS"
TARGETS = {
    ratio_name(f"{_LARGEST}: {_ACCEPTED}", f"{_LARGEST}: {_BESIDE}"): Target(0.95, at_least=True),
    **{f"{size:,} waiting: {_INGEST}": Target(120) for size in SIZES},
    f"{_LARGEST}: {_DELIVERY}": Target(250),
}

_RATE = "records/s a core"
_RECORDS_A_MESSAGE = 10
_MESSAGES_A_STREAM = 20_000
_MESSAGES_A_ROUND = 1_000
_DELIVERED = 100_000
_PATIENCE_S = 120.0
_PAUSE_S = 0.1
_MIB = 1024 * 1024


async def measure(effort: Effort) -> list[Figure]:
    """Return what accepting and delivering cost, and memory and disk, at each backlog.

    Raises:
        LoadFailed, NotAsSent: not all that was sent was accepted.
        TimeoutError: what waited was not delivered.
    """
    rounds, ratios = Rounds(GROUP, TARGETS), list[Figure]()
    for size in SIZES:
        records = max(SIZES[0], effort.of(size))
        name = f"{records:,} waiting"
        with TemporaryDirectory() as folder:
            outbox = Path(folder) / "outbox"
            await _accept(rounds, effort, name, records, outbox)
            await _deliver(rounds, name, records, outbox)
        ratios.append(rounds.ratio(f"{name}: {_ACCEPTED}", f"{name}: {_BESIDE}"))
    return [*rounds.figures(), *ratios]


async def _accept(rounds: Rounds, effort: Effort, name: str, records: int, outbox: Path) -> None:
    async with (
        gateway() as few,
        gateway(outbox={"path": str(outbox)}) as many,
        load(INGEST, _stream(effort.of(_MESSAGES_A_ROUND)), connections=1, streams=1) as round_of,
    ):
        await _build(many, records)
        work = Work(round_of, 1, effort.of(_MESSAGES_A_ROUND) * _RECORDS_A_MESSAGE)
        await accepted(few, work)  # The first requests of a process cost more.
        for _ in range(effort.rounds):
            for which, running in ((_BESIDE, few), (_ACCEPTED, many)):
                ingest_us = (await accepted(running, work)).cpu.ingest_us
                rounds.add(f"{name}: {which}", _RATE, work.all_events / ingest_us * 1e6)
        (ingest,) = many.ingest
        rounds.add(f"{name}: {_INGEST}", "MiB", memory_mib(ingest).pss)
        rounds.add(f"{name}: files", "MiB", _files_mib(outbox))


def _files_mib(folder: Path) -> float:
    return sum(file.stat().st_size for file in folder.iterdir()) / _MIB


async def _build(running: Running, records: int) -> None:
    """Have a gateway take so many records."""
    left = records // _RECORDS_A_MESSAGE
    messages = min(left, _MESSAGES_A_STREAM)
    async with load(INGEST, _stream(messages), connections=1, streams=1) as stream:
        for _ in range(left // messages):
            await accepted(running, Work(stream, 1, messages * _RECORDS_A_MESSAGE))


async def _deliver(rounds: Rounds, name: str, records: int, outbox: Path) -> None:
    """Let another gateway deliver what waits, or the first part of it."""
    async with (
        upstream() as personalize,
        gateway(upstream=personalize, outbox={"path": str(outbox)}) as running,
    ):
        first = await _until_settled(running, 1)
        before, start_s = running.cpu(), time.monotonic()
        settled = await _until_settled(running, min(records, _DELIVERED)) - first
        passed_s, spent = time.monotonic() - start_s, running.cpu().since(before)
        memory = memory_mib(running.delivery)
        rounds.add(f"{name}: {_DELIVERY}", "MiB", memory.pss)
        rounds.add(f"{name}: delivery, peak RSS", "MiB", memory.peak_rss)
        if settled and records >= _DELIVERED:
            rounds.add(f"{name}: delivered", "records/s", settled / passed_s)
            rounds.add(f"{name}: delivery", "µs a record", spent.delivery_us / settled)


async def _until_settled(running: Running, records: int) -> int:
    """Wait until the outcome of so many records is final; return of how many it is."""
    async with asyncio.timeout(_PATIENCE_S):
        while (settled := await _settled(running)) < records:  # noqa: ASYNC110 - of another process
            await asyncio.sleep(_PAUSE_S)
        return settled


async def _settled(running: Running) -> int:
    return int(await running.metric("gateway_records_settled_total"))


def _stream(messages: int) -> Iterator[bytes]:
    """Yield the messages of a stream, each with records of all kinds."""
    for number in range(messages):
        request = IngestRequest(sequence=number + 1, records=_records(number))
        yield request.SerializeToString()


def _records(number: int) -> Sequence[IngestRecord]:
    """Return ten records: an event more often than an item, and that than the rest."""
    events = [event(number, f"session-{number // 3 + of:010}") for of in range(5)]
    items = [Item(item_id=f"item-{number}-{of}") for of in range(2)]
    for item in items:
        item.properties.update({"price": 9.5, "category": "shoes"})
    user = User(user_id=f"user-{number}")
    user.properties.update({"age": 42, "membership": "gold"})
    action = Action(action_id=f"action-{number}")
    action.properties.update({"value": 7, "channel": "mail"})
    interaction = ActionInteraction(
        session_id=f"session-{number}",
        user_id=user.user_id,
        event_type="taken",
        action_id=action.action_id,
    )
    interaction.event_time.seconds = event_time_s()
    return (
        *(IngestRecord(event=one) for one in events),
        *(IngestRecord(item=one) for one in items),
        IngestRecord(user=user),
        IngestRecord(action=action),
        IngestRecord(action_interaction=interaction),
    )
