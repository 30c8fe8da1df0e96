"""What follows when a stream has ended."""

import logging
from collections.abc import Callable

from grpc import StatusCode

from personalize_gateway.attempts import backoff_s
from personalize_gateway.errors import GatewayError
from personalize_gateway.options import Options
from personalize_gateway.publishing.backlog import Backlog, Settled

log = logging.getLogger("personalize_gateway")

# What no repetition changes: who calls, or where to, is wrong.
_FINAL = {
    StatusCode.UNAUTHENTICATED,
    StatusCode.PERMISSION_DENIED,
    StatusCode.NOT_FOUND,
    StatusCode.FAILED_PRECONDITION,
    StatusCode.UNIMPLEMENTED,
}
# All before it was acknowledged, so it is the oldest. A RESOURCE_EXHAUSTED that does not say when
# to try again means that the message is too large.
_OF_ONE_REQUEST = {StatusCode.INVALID_ARGUMENT, StatusCode.RESOURCE_EXHAUSTED}
_OF_CONNECTIONS = {StatusCode.INTERNAL, StatusCode.CANCELLED, StatusCode.UNKNOWN}
"""A status of these without a reason is no gateway's: it may be a connection's, or a proxy's."""

_MAX_UNFORESEEN = 5
"""So often a request is sent that ends its stream in a way that nobody has foreseen."""


class Endings:
    """Decides after each stream what is refused, and how long to wait before the next.

    Args:
        options: how long to wait.
        jitter: returns a number from 0 up to 1.
    """

    def __init__(self, options: Options, jitter: Callable[[], float]) -> None:
        self._options = options
        self._jitter = jitter
        self._failures = 0
        self._unforeseen = 0

    def progress(self) -> None:
        """Note that something was acknowledged: the next wait is short again."""
        self._failures = 0
        self._unforeseen = 0

    def ended(self, backlog: Backlog, error: GatewayError | None) -> tuple[Settled, float]:
        """Put back or refuse what is on the stream.

        Args:
            backlog: what it is taken from.
            error: what the stream ended with; None for OK.

        Returns:
            What is refused, and how long to wait in seconds: not at all where nothing is left.
        """
        log.info("the stream has ended: %s", error or "OK")
        settled = Settled() if error is None else self._refuse(backlog, error)
        backlog.interrupted()
        if not backlog.has_waiting:
            return settled, 0.0
        self._failures += 1
        delay_s = backoff_s(self._options, self._failures, self._jitter)
        least_s = 0.0 if error is None else error.retry_delay_s or 0.0
        return settled, least_s + delay_s

    def _refuse(self, backlog: Backlog, error: GatewayError) -> Settled:
        if error.may_be_retried or (not error.reason and error.code in _OF_CONNECTIONS):
            return Settled()
        if error.code in _FINAL:
            return backlog.give_up_sent(error)
        if error.code in _OF_ONE_REQUEST:
            return backlog.give_up_first(error)
        self._unforeseen += 1
        if self._unforeseen < _MAX_UNFORESEEN:
            return Settled()
        self._unforeseen = 0
        return backlog.give_up_first(error)
