"""What follows when a stream has ended."""

import logging
from collections.abc import Callable

from grpc import StatusCode

from personalize_gateway.attempts import backoff_s
from personalize_gateway.errors import GatewayError
from personalize_gateway.options import Options
from personalize_gateway.publishing.backlog import Backlog, Settled

log = logging.getLogger("personalize_gateway")

# What is about all that was sent: who calls, or where to, is wrong.
_OF_ALL = {
    StatusCode.UNAUTHENTICATED,
    StatusCode.PERMISSION_DENIED,
    StatusCode.NOT_FOUND,
    StatusCode.UNIMPLEMENTED,
}
# All before it was acknowledged, so it is the oldest.
_OF_ONE_REQUEST = {
    StatusCode.INVALID_ARGUMENT,
    StatusCode.FAILED_PRECONDITION,
    StatusCode.OUT_OF_RANGE,
}
_OF_CONNECTIONS = {StatusCode.INTERNAL, StatusCode.UNKNOWN, StatusCode.CANCELLED}
"""A status of these without a reason is no gateway's: it may be a connection's, or a proxy's."""

_MAX_UNCLEAR = 5
"""So often streams may end at a request for a reason that may be its fault or may pass."""


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
        self._unclear = 0

    def progress(self) -> None:
        """Note that something was acknowledged: the next wait is short again."""
        self._failures = 0
        self._unclear = 0

    def ended(self, backlog: Backlog, error: GatewayError | None) -> tuple[Settled, float]:
        """Put back or refuse what is on the stream.

        Args:
            backlog: what it is taken from.
            error: what the stream ended with; None for OK.

        Returns:
            What is refused, and how long to wait in seconds: not at all where nothing is left.
        """
        log.info("the stream has ended: %s", error or "OK")
        settled = Settled()
        if error is not None and not backlog.is_all_acknowledged:
            settled = self._refuse(backlog, error)
        if settled:
            self._unclear = 0
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
        if error.code in _OF_ALL:
            return backlog.give_up_sent(error)
        if error.code not in _OF_ONE_REQUEST and error.reason != "MESSAGE_TOO_LARGE":
            self._unclear += 1
            if self._unclear < _MAX_UNCLEAR:
                return Settled()
        return backlog.give_up_first(error)
