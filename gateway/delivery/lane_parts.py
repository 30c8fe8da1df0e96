"""What a lane keeps when it reads its records anew."""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.delivery.journal import RefKey
from gateway.delivery.lane import LaneState
from gateway.delivery.open_time import OpenTime
from gateway.delivery.pace import Pace
from gateway.delivery.queues import queue_of
from gateway.delivery.quota import Quota
from gateway.delivery.refusals import Refusals
from gateway.delivery.room import Room
from gateway.delivery.settings import DeliverySettings
from gateway.delivery.steps import LaneLimits
from gateway.records import Kind


@dataclass(slots=True)
class LaneParts:
    """The parts of a lane's state that outlive the records that it holds.

    A lane whose records were taken out, or are to be batched otherwise, gets a new state of the
    same parts: what it has learnt of Personalize stays.
    """

    kind: Kind
    settings: DeliverySettings
    quota: Quota
    pace: Pace
    refusals: Refusals
    open_time: OpenTime
    room: Room

    def state(self, suspects: Mapping[RefKey, int], *, paused: bool) -> LaneState:
        """Return a state that holds no records yet; see `LaneState`."""
        settings = self.settings
        queue = queue_of(self.kind, settings.linger_s)
        queue.of_one_caller = self.refusals.careful
        return LaneState(
            queue,
            self.quota,
            self.pace,
            self.refusals,
            self.open_time,
            LaneLimits(settings.look_ahead, settings.max_age_s, settings.call_timeout_s),
            suspects=suspects,
            paused=paused,
            room=self.room,
        )

    def reconfigure(self, settings: DeliverySettings, rate_per_s: float, now_s: float) -> bool:
        """Take up other settings; return whether that needs a new state."""
        before, self.settings = self.settings, settings
        self.quota.reconfigure(rate_per_s, now_s)
        self.pace.reconfigure(settings.pace)
        self.refusals.reconfigure(settings.refusals)
        return _of_state(settings) != _of_state(before)


def _of_state(settings: DeliverySettings) -> tuple[object, ...]:
    """Return those settings that a state is made with."""
    return settings.linger_s, settings.look_ahead, settings.max_age_s, settings.call_timeout_s
