"""What the figures rest on: messages of every shape arrive at Personalize, each event once.

nginx counts calls and keeps nothing. So here the upstream is the emulator, which checks calls by
AWS's own service models and keeps their events.
"""

import json
from collections import Counter
from collections.abc import Sequence

from bench.contenders import SIZES, caller
from bench.effort import Effort
from bench.gateway import gateway
from bench.results import Figure, Target
from bench.rounds import Rounds
from gateway.personalize.emulator import DOCUMENTED_QUOTAS, Emulator, EmulatorConfig

GROUP = "correctness"

_WAYS = {"aio": "PutEvents", "delivered": "PutEvents, DELIVERED", "stream": "Ingest"}
_SHAPES = {(way, events): f"{_WAYS[way]}, {events} a message" for way in _WAYS for events in SIZES}
_MESSAGES = 100
_TARGETS = {
    f"{name}: events {what}": Target(0) for name in _SHAPES.values() for what in ("lost", "doubled")
}


async def measure(effort: Effort) -> Sequence[Figure]:
    """Send messages of every shape; count the events that are lost, and that arrive twice."""
    rounds, messages = Rounds(GROUP, _TARGETS), effort.of(_MESSAGES)
    for (way, events), name in _SHAPES.items():
        arrived = await _arrived(way, events, messages)
        rounds.add(f"{name}: events lost", "events", messages * events - len(arrived))
        rounds.add(f"{name}: events doubled", "events", arrived.total() - len(arrived))
    return rounds.figures()


async def _arrived(way: str, events: int, messages: int) -> Counter[str]:
    """Return how often each event ID has arrived at the emulator."""
    unlimited = EmulatorConfig(quotas=dict.fromkeys(DOCUMENTED_QUOTAS))
    async with (
        Emulator(unlimited) as emulator,
        gateway(upstream=emulator) as running,
        caller(way, running, events) as sender,
    ):
        await sender.call_us(messages)
        await running.until_delivered(messages * events)
        return Counter(json.loads(one.element)["eventId"] for one in emulator.records())
