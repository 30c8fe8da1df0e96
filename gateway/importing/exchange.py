"""What an import asks of the network: an Ingest stream.

The implementation that speaks gRPC is `gateway.cli.ingest_stream`.
"""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from personalize_gateway.v1.ingest_service_pb2 import IngestRequest, IngestResponse

from gateway.errors import GatewayError


class Interrupted(GatewayError):
    """Expected error: the stream is broken; what was not acknowledged can be sent on another.

    Attributes:
        retry_after_s: the wait that the gateway asked for, in seconds; 0 where it asked for none.
    """

    def __init__(self, message: str, retry_after_s: float = 0.0) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Rejected(GatewayError):
    """Expected error: the gateway will not take this import as it is."""


class Exchange(Protocol):
    """One stream. One task sends, another receives.

    `receive` raises `Interrupted` or `Rejected` once the stream has ended otherwise than well;
    the other two may, or do nothing.
    """

    async def send(self, request: IngestRequest) -> None:
        """Send a request, perhaps later."""

    async def end(self) -> None:
        """Say that no more requests come."""

    async def receive(self) -> IngestResponse | None:
        """Return the next answer; None when everything is answered and the stream has ended."""


Connect = Callable[[], AbstractAsyncContextManager[Exchange]]
"""Opens a stream; leaving the context abandons it."""
