"""What outlives the delivery process."""

import json
from dataclasses import asdict, dataclass
from typing import Protocol

from gateway.delivery.journal import Journal
from gateway.delivery.open_time import Span
from gateway.records import Lane


@dataclass(frozen=True, slots=True)
class LaneMemory:
    """What is remembered of a lane.

    Attributes:
        spans: when it could send; see `OpenTime`.
        paused: whether an operator has paused it.
    """

    spans: tuple[Span, ...] = ()
    paused: bool = False

    def encoded(self) -> bytes:
        """Return it as bytes."""
        return json.dumps(asdict(self)).encode()

    @staticmethod
    def decoded(data: bytes) -> "LaneMemory":
        """Return what `encoded` made bytes of."""
        kept = json.loads(data)
        spans = tuple((boot, start_s, end_s) for boot, start_s, end_s in kept["spans"])
        return LaneMemory(spans, kept["paused"])


class LaneMemories(Protocol):
    """Keeps bytes for each lane."""

    async def lane_states(self) -> dict[Lane, bytes]:
        """Return what was kept last for each lane, in this run or an earlier one."""

    async def keep_lane_state(self, lane: Lane, state: bytes) -> None:
        """Keep something for a lane; when it returns it is durable.

        Raises:
            OutboxUnavailable: it was not kept; what was before still is.
        """


@dataclass(frozen=True, slots=True)
class Lasting:
    """What outlives the delivery process.

    Attributes:
        boot: the number of this boot, as it is in the outbox's stamps.
        journal: notes what is in flight; None where nothing outlives the process.
        memories: keeps what is remembered of the lanes; None likewise.
    """

    boot: int = 0
    journal: Journal | None = None
    memories: LaneMemories | None = None
