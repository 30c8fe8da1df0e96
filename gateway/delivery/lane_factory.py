"""The lanes as destinations and settings are at the moment."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

from gateway.clock import Clock
from gateway.delivery.destination import NOWHERE, Destination
from gateway.delivery.gate import Gate
from gateway.delivery.lane_journal import LaneJournal
from gateway.delivery.lane_parts import LaneParts
from gateway.delivery.memory import LaneMemory, Lasting
from gateway.delivery.open_time import OpenTime
from gateway.delivery.pace import Pace
from gateway.delivery.quota import Quota
from gateway.delivery.refusals import Refusals
from gateway.delivery.room import Room
from gateway.delivery.runner import LaneRunner, OnBlocked
from gateway.delivery.settings import DeliverySettings
from gateway.outbox.interface import OutboxReader
from gateway.personalize.call import DataPlane
from gateway.records import Lane


@dataclass(slots=True)
class LaneFactory:
    """Makes the runners of lanes, and brings them up to date.

    Attributes:
        settled: set whenever something of a lane was settled.
        remembered: what earlier starts knew of lanes.
        room: what all lanes hold in memory together.
        gate: lets their calls in.
    """

    outbox: OutboxReader
    data_plane: DataPlane
    destinations: Mapping[str, Destination]
    settings: DeliverySettings
    clock: Clock
    random: Random
    lasting: Lasting
    on_blocked: OnBlocked | None
    settled: asyncio.Event
    remembered: Mapping[Lane, LaneMemory] = field(default_factory=dict)
    room: Room = field(default_factory=Room)
    gate: Gate = field(default_factory=Gate)

    def runner(self, lane: Lane) -> LaneRunner:
        """Return a runner that has yet to be started."""
        remembered = self.remembered.get(lane, LaneMemory())
        now_s = self.clock.monotonic()
        spans, is_open = remembered.spans, not remembered.paused
        parts = LaneParts(
            lane.kind,
            self.settings,
            Quota(self._rate_per_s(lane), now_s=now_s),
            Pace(self.settings.pace, self.random),
            Refusals(self.settings.refusals),
            OpenTime(self.lasting.boot, now_s, spans, is_open=is_open),
            self.room,
        )
        return LaneRunner(
            lane,
            parts,
            self._destination(lane),
            self.outbox,
            self.data_plane,
            self.clock,
            self.settled,
            LaneJournal(lane, self.lasting.journal),
            self.gate,
            self.on_blocked,
            remembered.paused,
        )

    def reconfigure(self, runner: LaneRunner) -> bool:
        """Bring a runner up to date; see `LaneRunner.reconfigure`."""
        lane = runner.lane
        return runner.reconfigure(self._destination(lane), self.settings, self._rate_per_s(lane))

    def _destination(self, lane: Lane) -> Destination:
        return self.destinations.get(lane.dataset_group, NOWHERE)

    def _rate_per_s(self, lane: Lane) -> float:
        return self.settings.quotas[lane.kind] * self._destination(lane).quota_share
