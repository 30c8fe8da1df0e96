"""The errors that only the RPC layer knows."""

from gateway.errors import GatewayError


class MalformedMessage(GatewayError):
    """Expected error: the bytes are no message of the type.

    Attributes:
        field: the path of the field at which they stop making sense; empty where it is unknown.
    """

    def __init__(self, message_type: str, field: str, problem: str) -> None:
        where = f" at {field}" if field else ""
        super().__init__(f"the request is no {message_type}{where}: {problem}")
        self.field = field
        self.problem = problem


class MessageTooLarge(GatewayError):
    """Expected error: the message is larger than the gateway takes."""

    def __init__(self, size_bytes: int, limit_bytes: int) -> None:
        super().__init__(
            f"the message has {size_bytes} bytes and the limit is {limit_bytes}: "
            f"send fewer records in each"
        )
        self.limit_bytes = limit_bytes


class SequenceNotRising(GatewayError):
    """Expected error: a sequence number of an Ingest stream is not above the one before it."""

    def __init__(self, sequence: int, before: int) -> None:
        super().__init__(f"sequence {sequence} came after {before}: each must be above the last")


class Draining(GatewayError):
    """Expected error: this gateway is stopping and takes no more."""

    def __init__(self) -> None:
        super().__init__("this gateway is stopping; send what was not acknowledged to another")


class StreamEnded(GatewayError):
    """Expected error: a stream has lasted as long as one may; nothing of it is lost."""

    def __init__(self) -> None:
        super().__init__(
            "the stream has lasted as long as one may; open another, and send on it what was not"
            " acknowledged"
        )


class Overloaded(GatewayError):
    """Expected error: the gateway has as many RPCs under way as it serves at once.

    Attributes:
        retry_after_s: when some of them may have ended, in seconds.
    """

    def __init__(self, most: int, retry_after_s: float) -> None:
        super().__init__(
            f"the gateway has {most} RPCs under way, as many as it serves at once; nothing was"
            " stored"
        )
        self.retry_after_s = retry_after_s


class DeadlinePassed(GatewayError):
    """Expected error: the call's deadline passed before it was begun; nothing was stored."""

    def __init__(self) -> None:
        super().__init__("the deadline passed before the gateway came to it; nothing was stored")


class NotImplementedYet(GatewayError):
    """Expected error: the RPC is part of the API, but this release does not serve it."""

    def __init__(self, method: str) -> None:
        super().__init__(f"this release of the gateway does not serve {method} yet")


class Unforeseen(GatewayError):
    """Unexpected error: what happened stands in the log, under the error ID."""

    def __init__(self, error_id: str) -> None:
        super().__init__(
            f"the gateway failed in a way that nobody foresaw; its log tells more of {error_id}"
        )
        self.error_id = error_id
