"""Ingest asks delivery: over its absence, its restart, and its errors."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from gateway.outbox import outcome_link
from gateway.outbox.interface import DELIVERED, PENDING, OutboxUnavailable, Outcome, Position
from gateway.outbox.link_client import LinkClient
from gateway.outbox.link_frames import (
    MAX_FRAME_BYTES,
    MAX_FRAME_MESSAGES,
    FrameWriter,
    LinkBroken,
    read_frame,
    written,
)
from gateway.outbox.link_server import LinkServer
from gateway.outbox.outcome_link import RemoteOutcomes, outcome_handlers

POSITION = Position((1, 2), 0, 3, records=2)


class Delivery:
    """Knows outcomes when it is told to."""

    def __init__(self) -> None:
        self.known = asyncio.Event()
        self.waiting = 0

    async def outcomes(self, positions: Sequence[Position]) -> list[tuple[Outcome, ...]]:
        self.waiting += 1
        try:
            await self.known.wait()
        finally:
            self.waiting -= 1
        return [(DELIVERED,) * position.records for position in positions]

    async def outcomes_so_far(self, positions: Sequence[Position]) -> list[tuple[Outcome, ...]]:
        outcome = DELIVERED if self.known.is_set() else PENDING
        return [(outcome,) * position.records for position in positions]


@pytest.fixture
def address(tmp_path: Path) -> str:
    """Return where delivery would listen."""
    return str(tmp_path / "link")


@pytest.fixture
async def client(address: str) -> AsyncIterator[LinkClient]:
    """Return the end of an ingest process."""
    opened = LinkClient(address)
    yield opened
    await opened.close()


async def _serve(address: str, handlers: Any) -> LinkServer:
    server = LinkServer(address, handlers)
    await server.start()
    return server


async def _until_waiting(delivery: Delivery, count: int) -> None:
    async with asyncio.timeout(60):
        while delivery.waiting != count:  # noqa: ASYNC110 - the other side of a socket sets it
            await asyncio.sleep(0.001)


async def test_outcomes_are_waited_for_over_a_restart_of_delivery(
    address: str, client: LinkClient
) -> None:
    """Who waits asks the next delivery process, and one that is not there yet."""
    asking = asyncio.ensure_future(RemoteOutcomes(client).outcomes([POSITION]))
    first, second = Delivery(), Delivery()
    server = await _serve(address, outcome_handlers(first))
    await _until_waiting(first, 1)
    await server.close()
    assert first.waiting == 0
    server = await _serve(address, outcome_handlers(second))
    await _until_waiting(second, 1)
    assert not asking.done()
    second.known.set()
    assert await asking == [(DELIVERED, DELIVERED)]
    await server.close()


async def test_a_wait_that_is_given_up_is_given_up_there_too(
    address: str, client: LinkClient
) -> None:
    """Delivery does not go on waiting for somebody who has left."""
    delivery = Delivery()
    server = await _serve(address, outcome_handlers(delivery))
    asking = [asyncio.ensure_future(RemoteOutcomes(client).outcomes([POSITION])) for _ in range(2)]
    await _until_waiting(delivery, 2)
    asking[0].cancel()
    await _until_waiting(delivery, 1)
    delivery.known.set()
    assert await asking[1] == [(DELIVERED, DELIVERED)]
    await server.close()


async def test_without_delivery_all_is_pending(
    client: LinkClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A caller near its deadline gets its answer."""
    monkeypatch.setattr(outcome_link, "_ASK_TIMEOUT_S", 0.01)
    assert await RemoteOutcomes(client).outcomes_so_far([POSITION]) == [(PENDING, PENDING)]


