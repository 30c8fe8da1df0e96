"""The gauges of a child, set whenever somebody asks for its numbers."""

import time
from collections.abc import Mapping

from gateway.config import Config
from gateway.delivery.steps import LaneStatus
from gateway.delivery_side import DeliverySide, delivery_settings
from gateway.ingest_side import IngestSide
from gateway.outbox.dead_letters import DeadLetterFilter, DeadLetters
from gateway.outbox.interface import OutboxUnavailable
from gateway.outbox.writer import SqliteWriter
from gateway.records import Lane
from gateway.telemetry import metrics
from gateway.telemetry.instruments import Labels


class IngestNumbers:
    """Those of an ingest process."""

    def __init__(self, side: IngestSide, writer: SqliteWriter) -> None:
        self._side = side
        self._writer = writer

    async def observe(self) -> None:
        """Set them."""
        metrics.RPCS_UNDER_WAY.set(self._side.rpcs_under_way)
        metrics.OUTBOX_WRITABLE.set(self._writer.unhealthy is None)
        expires_at = self._side.certificate_expires_at
        if expires_at is not None:
            metrics.CERTIFICATE_EXPIRY.set(expires_at.timestamp())


class DeliveryNumbers:
    """Those of the delivery process.

    Attributes:
        config: says what each lane's quota is; to be replaced when it is.
    """

    def __init__(self, config: Config, side: DeliverySide, dead_letters: DeadLetters) -> None:
        self.config = config
        self._side = side
        self._dead_letters = dead_letters

    async def observe(self) -> None:
        """Set them."""
        statuses = self._side.delivery.statuses()
        self._observe_lanes(statuses)
        oldest_s = await self._side.delivery.oldest_s()
        ages_s = {_labels(lane): oldest_s.get(lane, 0.0) for lane in statuses}
        metrics.OLDEST_RECORD_AGE.replace(ages_s)
        metrics.DISCOVERY_AGE.replace(self._discovery_ages_s())
        await self._observe_dead_letters()

    def _observe_lanes(self, statuses: Mapping[Lane, LaneStatus]) -> None:
        waiting = {_labels(lane): status.records_ahead for lane, status in statuses.items()}
        metrics.RECORDS_WAITING.replace(waiting)
        states = {(*_labels(lane), *_state(status)): 1 for lane, status in statuses.items()}
        metrics.LANE_STATE.replace(states)
        rates = {_labels(lane): status.rate_per_s for lane, status in statuses.items()}
        metrics.LANE_RATE.replace(rates)
        metrics.LANE_QUOTA.replace({_labels(lane): self._quota_per_s(lane) for lane in statuses})

    def _quota_per_s(self, lane: Lane) -> float:
        group = self.config.dataset_groups.get(lane.dataset_group)
        share = 1.0 if group is None else group.quota_share
        return delivery_settings(self.config).quotas[lane.kind] * share

    def _discovery_ages_s(self) -> Mapping[Labels, float]:
        now_s = time.time()
        return {
            (name,): now_s - facts.refreshed_at_s
            for name, facts in self._side.discovery.facts.items()
            if facts.refreshed_at_s is not None
        }

    async def _observe_dead_letters(self) -> None:
        try:
            for group in self.config.dataset_groups:
                found = await self._dead_letters.totals(DeadLetterFilter(dataset_group=group))
                metrics.DEAD_LETTERS.set(found.count, group)
        except OutboxUnavailable:
            metrics.DEAD_LETTERS.replace({})  # Not known is not none.


def _labels(lane: Lane) -> tuple[str, str]:
    return lane.dataset_group, lane.kind.value


def _state(status: LaneStatus) -> tuple[str, str]:
    """Return a lane's state and its reason, as the metric names them."""
    if status.paused:
        return "paused", ""
    if status.parked is not None:
        return "parked", status.parked
    if status.backing_off is not None:
        return "backing_off", status.backing_off
    return "flowing", ""
