"""A client's connection to the gateway: made again when it breaks, calls tried again with it."""

import asyncio
from collections.abc import Callable

import grpc

from gateway.cli.failure import Failure
from gateway.identity import CALLER_HEADER
from tests.chaos.ledger import Ledger

CALL_S = 10.0
"""How long a call may take."""

_AGAIN_S = 0.2
_MAX_WAIT_S = 1.0
_EXPECTED = frozenset({"UNAVAILABLE", "RESOURCE_EXHAUSTED", "DEADLINE_EXCEEDED"})

# gRPC itself says these, without a reason of the gateway's. INTERNAL is what the client's library
# makes of a message that it writes to a stream while the server's answer is on its way ("Internal
# error from Core"), whatever that answer is. CANCELLED is what a server says of a call that it had
# handed to nobody when it was told to stop.
_OF_GRPC = frozenset({"INTERNAL", "CANCELLED"})

# A subchannel pool of its own makes it a connection of its own.
_OPTIONS = (
    ("grpc.enable_http_proxy", 0),
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.initial_reconnect_backoff_ms", 50),
    ("grpc.min_reconnect_backoff_ms", 50),
    ("grpc.max_reconnect_backoff_ms", 300),
)

Locate = Callable[[], str]
"""Says where the gateway listens at the moment."""


def metadata(caller: str) -> tuple[tuple[str, str], ...]:
    """Return the metadata of a caller's calls."""
    return ((CALLER_HEADER, caller),)


class Connection:
    """One connection. Everything that fails is noted in the ledger.

    Args:
        locate: asked whenever the connection is made.
        ledger: where the answers are noted.
    """

    def __init__(self, locate: Locate, ledger: Ledger) -> None:
        self._locate = locate
        self._ledger = ledger
        self._address = ""
        self._channels: list[grpc.aio.Channel] = []

    def channel(self) -> grpc.aio.Channel:
        """Return a channel to where the gateway listens now."""
        if not self._channels:
            self._open(self._locate())
        return self._channels[-1]

    def _open(self, address: str) -> None:
        self._address = address
        self._channels.append(grpc.aio.insecure_channel(address, options=_OPTIONS))

    async def failed(self, rpc: str, error: grpc.aio.AioRpcError) -> bool:
        """Note an error, wait a little, and look anew where the gateway listens.

        Args:
            rpc: what was called.
            error: what the call raised.

        Returns:
            Whether it is an error after which a client tries again.
        """
        failure = Failure.of(error.code(), error.details(), tuple(error.trailing_metadata() or ()))
        of_grpc = failure.code in _OF_GRPC and not failure.reason
        self._ledger.answers[f"{failure.code} by gRPC" if of_grpc else failure.code] += 1
        if failure.code not in _EXPECTED and not of_grpc:
            self._ledger.anomalies[f"{rpc} answered {failure.lines()[0]}"] += 1
            return False
        await asyncio.sleep(min(failure.retry_after_s or _AGAIN_S, _MAX_WAIT_S))
        # Calls that are still under way keep an old channel until the end.
        if (address := self._locate()) != self._address:
            self._open(address)
        return True

    async def close(self) -> None:
        """Close all channels; calls under way are cancelled."""
        for channel in self._channels:
            await channel.close()
        self._channels.clear()