async def test_with_delivery_it_says_how_things_are(
    address: str, client: LinkClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without waiting for what is pending."""
    monkeypatch.setattr(outcome_link, "_ASK_TIMEOUT_S", 60.0)
    delivery = Delivery()
    server = await _serve(address, outcome_handlers(delivery))
    remote = RemoteOutcomes(client)
    assert await remote.outcomes_so_far([POSITION, POSITION]) == [(PENDING, PENDING)] * 2
    delivery.known.set()
    assert await remote.outcomes_so_far([POSITION]) == [(DELIVERED, DELIVERED)]
    await server.close()


async def test_what_delivery_cannot_do_is_told(address: str, client: LinkClient) -> None:
    """An expected error with its message, another one without."""

    async def unavailable(_: dict[str, Any]) -> None:
        raise OutboxUnavailable("the disk is full")

    async def unforeseen(_: dict[str, Any]) -> None:
        raise RuntimeError("of no interest")

    server = await _serve(address, {"a": unavailable, "b": unforeseen})
    with pytest.raises(OutboxUnavailable, match="the disk is full"):
        await client.ask("a")
    for op in ("b", "nothing of that name"):
        with pytest.raises(OutboxUnavailable, match="delivery failed to answer"):
            await client.ask(op)
    await server.close()


async def test_answers_find_who_asked(address: str, client: LinkClient) -> None:
    """They come in whatever order, and may be large."""

    async def echo(message: dict[str, Any]) -> Any:
        await asyncio.sleep(0.001 * (5 - message["n"]))
        return message["n"], "ü" * 100_000

    server = await _serve(address, {"echo": echo})
    found = await asyncio.gather(*(client.ask("echo", n=n) for n in range(5)))
    assert found == [[n, "ü" * 100_000] for n in range(5)]
    await server.close()


async def test_what_cannot_be_said_harms_nobody_else(address: str, client: LinkClient) -> None:
    """Neither as a question nor as an answer."""

    async def echo(message: dict[str, Any]) -> Any:
        return message["n"]

    async def unsayable(_: dict[str, Any]) -> Any:
        return b"bytes"

    server = await _serve(address, {"echo": echo, "unsayable": unsayable})
    found = await asyncio.gather(
        client.ask("echo", n=1),
        client.ask("echo", n=b"bytes"),
        client.ask("unsayable"),
        client.ask("echo", n=2),
        return_exceptions=True,
    )
    first, unsaid, unanswered, last = found
    assert (first, last) == (1, 2)
    assert (type(unsaid), type(unanswered)) == (TypeError, OutboxUnavailable)
    await server.close()


async def test_what_is_asked_in_one_turn_goes_together(address: str, client: LinkClient) -> None:
    """Up to so much; nothing of it is lost or sent twice."""
    frames: list[int] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers = FrameWriter(writer)
        with suppress(LinkBroken):
            while True:
                asked = await read_frame(reader)
                frames.append(len(asked))
                for one in asked:
                    answers.put(written({"id": one["id"], "result": one["n"]}))
        writer.close()

    server = await asyncio.start_unix_server(answer, address)
    count = MAX_FRAME_MESSAGES + 44
    for _ in ("before there is a connection", "over it"):
        frames.clear()
        found = await asyncio.gather(*(client.ask("n", n=n) for n in range(count)))
        assert (found, frames) == ([*range(count)], [MAX_FRAME_MESSAGES, 44])
    server.close()


@pytest.mark.parametrize(
    "sent",
    [
        b"\x00\x00\x00\x05{}",
        b"\x00\x00\x00\x02no",
        (MAX_FRAME_BYTES + 1).to_bytes(4, "big") + b"x",
        b"",
    ],
)
async def test_who_speaks_otherwise_is_hung_up_on(address: str, sent: bytes) -> None:
    """And nobody else is."""

    async def one(_: dict[str, Any]) -> int:
        return 1

    server = await _serve(address, {"one": one})
    reader, writer = await asyncio.open_unix_connection(address)
    writer.write(sent)
    writer.write_eof()
    assert await reader.read() == b""
    writer.close()
    reader, writer = await asyncio.open_unix_connection(address)
    FrameWriter(writer).put(written({"id": 7, "op": "one"}))
    length = int.from_bytes(await reader.readexactly(4), "big")
    assert json.loads(await reader.readexactly(length)) == [{"id": 7, "result": 1}]
    writer.close()
    await server.close()
