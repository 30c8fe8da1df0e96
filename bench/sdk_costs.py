"""What events cost a service that sends them to Personalize itself."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Self

from bench.baselines.events import MAX_EVENTS
from bench.effort import Effort
from bench.worker import Worker

SDKS = ("boto3", "aiobotocore")

_CALLS = 400


def sdk_names(events: int) -> Iterator[str]:
    """Yield the names of what some events cost by each SDK, as full calls and one event a call."""
    for sdk in SDKS:
        yield sdk
        if events > 1:
            yield f"{sdk}, one event a call"


@dataclass(frozen=True, slots=True)
class SdkCosts:
    """What a call costs, in microseconds, by SDK and events in it."""

    _call_us: Mapping[tuple[str, int], float]

    @classmethod
    async def measured(cls, sdks: Mapping[tuple[str, int], Worker], effort: Effort) -> Self:
        """Let each of the services make some calls."""
        calls = effort.of(_CALLS)
        return cls({which: await sdk.call_us(calls) for which, sdk in sdks.items()})

    def of(self, events: int) -> Iterator[tuple[str, float]]:
        """Yield the names of `sdk_names`, each with what so many events cost in microseconds."""
        full = min(events, MAX_EVENTS)
        sizes = [(sdk, size) for sdk in SDKS for size in dict.fromkeys((full, 1))]
        costs_us = (events / size * self._call_us[sdk, size] for sdk, size in sizes)
        return zip(sdk_names(events), costs_us, strict=True)
