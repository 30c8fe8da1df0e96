"""The gauges of a child, set whenever somebody asks for its numbers."""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from gateway.config import Config
from gateway.delivery.steps import LaneStatus
from gateway.delivery_side import DeliverySide, delivery_settings
from gateway.outbox.writer import SqliteWriter
from gateway.records import Lane
from gateway.telemetry import metrics
from gateway.telemetry.instruments import Labels

if TYPE_CHECKING:
    from gateway.ingest_side import IngestSide  # Delivery does without what it imports.


class IngestNumbers:
    """Those of an ingest process."""

    def __init__(self, side: "IngestSide", writer: SqliteWriter) -> None:
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

    Args:
        dead_letters: returns how many are kept.

    Attributes:
        config: says what each lane's quota is; to be replaced when it is.
    """

    def __init__(
        self, config: Config, side: DeliverySide, dead_letters: Callable[[], Mapping[Lane, int]]
    ) -> None:
        self.config = config
        self._side = side
        self._dead_letters = dead_letters
        self._began_s = time.monotonic()

    async def observe(self) -> None:
        """Set them."""
        statuses = self._side.delivery.statuses()
        oldest_s = await self._side.delivery.oldest_s()
        metrics.RECORDS_WAITING.replace(
            (_of(lane), one.records_ahead) for lane, one in statuses.items()
        )
        # What was accepted before the last start is of an unknown age, and older than this process.
        at_least_s = time.monotonic() - self._began_s
        metrics.OLDEST_RECORD_AGE.replace(
            (_of(lane), oldest_s.get(lane, at_least_s if one.records_ahead else 0.0))
            for lane, one in statuses.items()
        )
        metrics.LANE_STATE.replace(
            ((*_of(lane), *_state(one)), 1) for lane, one in statuses.items()
        )
        metrics.LANE_RATE.replace((_of(lane), one.rate_per_s) for lane, one in statuses.items())
        metrics.LANE_QUOTA.replace((_of(lane), self._quota_per_s(lane)) for lane in statuses)
        metrics.DISCOVERY_AGE.replace(self._discovery_ages_s())
        metrics.DEAD_LETTERS.replace(self._dead_letter_counts().items())

    def _quota_per_s(self, lane: Lane) -> float:
        group = self.config.dataset_groups.get(lane.dataset_group)
        share = 1.0 if group is None else group.quota_share
        return delivery_settings(self.config).quotas[lane.kind] * share

    def _discovery_ages_s(self) -> Iterator[tuple[Labels, float]]:
        now_s = time.time()
        for name, facts in self._side.discovery.facts.items():
            if facts.refreshed_at_s is not None:
                yield (name,), now_s - facts.refreshed_at_s

    def _dead_letter_counts(self) -> Mapping[Labels, int]:
        found: dict[Labels, int] = {(group,): 0 for group in self.config.dataset_groups}
        for lane, count in self._dead_letters().items():
            of_group = (lane.dataset_group,)
            found[of_group] = found.get(of_group, 0) + count
        return found


def _of(lane: Lane) -> tuple[str, str]:
    """Return the values of a lane's labels."""
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
