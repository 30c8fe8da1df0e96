"""What lies between the two tasks of a stream: one admits its requests, one acknowledges them."""

import asyncio
from collections import deque
from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from gateway.acceptance import Admission, Prepared
from gateway.routing.limits import Held
from gateway.rpc.admission import count_accepted


class _UnderWay(NamedTuple):
    """A request that is admitted and not yet acknowledged."""

    sequence: int
    admission: Admission
    held: Held

    @property
    def is_durable(self) -> bool:
        stored = self.admission.stored
        return stored.done() and not stored.cancelled() and stored.exception() is None

    def settle(self) -> None:
        """Count its records, which are on disk, and let go of its caller's limits."""
        self.held.release()
        count_accepted(self.admission.prepared)


class Window:
    """The requests of a stream that are under way, in their order, and then its end.

    Args:
        most: how many requests may be in it.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._requests: deque[_UnderWay] = deque()
        self._has_room = asyncio.Event()
        self._has_news = asyncio.Event()
        self._error: Exception | None = None
        self._ended = False

    async def room(self) -> None:
        """Wait until there is room for a request."""
        while len(self._requests) >= self._most:
            self._has_room.clear()
            await self._has_room.wait()

    def add(self, sequence: int, admission: Admission, held: Held) -> None:
        """Put a request behind the others.

        Args:
            sequence: its number on the stream.
            admission: the request.
            held: what is released when it is acknowledged, or durable after the stream is gone.
        """
        self._requests.append(_UnderWay(sequence, admission, held))
        self._has_news.set()

    def end(self, error: Exception | None = None) -> None:
        """Let nothing follow.

        Args:
            error: what is raised once all is acknowledged.
        """
        self._error, self._ended = error, True
        self._has_news.set()

    async def oldest_is_durable(self) -> bool:
        """Wait until the oldest request is durable; return False at the end of the stream.

        Raises:
            OutboxUnavailable: it was not stored.
            GatewayError: what the stream ended with.
        """
        while not self._requests:
            if self._error is not None:
                raise self._error
            if self._ended:
                return False
            self._has_news.clear()
            await self._has_news.wait()
        await self._requests[0].admission.stored
        return True

    def take_durable(self) -> Iterator[tuple[int, Prepared]]:
        """Yield sequence and content of each durable request, up to the first that is not yet."""
        while self._requests and self._requests[0].is_durable:
            request = self._requests.popleft()
            self._has_room.set()
            request.settle()
            yield request.sequence, request.admission.prepared

    def abandon(self) -> None:
        """Settle what is left when it has been stored, though nobody is told."""
        for request in self._requests:
            request.admission.stored.add_done_callback(partial(_settle, request))


def _settle(request: _UnderWay, _: object) -> None:
    if request.is_durable:
        request.settle()
    else:
        request.held.release()
