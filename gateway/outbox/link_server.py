"""Delivery's end of the socket on which ingest processes ask it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

import structlog

from gateway.errors import GatewayError
from gateway.outbox.link_frames import (
    FrameWriter,
    LinkBroken,
    Message,
    hang_up,
    read_frame,
    written,
)

log = structlog.get_logger()

Handler = Callable[[Message], Awaitable[Any]]
"""Takes a message, returns what JSON can say; a `GatewayError` is told to who asked."""


class LinkServer:
    """Answers each message with what the handler of its `op` returns, each for itself.

    Args:
        address: path of the Unix socket; taken from who had it before.
        handlers: by operation.
    """

    def __init__(self, address: str, handlers: Mapping[str, Handler]) -> None:
        self._address = address
        self._handlers = handlers
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listen.

        Raises:
            OSError: the address cannot be had.
        """
        self._server = await asyncio.start_unix_server(self._accept, self._address)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving = asyncio.create_task(self._serve(reader, writer), name="link")
        self._connections.add(serving)
        serving.add_done_callback(self._connections.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answering: dict[int, asyncio.Task[None]] = {}
        answers = FrameWriter(writer)
        try:
            while True:
                for message in await read_frame(reader):
                    if "cancel" not in message:
                        number = message["id"]
                        answering[number] = asyncio.create_task(self._answer(message, answers))
                        answering[number].add_done_callback(partial(_forget, answering, number))
                    elif message["cancel"] in answering:
                        answering[message["cancel"]].cancel()
        except LinkBroken:
            pass
        finally:
            for one in list(answering.values()):
                one.cancel()
            await hang_up(writer)

    async def _answer(self, message: Message, answers: FrameWriter) -> None:
        number = message["id"]
        try:
            result = await self._handlers[message["op"]](message)
            answers.put(written({"id": number, "result": result}))
        except GatewayError as error:
            answers.put(written({"id": number, "error": str(error)}))
        except Exception:
            log.exception("a question of an ingest process failed", op=message["op"])
            answers.put(written({"id": number, "error": "delivery failed to answer"}))

    async def close(self) -> None:
        """Hang up. Who waits for an answer asks again when there is another server."""
        if self._server is not None:
            self._server.close()
        for serving in list(self._connections):
            serving.cancel()
        if self._connections:
            await asyncio.wait(self._connections)


def _forget(answering: dict[int, asyncio.Task[None]], number: int, _: asyncio.Task[None]) -> None:
    answering.pop(number, None)
