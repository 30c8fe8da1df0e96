"""Watching an event tracker until it settles."""

import asyncio
from collections.abc import AsyncGenerator
from random import Random

import structlog

from gateway.api import EventTracker
from gateway.clock import Clock
from gateway.errors import ControlPlaneUnavailable
from gateway.trackers.dataset_group import TrackedGroup
from gateway.trackers.errors import TrackerUnknown
from gateway.trackers.pace import Pace
from gateway.trackers.shown import gone, shown

log = structlog.get_logger()


class Watch:
    """Looks at event trackers again and again.

    Args:
        clock: waits.
        random: spreads the looks.
        pace: how often it looks.
    """

    def __init__(self, clock: Clock, random: Random, pace: Pace) -> None:
        self._clock = clock
        self._random = random
        self._pace = pace

    async def changes(self, group: TrackedGroup, name: str) -> AsyncGenerator[EventTracker, None]:
        """Yield an event tracker now and at each change of its status, until it settles.

        It is settled when it is ACTIVE, has failed or is gone. Once it was shown, a passing fault
        of AWS is waited out. It is followed by its ARN: another of the same name, created after it
        was deleted, is another.

        Raises:
            TrackerUnknown: there is none of that name.
            DatasetGroupMissing: AWS does not have the dataset group.
            RequestRefused: AWS refuses the name.
            ControlPlaneUnavailable: AWS cannot be asked now, and nothing was shown yet.
            AccessDenied: AWS does not let the gateway look, or does so no longer.
        """
        arn = await group.arn_of(name)
        last = shown(group.name, await group.describe(name, arn))
        yield last
        looks = 0
        fault: ControlPlaneUnavailable | None = None
        while not _is_settled(last):
            await self._wait(looks, fault)
            looks += 1
            try:
                tracker = shown(group.name, await group.describe(name, arn))
            except TrackerUnknown:
                yield gone(last)
                return
            except ControlPlaneUnavailable as error:
                if fault is None:
                    log.warning("AWS did not answer a watch; it goes on", code=error.code)
                fault = error
                continue
            fault = None
            if tracker.aws_status != last.aws_status:
                looks, last = 0, tracker
                yield tracker

    async def _wait(self, looks: int, fault: ControlPlaneUnavailable | None) -> None:
        asked_s = fault.retry_after_s if fault else None
        wait_s = self._pace.wait_s(looks, self._random.random(), asked_s or 0.0)
        await self._clock.wait(asyncio.Event(), self._clock.monotonic() + wait_s)


def _is_settled(tracker: EventTracker) -> bool:
    # By AWS's word: one that is not known here may say that something has failed, too.
    return tracker.aws_status == "ACTIVE" or tracker.aws_status.endswith("FAILED")
