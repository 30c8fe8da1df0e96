"""What the server grants a connection, and when it is to be made anew."""

from dataclasses import dataclass

from gateway.rpc.call import MAX_RPCS

_LAST_ANSWERS_S = 30.0
"""So much longer than a stream lasts, a connection that takes no more calls may answer."""

_MIN_PING_INTERVAL_MS = 10_000
_PING_STRIKES = 2
_KEEPALIVE_MS = 60_000
_KEEPALIVE_TIMEOUT_MS = 20_000


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """The limits of connections, and of what comes over all of them together.

    Attributes:
        max_rpcs: how many RPCs are served at once.
        max_age_s: a connection that is older takes no more calls (give or take a tenth, lest all
            be made anew at once), and a stream that lasts for so long is ended.
    """

    max_rpcs: int = MAX_RPCS
    max_age_s: float = 1800.0

    def options(self) -> list[tuple[str, int]]:
        """Return them as options of gRPC's server.

        A stream that began when its connection was told to go lasts for `max_age_s` at most. So
        none is cut off by the end of the grace.
        """
        grace_s = self.max_age_s + _LAST_ANSWERS_S
        return [
            ("grpc.max_connection_age_ms", int(self.max_age_s * 1000)),
            ("grpc.max_connection_age_grace_ms", int(grace_s * 1000)),
            # Clients that have gone without a word are found; those that ping for nothing are told
            # to calm down.
            ("grpc.keepalive_time_ms", _KEEPALIVE_MS),
            ("grpc.keepalive_timeout_ms", _KEEPALIVE_TIMEOUT_MS),
            ("grpc.keepalive_permit_without_calls", 1),
            ("grpc.http2.min_recv_ping_interval_without_data_ms", _MIN_PING_INTERVAL_MS),
            ("grpc.http2.max_ping_strikes", _PING_STRIKES),
        ]
