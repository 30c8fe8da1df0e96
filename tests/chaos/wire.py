"""Stands before the emulator and sees each call: lets it through, refuses it, or cuts it off."""

import json
from collections.abc import Callable, Mapping, Sequence
from enum import Enum, auto
from typing import Any

import aiohttp
from aiohttp import web

from tests.chaos.messages import BAD

Element = Mapping[str, Any]


class Verdict(Enum):
    """What becomes of a call."""

    FORWARD = auto()
    REFUSE = auto()
    CUT_OFF = auto()


Judge = Callable[[Sequence[Element]], Verdict]


def refuse_bad(elements: Sequence[Element]) -> Verdict:
    """Refuse a call with a bad record among its records, as Personalize does."""
    return Verdict.REFUSE if any(map(_is_bad, elements)) else Verdict.FORWARD


def _is_bad(element: Element) -> bool:
    if "eventId" in element:
        return str(element["eventId"]).startswith(f"{BAD}-")
    return bool(json.loads(element["properties"])["mark"] == BAD)


class Wire:
    """An HTTP server that hands calls on to the emulator.

    Attributes:
        calls_refused: how many it refused.
        refused_alone: how many of them had one record.
    """

    def __init__(self, emulator_url: str, judge: Judge) -> None:
        self.calls_refused = 0
        self.refused_alone = 0
        self.url = ""
        self._emulator_url = emulator_url
        self._judge = judge
        application = web.Application(client_max_size=16 * 1024 * 1024)
        application.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
        self._session = aiohttp.ClientSession(auto_decompress=False)

    async def start(self) -> None:
        """Listen."""
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def close(self) -> None:
        """Let go of everything."""
        await self._runner.cleanup()
        await self._session.close()

    async def _handle(self, request: web.Request) -> web.Response:
        body = await request.read()
        elements = _elements(body)
        verdict = self._judge(elements)
        if verdict is Verdict.REFUSE:
            return self._refusal(elements)
        if verdict is Verdict.CUT_OFF:
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        return await self._forwarded(request, body)

    def _refusal(self, elements: Sequence[Element]) -> web.Response:
        self.calls_refused += 1
        self.refused_alone += len(elements) == 1
        return web.json_response(
            {"message": "A record that the harness refuses"},
            status=400,
            headers={"x-amzn-ErrorType": "InvalidInputException"},
        )

    async def _forwarded(self, request: web.Request, body: bytes) -> web.Response:
        """Hand a call on as it came: the host that was signed is this one."""
        async with self._session.request(
            request.method,
            self._emulator_url + request.raw_path,
            data=body,
            headers=request.headers,
        ) as answer:
            kept = {
                name: value
                for name, value in answer.headers.items()
                if name.lower().startswith("x-amzn-") or name in ("Content-Type", "Date")
            }
            return web.Response(status=answer.status, body=await answer.read(), headers=kept)


def _elements(body: bytes) -> Sequence[Element]:
    document = json.loads(body)
    found: Sequence[Element] = document.get("eventList") or document.get("items") or ()
    return found
