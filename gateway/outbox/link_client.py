"""The end of an ingest process of the socket on which it asks delivery."""

import asyncio
import contextlib
from itertools import count
from typing import Any, NamedTuple

from gateway.outbox.interface import OutboxUnavailable
from gateway.outbox.link_frames import (
    FrameWriter,
    LinkBroken,
    Message,
    hang_up,
    read_frame,
    written,
)

_MIN_PAUSE_S = 0.02
_MAX_PAUSE_S = 1.0


class _Question(NamedTuple):
    message: bytes
    answered: asyncio.Future[Any]


class LinkClient:
    """Asks delivery. While it is away, questions wait; when it is back, they are asked again.

    So an operation must be harmless to be done twice.

    Args:
        address: path of the Unix socket.
    """

    def __init__(self, address: str) -> None:
        self._address = address
        self._numbers = count(1)
        self._open: dict[int, _Question] = {}
        self._writer: FrameWriter | None = None
        self._keeping: asyncio.Task[None] | None = None

    async def ask(self, op: str, **arguments: object) -> Any:  # noqa: ANN401 - what JSON can say
        """Ask, and wait for the answer as long as it takes; cancel to give up.

        Raises:
            OutboxUnavailable: delivery could not do it.
        """
        if self._keeping is None:
            self._keeping = asyncio.create_task(self._keep_connected(), name="link to delivery")
        number = next(self._numbers)
        asked = written({"id": number, "op": op, **arguments})
        question = _Question(asked, asyncio.get_running_loop().create_future())
        self._open[number] = question
        self._send(asked)
        try:
            return await question.answered
        finally:
            del self._open[number]
            if question.answered.cancelled():
                self._send(written({"cancel": number}))

    def _send(self, message: bytes) -> None:
        if self._writer is not None:
            self._writer.put(message)

    async def _keep_connected(self) -> None:
        pause_s = _MIN_PAUSE_S
        while True:
            try:
                reader, writer = await asyncio.open_unix_connection(self._address)
            except OSError:
                await asyncio.sleep(pause_s)
                pause_s = min(2 * pause_s, _MAX_PAUSE_S)
                continue
            pause_s = _MIN_PAUSE_S
            try:
                await self._listen(reader, writer)
            finally:
                await hang_up(writer)

    async def _listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Ask what is open, and take answers until the connection breaks."""
        self._writer = FrameWriter(writer)
        for question in self._open.values():
            self._writer.put(question.message)
        try:
            while True:
                for answer in await read_frame(reader):
                    self._take(answer)
        except LinkBroken:
            return
        finally:
            self._writer = None

    def _take(self, answer: Message) -> None:
        question = self._open.get(answer["id"])
        if question is None or question.answered.done():
            return
        if "error" in answer:
            question.answered.set_exception(OutboxUnavailable(answer["error"]))
        else:
            question.answered.set_result(answer["result"])

    async def close(self) -> None:
        """Hang up. Nobody may wait for an answer any more."""
        if self._keeping is not None:
            self._keeping.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeping
            self._keeping = None
