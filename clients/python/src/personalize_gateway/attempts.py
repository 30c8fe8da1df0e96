"""When to send a request again that was refused for the moment.

UNAVAILABLE is gRPC's to retry, by the service config. Here is what it cannot do: RESOURCE_EXHAUSTED
with a RetryInfo, whose delay is a floor.
"""

import random
from collections.abc import Callable

import grpc

from personalize_gateway.errors import GatewayError
from personalize_gateway.options import Options


class Attempts:
    """The attempts at one request, up to its deadline.

    Args:
        options: how often, and how long to wait.
        timeout_s: how long they may take together.
        clock: seconds of a clock that is never set.
        jitter: returns a number from 0 up to 1.
    """

    def __init__(
        self,
        options: Options,
        timeout_s: float,
        clock: Callable[[], float],
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._options = options
        self._clock = clock
        self._jitter = jitter
        self._deadline_s = clock() + timeout_s
        self._made = 0

    def left_s(self) -> float:
        """Return how much time is left."""
        return max(self._deadline_s - self._clock(), 0.0)

    def delay_s(self, error: GatewayError) -> float | None:
        """Return how long to wait before the next attempt; None where none is to follow.

        Args:
            error: what the attempt failed with.
        """
        self._made += 1
        exhausted = error.code is grpc.StatusCode.RESOURCE_EXHAUSTED
        if not exhausted or error.retry_delay_s is None or self._made >= self._options.max_attempts:
            return None
        delay_s = error.retry_delay_s + backoff_s(self._options, self._made, self._jitter)
        return delay_s if delay_s < self.left_s() else None


def backoff_s(
    options: Options, failures: int, jitter: Callable[[], float] = random.random
) -> float:
    """Return a random wait after so many failures in a row, in seconds."""
    grown = options.initial_backoff_s * 2.0 ** min(failures - 1, 30)
    return min(grown, options.max_backoff_s) * jitter()
