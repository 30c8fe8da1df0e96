"""Sends batches on an Ingest stream, and on another where one breaks.

No more batches are under way than the window holds: the gateway's acknowledgements decide how fast
the file is read.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from random import Random

from gateway.importing.batch import Batch
from gateway.importing.exchange import Connect, Exchange, Interrupted
from gateway.importing.patience import Patience
from gateway.importing.window import Settled, Window

MAX_UNDER_WAY = 32
"""Most batches that are sent and not acknowledged."""


class Transmission:
    """The way of one file's batches to the gateway.

    Args:
        connect: opens a stream.
        settled: told of each batch once nothing of it is open, in the order of the file.
        pausing: told why a stream broke and how long the pause before the next is, in seconds.
        patience: how often to try again.
        sleep: waits so many seconds.
    """

    def __init__(
        self,
        connect: Connect,
        *,
        settled: Callable[[Settled], None],
        pausing: Callable[[Interrupted, float], None],
        patience: Patience | None = None,
        random: Random | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._connect = connect
        self._tell_settled = settled
        self._tell_pausing = pausing
        self._patience = patience or Patience()
        self._random = random or Random()
        self._sleep = sleep
        self._window = Window(MAX_UNDER_WAY)
        self._answered = asyncio.Event()
        self._failures = 0

    async def send(self, batches: Iterable[Batch]) -> None:
        """Send all batches and return when every one is settled.

        Raises:
            Interrupted: streams broke again and again without anything being acknowledged.
            Rejected: the gateway does not take them.
        """
        remaining = iter(batches)
        while True:
            try:
                await self._stream(remaining)
            except Interrupted as error:
                await self._pause(error)
            else:
                return

    async def _pause(self, error: Interrupted) -> None:
        self._failures += 1
        pause_s = self._patience.pause_s(self._failures, error.retry_after_s, self._random)
        if pause_s is None:
            raise error
        self._tell_pausing(error, pause_s)
        await self._sleep(pause_s)

    async def _stream(self, remaining: Iterator[Batch]) -> None:
        """Send what is open and what remains on one stream."""
        async with self._connect() as exchange:
            receiving = asyncio.create_task(self._receive(exchange))
            sending = asyncio.create_task(self._send(exchange, remaining))
            try:
                await asyncio.wait({receiving, sending}, return_when=asyncio.FIRST_COMPLETED)
                if sending.done():
                    sending.result()
                await receiving
                if self._window.open:
                    raise Interrupted("the gateway ended the stream before all was answered")
            finally:
                receiving.cancel()
                sending.cancel()
                await asyncio.gather(receiving, sending, return_exceptions=True)

    async def _send(self, exchange: Exchange, remaining: Iterator[Batch]) -> None:
        for batch in self._window.open:
            await self._send_one(exchange, batch)
        await self._room()
        for batch in remaining:
            self._settle(self._window.add(batch))
            await self._send_one(exchange, batch)
            await self._room()
        await exchange.end()

    async def _send_one(self, exchange: Exchange, batch: Batch) -> None:
        if batch.request is not None:
            await exchange.send(batch.request)

    async def _room(self) -> None:
        while self._window.is_full:
            self._answered.clear()
            await self._answered.wait()

    async def _receive(self, exchange: Exchange) -> None:
        while (response := await exchange.receive()) is not None:
            settled = self._window.answered(response)
            if settled:
                self._failures = 0
            self._settle(settled)
            self._answered.set()

    def _settle(self, settled: Iterable[Settled]) -> None:
        for one in settled:
            self._tell_settled(one)
